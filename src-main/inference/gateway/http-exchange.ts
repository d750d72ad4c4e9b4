/** What the handlers ask of a request and its answer, whoever reads and writes them: Node's server or http-fast.ts. */
import type { IncomingHttpHeaders } from 'node:http';

export type Ask = {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
};

export type Reply = {
  readonly headersSent: boolean;
  /** The client is gone. */
  readonly destroyed: boolean;
  /** `headers` is a flat list of names and values. */
  writeHead(status: number, headers: string[]): unknown;
  write(chunk: string | Uint8Array): unknown;
  end(): unknown;
  end(chunk: string | Uint8Array): unknown;
  end(chunk: string | Uint8Array, encoding: 'latin1' | 'utf8'): unknown;
  /** Ends with text of `textBytes` in UTF-8 and `tail` bytes in parts, copied before it returns; where there is a cheap way. */
  endParts?(text: string, textBytes: number, parts: readonly Uint8Array[], tail: number): void;
  cork(): void;
  destroy(): unknown;
  /** Once the client is gone or the answer written. */
  on(event: 'close', listener: () => void): unknown;
};

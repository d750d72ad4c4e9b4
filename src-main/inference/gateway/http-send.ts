/** Writing answers: one write where it is short, compressed where the client asks for it. */
import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';
import type { LatheError } from '../../contract/errors.ts';
import type { EncodedAnswer } from './http-answer.ts';
import type { Reply } from './http-exchange.ts';

/** Below it a packet is a packet; compressing would only cost time. */
const COMPRESS_FROM_BYTES = 1024;
/** Up to it the parts of an answer are copied together, which is cheaper than a write for each. */
const COPY_UP_TO_BYTES = 64 * 1024;
/** Tensors hardly shrink; a higher level would only be slower. */
const OPTIONS = { level: constants.Z_BEST_SPEED };
const PACK = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;
export type Encoding = keyof typeof PACK;

/** An estimate may be far off, and a client that waits minutes for it is lost. */
const RETRY_AT_MOST_S = 30;

/** Whole seconds, as the header wants them. */
export function retryAfter({ details }: Pick<LatheError, 'details'>): string {
  const ms = typeof details.retryAfterMs === 'number' ? details.retryAfterMs : 1000;
  return String(Math.min(RETRY_AT_MOST_S, Math.max(1, Math.ceil(ms / 1000))));
}

/** Headers as a flat list of names and values, which costs less than an object. */
export function send(
  response: Reply,
  status: number,
  text: string,
  headers: string[] = [],
  type = 'application/json',
): void {
  const bytes = Buffer.byteLength(text);
  headers.push('Content-Type', type, 'Content-Length', String(bytes));
  response.writeHead(status, headers);
  // As many bytes as characters means plain ASCII, which needs no encoding pass.
  response.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

/** `accepted` is the request's Accept-Encoding. */
export function sendAnswer(
  response: Reply,
  answer: EncodedAnswer<string | Buffer>,
  headers: string[],
  accepted: string | undefined,
): void {
  const { text, parts } = answer;
  let tail = 0;
  for (const part of parts) tail += part.byteLength;
  const encoding = accepted === undefined ? null : chooseEncoding(accepted);
  if (encoding !== null && text.length + tail >= COMPRESS_FROM_BYTES) {
    sendPacked(response, answer, tail, headers, encoding).catch(() => response.destroy());
    return;
  }
  if (tail === 0 && typeof text === 'string') {
    send(response, 200, text, headers);
    return;
  }
  const head = Buffer.byteLength(text);
  headers.push(...typeHeaders(head, tail), 'Content-Length', String(head + tail));
  response.writeHead(200, headers);
  if (head + tail <= COPY_UP_TO_BYTES) {
    if (response.endParts && typeof text === 'string') response.endParts(text, head, parts, tail);
    else response.end(together(text, head, parts, tail));
    return;
  }
  response.cork();
  response.write(text);
  for (const part of parts) response.write(part);
  response.end();
}

/** The length of the JSON that is announced is that before compression. */
function typeHeaders(head: number, tail: number): string[] {
  if (tail === 0) return ['Content-Type', 'application/json'];
  return ['Content-Type', 'application/octet-stream', 'Inference-Header-Content-Length', String(head)];
}

function together(text: string | Buffer, head: number, parts: readonly Uint8Array[], tail: number): Buffer {
  const body = Buffer.allocUnsafe(head + tail);
  if (typeof text === 'string') body.write(text, 0, head, 'utf8');
  else body.set(text, 0);
  let at = head;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return body;
}

async function sendPacked(
  response: Reply,
  { text, parts }: EncodedAnswer<string | Buffer>,
  tail: number,
  headers: string[],
  encoding: Encoding,
): Promise<void> {
  const head = Buffer.byteLength(text);
  const packed = await PACK[encoding](together(text, head, parts, tail), OPTIONS);
  if (response.destroyed) return;
  headers.push(...typeHeaders(head, tail));
  headers.push('Content-Encoding', encoding, 'Content-Length', String(packed.length));
  response.writeHead(200, headers);
  response.end(packed);
}

/** The encoding that Accept-Encoding prefers of those there are; null when it wants none. */
export function chooseEncoding(accepted: string): Encoding | null {
  let best: Encoding | null = null;
  let bestQuality = 0;
  for (const entry of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1);
    const encoding = name === '*' ? 'gzip' : name;
    if (encoding !== 'gzip' && encoding !== 'deflate') continue;
    if (quality > bestQuality || (quality === bestQuality && encoding === 'gzip' && quality > 0)) {
      best = encoding;
      bestQuality = quality;
    }
  }
  return best;
}

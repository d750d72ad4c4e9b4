/**
 * The head of an inference request in its plainest form, which nearly all have: POST to a model's `infer`, HTTP/1.1, a
 * length, no header twice, nothing that would change how the message is read. Whatever is not exactly that is left to
 * Node's parser; so nothing is ever read here in another way than there.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type PlainHead = {
  url: string;
  headers: IncomingHttpHeaders;
  /** Where the body begins and ends. */
  begin: number;
  end: number;
};

/** `more`: what there is so far could become one. */
export type Head = PlainHead | 'more' | 'other';

/** A longer head is Node's to refuse. */
const MAX_HEAD_BYTES = 8 * 1024;
const START = 'POST /v2/models/';
const END = '\r\n\r\n';
/** RFC 9110 §5.6.2: token, and §5.5: field values without control characters. */
const PLAIN =
  /^POST (\/v2\/models\/[\w.~%/-]+\/infer) HTTP\/1\.1\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n$/;
/** Headers that say how the message or the connection goes on. */
const FRAMING: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'content-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
]);

export function readHead(bytes: Buffer, maxBodyBytes: number): Head {
  const headEnd = bytes.indexOf(END, 0, 'latin1');
  if (headEnd < 0) {
    const begun = bytes.toString('latin1', 0, Math.min(bytes.length, START.length));
    return bytes.length < MAX_HEAD_BYTES && START.startsWith(begun) ? 'more' : 'other';
  }
  const begin = headEnd + END.length;
  if (begin > MAX_HEAD_BYTES) return 'other';
  const match = PLAIN.exec(bytes.toString('latin1', 0, begin));
  if (!match) return 'other';
  const [, url = '', lines = ''] = match;
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < lines.length; ) {
    const lineEnd = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    const name = lines.slice(at, colon).toLowerCase();
    if (FRAMING.has(name) || headers[name] !== undefined) return 'other';
    headers[name] = lines.slice(colon + 1, lineEnd).trim();
    at = lineEnd + 2;
  }
  const { host, connection, 'content-length': length = '' } = headers;
  if (!host || !/^\d{1,10}$/.test(length)) return 'other';
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return 'other';
  const bodyBytes = Number(length);
  if (bodyBytes > maxBodyBytes) return 'other';
  return { url, headers, begin, end: begin + bodyBytes };
}

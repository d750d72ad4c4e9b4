/** Reading request bodies with a limit, and refusing those beyond it so that the client gets to know why. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LatheError } from '../../contract/errors.ts';
import { encodeError } from './json-response.ts';

/** How long, and how much, a refused client may go on sending before the connection is cut. */
const DRAIN_MS = 10_000;
const DRAIN_BYTES = 1024 * 1024 * 1024;

/** Calls `done` with the whole body; a body beyond the limit is answered here, with 413, unbuffered. */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  done: (body: Buffer) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    refuse(request, response, limit);
    return;
  }
  let chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    chunks = [];
    request.off('data', onData);
    request.off('end', onEnd);
    refuse(request, response, limit);
  };
  const onEnd = () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
  request.on('data', onData);
  request.on('end', onEnd);
}

/**
 * Sends the whole 413, but ends the exchange only when the client has stopped sending: closing a socket with
 * unread data resets the connection, and the client would see that instead of the answer.
 */
function refuse(request: IncomingMessage, response: ServerResponse, limit: number): void {
  const text = encodeError(new LatheError('LATHE_SERVING_BODY_TOO_LARGE', { limit }).report());
  response.writeHead(413, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  response.write(text);
  let drained = 0;
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, DRAIN_MS);
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > DRAIN_BYTES) request.destroy();
  });
  request.on('end', end);
  request.on('close', end);
}

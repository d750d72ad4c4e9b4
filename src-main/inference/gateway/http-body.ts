/**
 * Reading request bodies with a limit, unpacking compressed ones, and refusing those beyond the limit so that
 * the client gets to know why.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzip, inflate } from 'node:zlib';
import { LatheError } from '../../contract/errors.ts';
import { brief, invalid, unsupported } from './checks.ts';
import { encodeError } from './http-answer.ts';
import { retryAfter } from './http-send.ts';

/** How long, and how much, a refused client may go on sending before the connection is cut. */
const DRAIN_MS = 10_000;
const DRAIN_BYTES = 1024 * 1024 * 1024;

const UNPACK = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate } as const;

/** What all bodies that are being received hold together. */
export type Receiving = {
  bytes: number;
  readonly mostBytes: number;
};

/** What became of reading a body; a body that is too large was answered already. */
export type BodyListener = { read(body: Buffer): void; failed(error: LatheError): void };
/** `full` makes the error of the one that is refused when there is no more room. */
export type Room = { receiving: Receiving; full(): LatheError };

/**
 * Calls `read` with the whole body, unpacked where Content-Encoding says so. The limit holds before and after
 * unpacking; a body beyond it is answered here, with 413, and not kept; so is one that is received when there is no
 * room for it. Throws LATHE_SERVING_UNSUPPORTED for an unknown encoding.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  listener: BodyListener,
  room: Room | null = null,
): void {
  const encoding = request.headers['content-encoding'];
  const unpack = encoding === undefined ? null : unpackerOf(encoding);
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    refuse(request, response, tooLarge(limit));
    return;
  }
  let chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  const release = () => {
    if (room) room.receiving.bytes -= held;
    held = 0;
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    // One that is larger than all the room may still come, alone.
    const isFull =
      room !== null &&
      room.receiving.bytes > held &&
      room.receiving.bytes + chunk.length > room.receiving.mostBytes;
    if (size <= limit && !isFull) {
      chunks.push(chunk);
      if (room) {
        room.receiving.bytes += chunk.length;
        held += chunk.length;
      }
      return;
    }
    chunks = [];
    release();
    request.off('data', onData);
    request.off('end', onEnd);
    refuse(request, response, size > limit || room === null ? tooLarge(limit) : room.full());
  };
  const onEnd = () => {
    release();
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    if (unpack === null) listener.read(body);
    else unpackBody(unpack, encoding ?? '', body, limit, listener);
  };
  request.on('data', onData);
  request.on('end', onEnd);
  request.on('close', release);
}

const tooLarge = (limit: number) => new LatheError('LATHE_SERVING_BODY_TOO_LARGE', { limit });

function unpackerOf(encoding: string): typeof gunzip | null {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return null;
  if (Object.hasOwn(UNPACK, name)) return UNPACK[name as keyof typeof UNPACK];
  throw unsupported(`Content-Encoding '${brief(encoding, 40)}' (gzip and deflate are read)`);
}

/** Off this thread. It stops at the limit, so a small body that unpacks to a huge one costs no more than that. */
function unpackBody(
  unpack: typeof gunzip,
  encoding: string,
  body: Buffer,
  limit: number,
  listener: BodyListener,
): void {
  unpack(body, { maxOutputLength: limit }, (error, unpacked) => {
    if (!error) listener.read(unpacked);
    else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      listener.failed(tooLarge(limit));
    else listener.failed(invalid(`the body is not valid ${encoding} data (${brief(error.message, 80)})`));
  });
}

/**
 * Sends the whole answer, but ends the exchange only when the client has stopped sending: closing a socket with
 * unread data resets the connection, and the client would see that instead of the answer.
 */
function refuse(request: IncomingMessage, response: ServerResponse, error: LatheError): void {
  const text = encodeError(error.report());
  response.writeHead(error.status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...(error.status === 503 && { 'Retry-After': retryAfter(error) }),
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

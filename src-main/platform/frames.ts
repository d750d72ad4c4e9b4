/**
 * Length-prefixed frames over a local stream socket (Unix socket or named pipe), used between engine and
 * gateway and between gateway and runner:
 *
 *   u32le total bytes after this field | u32le header bytes | header (UTF-8 JSON) | body (raw bytes)
 *
 * Spaces after the JSON let the body begin at a multiple of eight, so that typed arrays can stand on it where it lies.
 * The body carries tensors without another encoding. A frame above the limit ends the connection: the peer
 * is one of ours, so it is a bug or an intruder.
 */
import type { Socket } from 'node:net';

export const FRAME_LIMIT_BYTES = 512 * 1024 * 1024;

const ALIGNED = 8;

export type Frame<Header> = { header: Header; body: Buffer };

/** Writes one frame; the parts of the body are not copied together. Returns false when the socket asks to wait. */
export function writeFrame(socket: Socket, header: unknown, body: readonly Uint8Array[] = []): boolean {
  if (socket.destroyed || !socket.writable) return false;
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(text.length + (-Buffer.byteLength(text) & (ALIGNED - 1))));
  let bodyBytes = 0;
  for (const part of body) bodyBytes += part.byteLength;
  const head = Buffer.allocUnsafe(8 + json.length);
  head.writeUInt32LE(4 + json.length + bodyBytes, 0);
  head.writeUInt32LE(json.length, 4);
  json.copy(head, 8);
  if (body.length === 0) return socket.write(head);
  socket.cork();
  socket.write(head);
  let flowing = true;
  for (const part of body) flowing = socket.write(part);
  socket.uncork();
  return flowing;
}

/** Calls `onFrame` for every whole frame that arrives, in order. Bodies are views of a buffer of their own. */
export function readFrames<Header>(
  socket: Socket,
  onFrame: (frame: Frame<Header>) => void,
  limitBytes = FRAME_LIMIT_BYTES,
): void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let needed = 4;

  const take = (): Buffer => {
    const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, buffered);
    chunks = [];
    buffered = 0;
    return whole;
  };

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    buffered += chunk.length;
    if (buffered < needed) return;
    let data = take();
    for (;;) {
      if (data.length < 4) {
        needed = 4;
        break;
      }
      const total = data.readUInt32LE(0);
      if (total < 4 || total > limitBytes) {
        socket.destroy(new Error(`frame of ${total} bytes refused`));
        return;
      }
      if (data.length < 4 + total) {
        needed = 4 + total;
        break;
      }
      const headerBytes = data.readUInt32LE(4);
      if (headerBytes > total - 4) {
        socket.destroy(new Error('frame header longer than the frame'));
        return;
      }
      let header: Header;
      try {
        header = JSON.parse(data.toString('utf8', 8, 8 + headerBytes)) as Header;
      } catch {
        socket.destroy(new Error('frame header is not JSON'));
        return;
      }
      onFrame({ header, body: data.subarray(8 + headerBytes, 4 + total) });
      if (socket.destroyed) return;
      data = data.subarray(4 + total);
    }
    if (data.length > 0) {
      chunks.push(data);
      buffered = data.length;
    }
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Frame, readFrames, writeFrame } from './frames.ts';

let folder: string;
let server: Server;
let near: Socket;
let far: Socket;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-frames-'));
  const path = join(folder, 's.sock');
  server = createServer();
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  near = createConnection(path);
  far = await connected;
  far.on('error', () => {});
});
afterEach(async () => {
  near.destroy();
  far.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves with the first `count` frames; rejects when the connection ends before. */
function frames(count: number, limit?: number): Promise<Frame<unknown>[]> {
  const found: Frame<unknown>[] = [];
  return new Promise((resolve, reject) => {
    readFrames(
      far,
      (frame) => {
        found.push(frame);
        if (found.length === count) resolve(found);
      },
      limit,
    );
    far.once('close', () => reject(new Error(`closed after ${found.length}`)));
  });
}

describe('frames', () => {
  test('any headers and bodies arrive as they were sent, in order, however the bytes are cut', async () => {
    const message = fc.record({
      header: fc.jsonValue(),
      body: fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        async (sent, cut) => {
          // What writeFrame writes, caught, and put through a real socket in pieces of any size.
          const written: Buffer[] = [];
          const sink = {
            destroyed: false,
            writable: true,
            cork() {},
            uncork() {},
            write: (b: Buffer) => written.push(Buffer.from(b)),
          };
          for (const { header, body } of sent) writeFrame(sink as unknown as Socket, header, body);
          const bytes = Buffer.concat(written);
          far.removeAllListeners('data').removeAllListeners('close');
          const arrived = frames(sent.length);
          for (let at = 0; at < bytes.length; at += cut) near.write(bytes.subarray(at, at + cut));
          const received = await arrived;
          expect(received.map(({ header }) => header)).toEqual(
            sent.map(({ header }) => JSON.parse(JSON.stringify(header))),
          );
          expect(received.map(({ body }) => body.toString('hex'))).toEqual(
            sent.map(({ body }) => Buffer.concat(body).toString('hex')),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a body lies where numbers of eight bytes can be read, whatever its header is', async () => {
    const names = ['', 'a', 'ab', 'é', 'abcd', '€uro', 'abcdef', 'abcdefgh'];
    const arrived = frames(names.length);
    for (const name of names) writeFrame(near, { name }, [Buffer.alloc(16, 1)]);
    for (const [at, { header, body }] of (await arrived).entries()) {
      expect(header).toEqual({ name: names[at] });
      expect(body.byteOffset % 8).toBe(0);
    }
  });

  test('a large body goes through whole', async () => {
    const body = Buffer.alloc(20_000_000, 7);
    const arrived = frames(1);
    writeFrame(near, { n: 1 }, [body.subarray(0, 5), body.subarray(5)]);
    const [frame] = await arrived;
    expect(frame?.body.equals(body)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['longer than the limit', Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])],
    ['too short for a header', Buffer.from([1, 0, 0, 0, 0])],
    ['with a header longer than itself', Buffer.from([8, 0, 0, 0, 200, 0, 0, 0, 1, 2, 3, 4])],
    ['with a header that is not JSON', Buffer.from([6, 0, 0, 0, 2, 0, 0, 0, 0x7b, 0x7b])],
  ])('a frame %s ends the connection', async (_name, bytes) => {
    const arrived = frames(1, 1_000);
    near.write(bytes);
    await expect(arrived).rejects.toThrow('closed after 0');
  });

  test('writing to a connection that is gone says so', () => {
    near.destroy();
    expect(writeFrame(near, {}, [])).toBe(false);
  });
});

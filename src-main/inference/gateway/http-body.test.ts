/** What all bodies hold while they are received: refused beyond it, and given back however a client ends. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { until } from '../testing/stack.ts';
import { readBody } from './http-body.ts';
import { send } from './http-send.ts';

const receiving = { bytes: 0, mostBytes: 100_000 };
let server: Server;
let refused = 0;

beforeEach(async () => {
  refused = 0;
  server = createServer((request, response) =>
    readBody(
      request,
      response,
      150_000,
      { read: (body) => send(response, 200, String(body.length)), failed: () => {} },
      {
        receiving,
        full() {
          refused += 1;
          return new LatheError('LATHE_SERVING_OVERLOADED', { name: 'm', reason: 'full' });
        },
      },
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => void server.close(resolve)));

function client(length = 80_000): { socket: Socket; text: () => string } {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
  return { socket, text: () => text };
}

it('is bounded: the one for whom there is no room is told so, and the others go on', async () => {
  const first = client();
  first.socket.write('a'.repeat(70_000));
  await until('it is held', () => receiving.bytes === 70_000);
  const second = client();
  second.socket.write('a'.repeat(80_000));
  await until('it is refused', () => second.text().includes('LATHE_SERVING_OVERLOADED'));
  expect(second.text()).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 1\r\n/s);
  expect([refused, receiving.bytes]).toEqual([1, 70_000]);
  first.socket.write('a'.repeat(10_000));
  await until('it is answered', () => first.text().endsWith('\r\n80000'));
  expect(receiving.bytes).toBe(0);
  const third = client();
  third.socket.write('a'.repeat(50_000));
  await until('it is held', () => receiving.bytes === 50_000);
  third.socket.destroy();
  await until('it is given back', () => receiving.bytes === 0);
  const alone = client(120_000);
  alone.socket.write('a'.repeat(120_000));
  await until('one larger than all of it is answered', () => alone.text().endsWith('\r\n120000'));
  expect(refused).toBe(1);
});

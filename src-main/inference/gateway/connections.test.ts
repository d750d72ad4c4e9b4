/** Clients that misbehave on the connection itself: slow, silent, half gone, many, gone; the others are served. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { clientOf, rowsOfFour } from '../testing/client.ts';
import { endpoint, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';
import type { Infer } from './http-fast.ts';
import { openHttp } from './http-listener.ts';
import { send } from './http-send.ts';
import type { OpenPort } from './ports.ts';

let stack: Stack;
const { infer } = clientOf(() => stack);
const ask = () => infer('custom', rowsOfFour([[1, 2, 3, 4]]));
const port = () => Number(new URL(stack.url('')).port);

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    models: [stack.model('custom', '1', sampleFile('e2e/fixtures/models/custom-shape.onnx'))],
    endpoints: [endpoint('custom', ['1'])],
  });
  await settled(stack);
});
afterAll(() => stack.close());

const open = (to: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket));
    socket.once('error', reject);
  });
/** Everything the server sends until it ends the connection. */
const untilClosed = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(text));
  });
const body = JSON.stringify(rowsOfFour([[1, 2, 3, 4]]));
const head = (length: number) =>
  `POST /v2/models/custom/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`;
const metric = async (name: string, more = '.*'): Promise<number> => {
  const text = await (await fetch(stack.url('/metrics'))).text();
  return Number(new RegExp(`^${name}\\{model="custom"${more}\\} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
};
const cancelled = () => metric('nv_inference_request_failure', '.*reason="CANCELED"');
type Statistics = { model_stats: { inference_stats: { fail: { count: number; ns: number } } }[] };
const failed = async () => {
  const response = await fetch(stack.url('/v2/models/custom/stats'));
  return ((await response.json()) as Statistics).model_stats[0]?.inference_stats.fail ?? { count: 0, ns: 0 };
};

describe('a slow client', () => {
  /** The gateway's own listener with short times; its real ones are 15 s and two minutes. */
  const listen = (
    infer: Infer | null = null,
    times = { headersMs: 150, requestMs: 600, checkMs: 50 },
  ): Promise<OpenPort> => {
    const log = createLogger('test', `${stack.folder}/logs/test.log`);
    return openHttp(
      (request, response) => {
        request.resume();
        request.on('end', () => send(response, 200, '{}'));
      },
      () => 1_000_000,
      log,
      times,
      infer,
    )('127.0.0.1', 0);
  };
  /** One byte after the other, and the last again and again; returns how to stop. */
  const dribble = (socket: Socket, text: string, everyMs: number): (() => void) => {
    let at = 0;
    const timer = setInterval(() => {
      if (socket.writable) socket.write(text[Math.min(at++, text.length - 1)] as string);
    }, everyMs);
    return () => clearInterval(timer);
  };

  it('that dribbles its headers, or never sends any, is told so and cut off', async () => {
    const server = await listen();
    const dribbling = await open(server.port);
    const timer = setInterval(() => dribbling.writable && dribbling.write('a'), 20);
    dribbling.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ');
    const silent = await open(server.port);
    const [first, second] = await Promise.all([untilClosed(dribbling), untilClosed(silent)]);
    clearInterval(timer);
    expect(first).toMatch(/^HTTP\/1\.1 408 .*"code":"LATHE_INPUT_INVALID"/s);
    expect(second).toMatch(/^HTTP\/1\.1 408 /);
    await server.close();
  });
  it('that dribbles its body is told so and cut off, while others are answered', async () => {
    const server = await listen();
    const dribbling = await open(server.port);
    dribbling.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n');
    const timer = setInterval(() => dribbling.writable && dribbling.write('a'), 20);
    const cut = untilClosed(dribbling);
    const quick = await open(server.port);
    quick.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    expect(await untilClosed(quick)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await cut).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(timer);
    await server.close();
  });
  it('byte by byte on the short way meets the same limits, in its headers and in its body', async () => {
    const short: string[] = [];
    const answer: Infer = (_ask, reply, body) => {
      short.push(body.toString('latin1'));
      send(reply, 200, '{}');
    };
    // The short way waits a second for a request that has begun; then it is Node's, whose times begin there.
    const server = await listen(answer, { headersMs: 1_000, requestMs: 1_500, checkMs: 50 });
    const [slowHead, slowBody, quick] = await Promise.all([
      open(server.port),
      open(server.port),
      open(server.port),
    ]);
    for (const socket of [slowHead, slowBody, quick]) socket.setNoDelay(true);
    const beganMs = performance.now();
    const ended = [slowHead, slowBody].map(async (socket) => {
      const text = await untilClosed(socket);
      return { text, ms: performance.now() - beganMs };
    });
    const fields =
      'POST /v2/models/custom/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\nX-Slow: a';
    slowBody.write(head(1_000));
    const stops = [dribble(slowHead, fields, 20), dribble(slowBody, 'a', 20)];
    // Another dribbles and is in time: it is answered, on the short way.
    const text = head(2);
    let got = '';
    quick.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
    });
    for (const byte of `${text}ab`) {
      quick.write(byte);
      await sleep(1);
    }
    await until('the quick one is answered', () => got.startsWith('HTTP/1.1 200 '));
    for (const { text: told, ms } of await Promise.all(ended)) {
      expect(told).toMatch(/^HTTP\/1\.1 408 /);
      // Not before what is promised, and not much after both limits together.
      expect(ms).toBeGreaterThan(1_000);
      expect(ms).toBeLessThan(10_000);
    }
    for (const stop of stops) stop();
    expect(short.filter((body) => body !== 'ab')).toEqual([]);
    quick.destroy();
    await server.close();
  });
});

describe('a thousand connections that say nothing', () => {
  it('do not keep others from being served', async () => {
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => open(port())));
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    // They are still connected: served beside them, not instead of them.
    expect(sockets.filter((socket) => socket.readyState === 'open').length).toBe(1_000);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a client that goes', () => {
  it('in the middle of its body leaves nothing behind', async () => {
    const before = await metric('nv_inference_request_failure');
    for (const ending of ['destroy', 'end'] as const) {
      const socket = await open(port());
      const closed = untilClosed(socket);
      socket.write(head(body.length) + body.slice(0, 20));
      await sleep(20);
      socket[ending]();
      await closed;
    }
    await ask();
    expect(await metric('nv_inference_request_failure')).toBe(before);
  });

  it('takes what it had queued with it, whether it is gone or only done with sending', async () => {
    const success = await metric('nv_inference_request_success');
    const before = { cancelled: await cancelled(), failed: await failed() };
    process.kill(stack.pid('runner'), 'SIGSTOP');
    try {
      // One is on its way to the runner when another waits.
      const running: ReturnType<typeof ask>[] = [];
      await until('one waits', async () => {
        running.push(ask());
        return (await metric('lathe_queued_rows')) > 0;
      });
      const waiting = await metric('lathe_queued_rows');
      const sockets = await Promise.all(Array.from({ length: 10 }, () => open(port())));
      for (const socket of sockets) socket.write(head(body.length) + body);
      await until('they wait too', async () => (await metric('lathe_queued_rows')) === waiting + 10);
      // Each is of one row.
      expect(await metric('nv_inference_pending_request_count')).toBe(waiting + 10);
      const closed = sockets.map(untilClosed);
      for (const [at, socket] of sockets.entries()) at % 2 === 0 ? socket.destroy() : socket.end();
      await until('they do not', async () => (await metric('lathe_queued_rows')) === waiting);
      expect(await Promise.all(closed)).toEqual(new Array(10).fill(''));
      process.kill(stack.pid('runner'), 'SIGCONT');
      for (const { status } of await Promise.all(running)) expect(status).toBe(200);
      expect(await metric('nv_inference_request_success')).toBe(success + running.length);
      // Each is counted once: as a failure, and as nobody's fault.
      expect(await cancelled()).toBe(before.cancelled + 10);
      const after = await failed();
      expect(after.count).toBe(before.failed.count + 10);
      expect(after.ns).toBeGreaterThan(before.failed.ns);
    } finally {
      process.kill(stack.pid('runner'), 'SIGCONT');
    }
  });

  it('while its request runs is counted as cancelled, and not again as answered', async () => {
    const before = [await cancelled(), await metric('nv_inference_request_success')];
    process.kill(stack.pid('runner'), 'SIGSTOP');
    try {
      const socket = await open(port());
      socket.write(head(body.length) + body);
      // Nothing is in its way: it does not wait, it is on its way to the runner.
      await sleep(100);
      expect(await metric('lathe_queued_rows')).toBe(0);
      const closed = untilClosed(socket);
      socket.destroy();
      await closed;
      await until('it is counted', async () => (await cancelled()) === Number(before[0]) + 1);
    } finally {
      process.kill(stack.pid('runner'), 'SIGCONT');
    }
    await ask();
    expect([await cancelled(), await metric('nv_inference_request_success')]).toEqual([
      Number(before[0]) + 1,
      Number(before[1]) + 1,
    ]);
  });
  it('while its large request is read by another thread is counted too', async () => {
    const before = await cancelled();
    const rows = Array.from({ length: 60_000 }, () => [1.25, 2.5, 3.75, 4.125]);
    const large = JSON.stringify(rowsOfFour(rows));
    process.kill(stack.pid('runner'), 'SIGSTOP');
    try {
      const socket = await open(port());
      await new Promise<void>((resolve) => socket.write(head(large.length) + large, () => resolve()));
      socket.destroy();
      await until('it is counted', async () => (await cancelled()) === before + 1);
    } finally {
      process.kill(stack.pid('runner'), 'SIGCONT');
    }
    await ask();
    expect(await cancelled()).toBe(before + 1);
  });
});

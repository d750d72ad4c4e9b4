/** The short way beside Node's server: the same listener with and without it, and real sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { readBody } from './http-body.ts';
import type { Reply } from './http-exchange.ts';
import { openHttp } from './http-listener.ts';
import { send, sendAnswer } from './http-send.ts';
import type { OpenPort } from './ports.ts';

const LIMIT = 100_000;
/** Of an answer with a tensor after its text. */
const BYTES = 50_000;
let folder: string;
let fast: OpenPort;
let plain: OpenPort;
/** Requests that came the short way and the other, by what they carried. */
let short: string[];
let long: string[];
/** Answers that are held back until they are let go. */
let held: (() => void)[];
let gone: string[];

/** Says what it was asked, some time later where the body says so. */
function answer(headers: IncomingHttpHeaders, reply: Reply, body: Buffer): void {
  const text = body.toString('latin1');
  reply.on('close', () => gone.push(text));
  const say = () => {
    if (!reply.destroyed) send(reply, 200, JSON.stringify({ text, unit: headers['x-lathe-unit'] ?? null }));
  };
  if (text.startsWith('bytes')) {
    const digit = text.slice(6);
    sendAnswer(reply, { text: `{"é":${digit}}`, parts: [Buffer.alloc(BYTES, digit)] }, [], undefined);
  } else if (text.startsWith('hold')) held.push(say);
  else say();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-fast-'));
  [short, long, held, gone] = [[], [], [], []];
  const log = createLogger('test', join(folder, 'test.log'));
  const open = (withFast: boolean) =>
    openHttp(
      (request, response) => {
        readBody(request, response, LIMIT, {
          read(body) {
            long.push(body.toString('latin1'));
            answer(request.headers, response, body);
          },
          failed: (error) => send(response, error.status, error.code),
        });
      },
      () => LIMIT,
      log,
      { headersMs: 3_000, requestMs: 5_000, checkMs: 100 },
      withFast
        ? (ask, reply, body) => {
            short.push(body.toString('latin1'));
            answer(ask.headers, reply, body);
          }
        : null,
    )('127.0.0.1', 0);
  fast = await open(true);
  plain = await open(false);
});
afterEach(async () => {
  await Promise.all([fast.close(), plain.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const request = (body: string, lines: string[] = []) =>
  [
    `POST /v2/models/m/infer HTTP/1.1`,
    'Host: 127.0.0.1',
    `Content-Length: ${body.length}`,
    ...lines,
    '',
    body,
  ].join('\r\n');

type Client = { socket: Socket; text(): string; ended: Promise<string> };
async function client(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text: () => text, ended };
}
/** What the answers carry, in order. */
const texts = (raw: string): string[] =>
  [...raw.matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text as string);
async function eventually(what: () => boolean, ms = 5_000): Promise<void> {
  const endMs = performance.now() + ms;
  while (!what()) {
    if (performance.now() > endMs) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('plain requests', () => {
  it('are answered one after the other on one connection, as Node’s server answers them', async () => {
    const [one, other] = await Promise.all([client(fast.port), client(plain.port)]);
    for (const { socket, text } of [one, other])
      for (let n = 0; n < 50; n++) {
        socket.write(request(`"${n}"`.slice(1, -1), ['X-Lathe-Unit: u']));
        await eventually(() => texts(text()).length === n + 1);
      }
    expect(short).toHaveLength(50);
    const undated = (raw: string) => raw.replace(/Date: [^\r]*/g, 'Date: now');
    expect(undated(one.text())).toBe(undated(other.text()));
    one.socket.end();
    other.socket.end();
  });

  it('are read as they are, whether their head is that of the one before or not', async () => {
    const { socket, text } = await client(fast.port);
    const said = (raw: string) =>
      [...raw.matchAll(/\{"text":"([^"]*)","unit":([^}]*)\}/g)].map(([, body, unit]) => [body, unit]);
    const asked: [string, string | null][] = [
      ...([
        ['one', 'u'],
        ['two', 'u'],
        ['three', 'u'],
        ['two', 'v'],
        ['six', 'v'],
      ] as [string, string][]),
      ...([
        ['longer', 'v'],
        ['two', null],
        ['one', null],
        ['one', 'u'],
      ] as [string, string | null][]),
    ];
    for (const [at, [body, unit]] of asked.entries()) {
      socket.write(request(body, unit === null ? [] : [`X-Lathe-Unit: ${unit}`]));
      await eventually(() => said(text()).length === at + 1);
    }
    expect(said(text())).toEqual(asked.map(([body, unit]) => [body, JSON.stringify(unit)]));
    expect(short).toHaveLength(asked.length);
    socket.end();
  });

  it('sent all at once are answered in their order, each once', async () => {
    const { socket, text } = await client(fast.port);
    const sent = Array.from({ length: 200 }, (_, n) => (n % 7 === 0 ? `hold${n}` : `${n}`));
    socket.write(sent.map((body) => request(body)).join(''));
    await eventually(() => {
      for (const say of held.splice(0)) say();
      return texts(text()).length === sent.length;
    });
    expect(texts(text())).toEqual(sent);
    socket.end();
  });

  it('may come in any pieces', async () => {
    const whole = request('in pieces');
    for (const cut of [1, 5, 16, 30, whole.indexOf('\r\n\r\n') + 2, whole.length - 4, whole.length - 1]) {
      const { socket, text } = await client(fast.port);
      socket.write(whole.slice(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.write(whole.slice(cut));
      await eventually(() => texts(text()).length === 1);
      socket.end();
    }
    expect(short).toHaveLength(7);
  });

  it('that dawdle are Node’s, and are answered all the same', async () => {
    const { socket, text } = await client(fast.port);
    const whole = request('slowly');
    socket.write(whole.slice(0, 40));
    await new Promise((resolve) => setTimeout(resolve, 1_400));
    socket.write(whole.slice(40));
    await eventually(() => texts(text()).length === 1);
    expect([short, long]).toEqual([[], ['slowly']]);
    socket.end();
  });
});

describe('a connection', () => {
  it('goes on at Node’s server from the first request on that is not plain', async () => {
    const { socket, text } = await client(fast.port);
    const chunked =
      'POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthird\r\n0\r\n\r\n';
    socket.write(request('first') + request('second') + chunked + request('fourth'));
    await eventually(() => texts(text()).length === 4);
    expect(texts(text())).toEqual(['first', 'second', 'third', 'fourth']);
    expect([short, long]).toEqual([
      ['first', 'second'],
      ['third', 'fourth'],
    ]);
    socket.end();
  });

  it('with odd or broken requests is treated as Node’s server treats it', async () => {
    const odd = [
      request('x', ['Connection: close']),
      request('x', ['Expect: 100-continue']),
      request('x').replace('HTTP/1.1', 'HTTP/1.0'),
      request('x').replace('HTTP/1.1', 'HTTP/9.9'),
      request('x', ['Content-Length: 1']),
      request('xy', ['Content-Length: 1']),
      request('x', ['Transfer-Encoding: chunked']),
      request('x', ['Bad Header']),
      request('x', [' folded']),
      request('x').replace('Host: 127.0.0.1\r\n', ''),
      request('x').replace(/Content-Length: 1/, 'Content-Length: 1e0'),
      request('x').replace('POST', 'post'),
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      `POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${LIMIT + 1}\r\n\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00\x01',
      request('x', [`X-Long: ${'x'.repeat(20_000)}`]),
    ];
    for (const bytes of odd) {
      const answers = await Promise.all(
        [fast, plain].map(async ({ port }) => {
          const { socket, ended } = await client(port);
          socket.write(Buffer.from(bytes, 'latin1'));
          setTimeout(() => socket.end(), 150);
          return (await ended).replace(/Date: [^\r]*/g, 'Date: now');
        }),
      );
      expect(answers[0], JSON.stringify(bytes.slice(0, 120))).toBe(answers[1]);
    }
  });

  it('that says nothing, or begins and stops, is told so by Node’s server and cut off', async () => {
    const [silent, begun] = await Promise.all([client(fast.port), client(fast.port)]);
    begun.socket.write('POST /v2/models/m/infer HT');
    for (const { ended } of [silent, begun]) expect(await ended).toMatch(/^HTTP\/1\.1 408 /);
  }, 20_000);

  it('that sends and does not read is not read either, and gets everything once it does', async () => {
    const { socket, ended } = await client(fast.port);
    socket.pause();
    // 15 MB of answers: far more than the two ends of a connection and this server keep.
    const count = 300;
    const big = 'b'.repeat(50_000);
    let sent = 0;
    const send = () => {
      while (sent < count) {
        sent += 1;
        if (!socket.write(request(big))) return void socket.once('drain', send);
      }
    };
    send();
    let before = -1;
    while (before !== short.length) {
      before = short.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(count / 2);
    expect(sent).toBeLessThan(count);
    socket.resume();
    await eventually(() => short.length === count, 15_000);
    socket.end();
    expect(texts(await ended)).toEqual(Array.from({ length: count }, () => big));
  }, 30_000);

  it('gets every byte of answers that are put together in one place, though another client does not read its own', async () => {
    const [lazy, keen] = await Promise.all([client(fast.port), client(fast.port)]);
    lazy.socket.pause();
    const count = 120;
    for (let n = 0; n < count; n++) lazy.socket.write(request(`bytes ${n % 10}`));
    for (let n = 0; n < count; n++) {
      const before = keen.text().length;
      keen.socket.write(request(`bytes ${n % 10}`));
      await eventually(() => keen.text().length > before + BYTES);
    }
    lazy.socket.resume();
    await eventually(() => lazy.text().length === keen.text().length, 15_000);
    for (const { text, socket } of [lazy, keen]) {
      socket.end();
      expect([...text().matchAll(/\{"[^"]+":(\d)\}(\d+)/g)].map(([, n, bytes]) => [n, bytes])).toEqual(
        Array.from({ length: count }, (_, n) => [String(n % 10), String(n % 10).repeat(BYTES)]),
      );
    }
  }, 30_000);

  it('that goes takes what it asked for with it', async () => {
    const [cut, half] = await Promise.all([client(fast.port), client(fast.port)]);
    cut.socket.write(request('hold cut'));
    half.socket.write(request('hold half'));
    await eventually(() => held.length === 2);
    cut.socket.destroy();
    half.socket.end();
    await eventually(() => gone.length === 2);
    expect(gone.toSorted()).toEqual(['hold cut', 'hold half']);
    for (const say of held) say();
    expect(texts(half.text())).toEqual([]);
  });

  it('is ended when the port closes: at once where it waits, after its answer where it does not', async () => {
    const [idle, busy] = await Promise.all([client(fast.port), client(fast.port)]);
    idle.socket.write(request('done'));
    busy.socket.write(request('hold it'));
    await eventually(() => texts(idle.text()).length === 1 && held.length === 1);
    const closed = fast.close();
    await idle.ended;
    held[0]?.();
    expect(texts(await busy.ended)).toEqual(['hold it']);
    busy.socket.end();
    idle.socket.end();
    await closed;
  });
});

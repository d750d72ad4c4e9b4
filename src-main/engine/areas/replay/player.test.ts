/** The replay's thread against a stand-in gateway: a real HTTP server that answers what the test says. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../contract/common.ts';
import { openParquet } from './parquet-file.ts';
import type { FromWorker, PlayJob } from './replay-messages.ts';
import { inspectFile, type ReplayThread, startThread } from './worker-host.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const flights = `${repository}resources/sample/flights.parquet`;
const fixture = (name: string) => `${repository}e2e/fixtures/data/${name}`;
const inputs: TensorSpec[] = [{ name: 'temp', datatype: 'FP32', shape: [-1, 1] }];
/** 2013-03-15, the first 18 hours of the sample's replay: some 900 flights. */
const FROM_MS = 1_363_320_000_000;
const TO_MS = FROM_MS + 64_800_000;

let server: Server;
let answer: (id: string) => number;
let seen: string[];
let thread: ReplayThread | null = null;

beforeEach(async () => {
  seen = [];
  answer = () => 200;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { id } = JSON.parse(body) as { id: string };
      const status = answer(id);
      if (status === 200) seen.push(id);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        status === 200
          ? '{}'
          : JSON.stringify({
              error: 'no',
              code: 'LATHE_SERVING_INPUT_DATA',
              cause: 'Bad value.',
              remedy: 'Mend it.',
            }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await thread?.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const job = (part: Partial<PlayJob> = {}): PlayJob => ({
  file: flights,
  endpoint: 'flight-delay',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  inputs,
  pass: 1,
  fromMs: FROM_MS,
  toMs: TO_MS,
  start: { ms: FROM_MS, sent: 0, failed: 0 },
  speed: 1_000_000,
  ...part,
});

type Played = {
  messages: FromWorker[];
  labels: string[];
  stopped: Extract<FromWorker, { type: 'stopped' }>;
};
async function play(
  part: Partial<PlayJob> = {},
  hear: (message: FromWorker) => void = () => {},
): Promise<Played> {
  const messages: FromWorker[] = [];
  thread = startThread('', { mode: 'play', job: job(part) }, (message) => {
    messages.push(message);
    hear(message);
  });
  await thread.ended;
  const stopped = messages.find((message) => message.type === 'stopped');
  if (!stopped) throw new Error(`not stopped: ${JSON.stringify(messages.at(-1))}`);
  const labels = messages.flatMap((message) =>
    message.type === 'labels' ? message.labels.map(({ predictionId }) => predictionId) : [],
  );
  return { messages, labels, stopped };
}
const rowsBetween = async (fromMs: number, toMs: number) => {
  const file = await openParquet(flights);
  const ids: string[] = [];
  for (const [at] of file.parts.entries())
    for (const row of await file.read(at, ['row_id', 'scheduled_ms'])) {
      const ms = Number(row.scheduled_ms);
      if (ms >= fromMs && ms < toMs) ids.push(`${row.row_id}-1`);
    }
  return ids;
};

describe('playing', () => {
  it('sends every row of the window once and every label after it', async () => {
    const { labels, stopped } = await play();
    const expected = await rowsBetween(FROM_MS, TO_MS);
    expect([...seen].sort()).toEqual([...expected].sort());
    expect([...labels].sort()).toEqual([...expected].sort());
    expect(stopped).toEqual({
      type: 'stopped',
      finished: true,
      position: { ms: TO_MS, sent: expected.length, failed: 0 },
    });
  }, 30_000);

  it('counts refused rows, goes on, and sends no label for them', async () => {
    answer = (id) => (Number(id.split('-')[0]) % 10 === 0 ? 400 : 200);
    const { labels, stopped, messages } = await play();
    const expected = await rowsBetween(FROM_MS, TO_MS);
    const refused = expected.filter((id) => Number(id.split('-')[0]) % 10 === 0);
    expect(stopped.position).toMatchObject({
      sent: expected.length - refused.length,
      failed: refused.length,
    });
    expect(labels.some((id) => refused.includes(id))).toBe(false);
    expect(messages.some((m) => m.type === 'progress' && m.error?.code === 'LATHE_SERVING_INPUT_DATA')).toBe(
      true,
    );
  }, 30_000);

  it('waits while the gateway answers 503, holds its clock, and loses no row', async () => {
    let away = true;
    let heldMs = 0;
    answer = () => (away ? 503 : 200);
    const { stopped } = await play({}, (message) => {
      if (message.type !== 'progress' || !away || !message.error) return;
      heldMs = message.nowMs;
      away = false;
    });
    const expected = await rowsBetween(FROM_MS, TO_MS);
    // 32 rows are tried at once: the clock stands at the first one that could not go.
    const held = (await rowsBetween(FROM_MS, heldMs)).length;
    expect(held).toBeLessThanOrEqual(32);
    expect(stopped.position.sent).toBe(expected.length);
    expect(new Set(seen).size).toBe(expected.length);
  }, 30_000);

  it('sends again what was answered just before the gateway died, without counting it again', async () => {
    let died = false;
    answer = (id) => {
      if (!died && seen.length === 300) {
        died = true;
        server.closeAllConnections();
      }
      return id === '' ? 500 : 200;
    };
    const { stopped } = await play();
    const expected = await rowsBetween(FROM_MS, TO_MS);
    expect(stopped.position.sent).toBe(expected.length);
    expect(new Set(seen).size).toBe(expected.length);
    expect(seen.length).toBeGreaterThan(expected.length);
  }, 30_000);

  it('sends again what a dead gateway had answered and is read only after its death was noticed', async () => {
    const held: { id: string; response: ServerResponse }[] = [];
    let dead = false;
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        const { id } = JSON.parse(body) as { id: string };
        seen.push(id);
        if (dead) {
          response.end('{}');
          return;
        }
        held.push({ id, response });
        if (held.length < 32) return;
        dead = true;
        held[0]?.response.destroy();
        setTimeout(() => {
          for (const one of held.slice(1)) one.response.end('{}');
        }, 100);
      });
    });
    const { stopped } = await play();
    const expected = await rowsBetween(FROM_MS, TO_MS);
    expect(stopped.position.sent).toBe(expected.length);
    for (const { id } of held) expect(seen.filter((one) => one === id)).toHaveLength(2);
    expect(new Set(seen).size).toBe(expected.length);
  }, 30_000);

  it('sends again what was answered just before it heard that the gateway is gone, with no request under way', async () => {
    const url = job().url;
    let gone = false;
    const { stopped } = await play({ speed: 3_600 * 20 }, (message) => {
      if (gone || message.type !== 'progress' || message.sent < 60) return;
      gone = true;
      thread?.send({ type: 'url', url: null });
      setTimeout(() => thread?.send({ type: 'url', url }), 200);
    });
    const expected = await rowsBetween(FROM_MS, TO_MS);
    expect(stopped.position.sent).toBe(expected.length);
    expect(new Set(seen).size).toBe(expected.length);
    // All that was answered in the three seconds before, which is all of it.
    expect(seen.length).toBeGreaterThanOrEqual(expected.length + 60);
  }, 30_000);

  it('goes on from a position: rows before it are only labelled', async () => {
    const start = { ms: FROM_MS + 36_000_000, sent: 55, failed: 5 };
    const { labels, stopped } = await play({ start, speed: 3_600 * 20 }, (message) => {
      if (message.type === 'progress' && message.sent > 100) thread?.send({ type: 'stop' });
    });
    const before = await rowsBetween(FROM_MS, start.ms);
    expect(stopped.finished).toBe(false);
    expect(stopped.position.ms).toBeGreaterThan(start.ms);
    const after = await rowsBetween(start.ms, stopped.position.ms);
    expect(stopped.position.sent).toBe(55 + after.length);
    // Nothing beyond the position was sent: the counts are the rows.
    expect(seen.filter((id) => !before.includes(id)).sort()).toEqual([...after].sort());
    // Landed before it was interrupted: reported again. Of the last moments before it, the request is sent again too.
    expect(before.filter((id) => labels.includes(id)).length).toBeGreaterThan(0);
    const early = await rowsBetween(FROM_MS, start.ms - 3_000 * 3_600 * 20);
    expect(seen.some((id) => early.includes(id))).toBe(false);
  }, 30_000);
});

describe('files', () => {
  it('tells what a file is: columns, rows, times and the label', async () => {
    const { shape, span } = await inspectFile('', flights, 'flights.parquet');
    expect(shape).toMatchObject({ rows: 327_346, time: 'scheduled_ms', label: 'delayed' });
    expect(span?.firstMs).toBe(1_357_035_300_000);
  });

  it('refuses what is not Parquet by its name, not its path', async () => {
    await expect(inspectFile('', fixture('not-parquet.parquet'), 'mine.parquet')).rejects.toMatchObject({
      code: 'LATHE_REPLAY_NOT_PARQUET',
      details: { file: 'mine.parquet' },
    });
    await expect(inspectFile('', '/nowhere/at-all.parquet', 'gone.parquet')).rejects.toMatchObject({
      code: 'LATHE_REPLAY_NOT_PARQUET',
    });
  });

  it('reads a file with other columns, so that they can be named', async () => {
    const { shape } = await inspectFile('', fixture('other-columns.parquet'), 'other.parquet');
    expect(shape.columns.length).toBeGreaterThan(0);
    expect(shape.columns).not.toContain('temp');
  });
});

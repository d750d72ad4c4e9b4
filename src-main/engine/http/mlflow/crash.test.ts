/**
 * The engine killed with SIGKILL while clients log and upload, several times, each at a moment of chance: what was
 * acknowledged is there, once; what was not is whole or absent; and nothing half-written stays.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// Real processes on a machine that does other things as well.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const KILLS = 4;
const LONGEST_MS = 700;

let folder: string;
let workspace: string;
let engine: { url: string; process: ChildProcess } | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-mlflow-crash-'));
  workspace = join(folder, 'workspace');
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(): Promise<string> {
  const started = fork(child, [workspace], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [url] = (await once(started, 'message')) as [string];
  engine = { url, process: started };
  return url;
}
async function kill(): Promise<void> {
  const dying = engine?.process;
  engine = null;
  if (!dying || dying.exitCode !== null || dying.signalCode !== null) return;
  dying.kill('SIGKILL');
  await once(dying, 'exit');
}

/** Lets `work` go on for a while, kills the engine under it, and waits until all of it has noticed. */
async function killUnder(url: string, work: (url: string) => Promise<void>, workers: number): Promise<void> {
  const ended = Promise.all(Array.from({ length: workers }, () => work(url).catch(() => {})));
  await sleep(Math.random() * LONGEST_MS);
  await kill();
  await ended;
}

async function call(url: string, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return (await response.json()) as Record<string, unknown>;
}

test('killed during log-batch and log-metric: every acknowledged point is there once, and no half batch', async () => {
  type Batch = { run: string; number: number; size: number; acknowledged: boolean };
  const batches: Batch[] = [];
  let url = await start();
  const runs: string[] = [];
  for (let at = 0; at < 3; at++) {
    const made = (await call(url, 'runs/create', { experiment_id: '0' })).run as { info: { run_id: string } };
    runs.push(made.info.run_id);
  }
  const send = async (to: string, batch: Batch) => {
    // The number of the batch is the timestamp of all its points.
    const points = Array.from({ length: batch.size }, (_, step) => ({
      ...{ key: `k${step % 2}`, value: step / 7, step, timestamp: batch.number, run_id: batch.run },
    }));
    const [point] = points;
    if (batch.size === 1) await call(to, 'runs/log-metric', { ...point });
    else await call(to, 'runs/log-batch', { run_id: batch.run, metrics: points });
    batch.acknowledged = true;
  };
  const work = async (to: string) => {
    for (;;) {
      const number = batches.length;
      const batch = { run: runs[number % 3] ?? '', number, size: number % 4 ? 60 : 1, acknowledged: false };
      batches.push(batch);
      await send(to, batch);
    }
  };
  /** How many points of each batch are stored. */
  const stored = async (from: string) => {
    const counts = new Map<number, number>();
    for (const run of runs)
      for (const key of ['k0', 'k1']) {
        const query = new URLSearchParams({ run_id: run, metric_key: key });
        const response = await fetch(`${from}/api/2.0/mlflow/metrics/get-history?${query}`);
        for (const { timestamp } of ((await response.json()) as { metrics: { timestamp: number }[] }).metrics)
          counts.set(timestamp, (counts.get(timestamp) ?? 0) + 1);
      }
    return counts;
  };

  for (let round = 0; round < KILLS; round++) {
    await killUnder(url, work, 4);
    url = await start();
    const counts = await stored(url);
    for (const { number, size, acknowledged } of batches)
      expect({ number, count: counts.get(number) ?? 0 }).toEqual({
        number,
        count: acknowledged ? size : expect.toBeOneOf([0, size]),
      });
    // A client sends again what was not answered.
    for (const batch of batches.filter(({ acknowledged }) => !acknowledged)) await send(url, batch);
  }
  const counts = await stored(url);
  expect(batches.map(({ number }) => counts.get(number))).toEqual(batches.map(({ size }) => size));
  expect(batches.length).toBeGreaterThan(KILLS);
});

test('killed during uploads: no partial file is seen, none that was acknowledged is lost, no temporary stays', async () => {
  const files = new Map<string, { sha256: string; acknowledged: boolean }>();
  const root = '0/run/artifacts';
  const address = (url: string, name: string) => `${url}/api/2.0/mlflow-artifacts/artifacts/${root}/${name}`;
  const work = async (url: string) => {
    for (;;) {
      const name = `file-${files.size}`;
      const bytes = randomBytes(1_500_000);
      const file = { sha256: createHash('sha256').update(bytes).digest('hex'), acknowledged: false };
      files.set(name, file);
      const response = await fetch(address(url, name), {
        method: 'PUT',
        body: slowly(bytes),
        duplex: 'half',
      } as RequestInit);
      if (response.ok) file.acknowledged = true;
    }
  };

  let url = await start();
  for (let round = 0; round < KILLS; round++) {
    await killUnder(url, work, 4);
    url = await start();
    expect(readdirSync(join(workspace, 'blobs', 'tmp'))).toEqual([]);
    const listed = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts?path=${root}`);
    const shown =
      ((await listed.json()) as { files?: { path: string }[] }).files?.map(({ path }) => path) ?? [];
    for (const [name, { sha256, acknowledged }] of files) {
      const response = await fetch(address(url, name));
      if (acknowledged) expect({ name, status: response.status }).toEqual({ name, status: 200 });
      expect({ name, shown: shown.includes(name) }).toEqual({ name, shown: response.ok });
      if (response.ok) expect({ name, sha256: await hashOf(response) }).toEqual({ name, sha256 });
    }
    for (const blob of blobsOf(join(workspace, 'blobs')))
      expect(createHash('sha256').update(readFileSync(blob)).digest('hex')).toBe(blob.split(/[/\\]/).at(-1));
  }
  expect(files.size).toBeGreaterThan(KILLS);
});

/** In pieces, so that a kill finds uploads half-way. */
async function* slowly(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) {
    yield bytes.subarray(at, at + 100_000);
    await sleep(1);
  }
}

async function hashOf(response: Response): Promise<string> {
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}

const blobsOf = (blobs: string): string[] =>
  readdirSync(blobs)
    .filter((name) => name !== 'tmp')
    .flatMap((name) => readdirSync(join(blobs, name)).map((file) => join(blobs, name, file)));

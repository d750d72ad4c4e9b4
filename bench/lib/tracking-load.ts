/** The loads of bench/tracking-api.ts, the same for Lathe and for MLflow's own server. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadResult, runLoad } from './http-load.ts';
import { quantile, repoRoot } from './report.ts';

type Json = Record<string, unknown>;

export async function call(url: string, path: string, body: Json): Promise<Json> {
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Json;
}

export const newExperiment = async (url: string): Promise<string> =>
  String((await call(url, 'experiments/create', { name: `bench ${process.hrtime.bigint()}` })).experiment_id);
const newRun = async (url: string, experiment: string): Promise<string> =>
  (
    (await call(url, 'runs/create', { experiment_id: experiment, start_time: Date.now() })).run as {
      info: { run_id: string };
    }
  ).info.run_id;

/** One keep-alive connection, one call after the other; no two log the same. */
export async function wire(
  url: string,
  kind: 'log-metric' | 'log-batch',
  measureMs: number,
): Promise<LoadResult> {
  const run = await newRun(url, await newExperiment(url));
  const bodies =
    kind === 'log-metric'
      ? range(20_000, (step) =>
          JSON.stringify({
            run_id: run,
            key: 'loss',
            value: step / 3,
            timestamp: 1_700_000_000_000 + step,
            step,
          }),
        )
      : range(1_000, (at) =>
          JSON.stringify({
            run_id: run,
            metrics: range(1_000, (n) => {
              const step = at * 100 + (n % 100);
              const key = `key${Math.floor(n / 100)}`;
              return { key, value: Math.sin(step + n), timestamp: 1_700_000_000_000 + step, step };
            }),
          }),
        );
  const { port } = new URL(url);
  return runLoad({
    ...{ port: Number(port), path: `/api/2.0/mlflow/runs/${kind}`, bodies },
    ...{ clients: 1, warmUpMs: measureMs / 5, measureMs },
  });
}

/** Answers every call at once and keeps nothing: what the client could do at most. */
export async function startStub(): Promise<{ url: string; close(): void }> {
  const info = { run_id: '0'.repeat(32), run_uuid: '0'.repeat(32), experiment_id: '0', status: 'RUNNING' };
  const text = JSON.stringify({ experiment_id: '0', run: { info, data: {} } });
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type ClientLoad = { amount: number; seconds: number; calls: number };

/** `processes` genuine clients at once. Throws what any of them says when it fails. */
export async function client(
  python: string,
  url: string,
  mode: 'batches' | 'metrics' | 'mixed',
  count: number,
  processes = 1,
): Promise<ClientLoad> {
  const experiment = await newExperiment(url);
  const all = await Promise.all(
    range(processes, () => runPython(python, [mode, url, experiment, String(count)])),
  );
  const loads = all as ClientLoad[];
  return {
    amount: loads.reduce((sum, one) => sum + one.amount, 0),
    calls: loads.reduce((sum, one) => sum + one.calls, 0),
    seconds: Math.max(...loads.map((one) => one.seconds)),
  };
}

export function runPython(python: string, options: readonly string[]): Promise<unknown> {
  const script = join(repoRoot, 'bench', 'lib', 'mlflow_load.py');
  const child = spawn(python, [script, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONWARNINGS: 'ignore', GIT_PYTHON_REFRESH: 'quiet' },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(JSON.parse(out.trim().split('\n').at(-1) ?? ''))
        : reject(new Error(err.slice(-2_000))),
    );
  });
}

/** The runs that mlflow_load.py seeds, by the API: 3 metrics, 5 params. */
export async function seed(url: string, experiment: string, runs: number): Promise<void> {
  const one = async (at: number) => {
    const info = (
      (await call(url, 'runs/create', {
        ...{ experiment_id: experiment, start_time: 1_700_000_000_000 + at, run_name: `run-${at}` },
      })) as { run: { info: { run_id: string } } }
    ).run.info;
    const metric = (key: string, value: number) => ({ key, value, timestamp: at, step: 0 });
    const param = (key: string, of: number) => ({ key, value: String(at % of) });
    await call(url, 'runs/log-batch', {
      run_id: info.run_id,
      metrics: [
        metric('acc', ((at * 7919) % 10_007) / 10_007),
        metric('loss', ((at * 104_729) % 10_007) / 10_007),
        metric('f1', at / runs),
      ],
      params: [
        param('depth', 10),
        param('lr', 100),
        param('seed', runs),
        param('model', 5),
        param('batch', 7),
      ],
    });
  };
  for (let at = 0; at < runs; at += 20) await Promise.all(range(Math.min(20, runs - at), (n) => one(at + n)));
}

export const SEARCHES: [string, Json][] = [
  ['newest 100', { max_results: 100 }],
  ['best 100 by a metric', { max_results: 100, order_by: ['metrics.acc DESC'] }],
  [
    'metric and param filter, 100',
    { max_results: 100, filter: "metrics.acc > 0.9 and params.depth = '3'", order_by: ['metrics.loss ASC'] },
  ],
  ['newest 1,000', { max_results: 1_000 }],
];

/** Milliseconds of each of `times` searches. */
export async function search(url: string, experiment: string, body: Json, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at <= times; at++) {
    const began = performance.now();
    await call(url, 'runs/search', { experiment_ids: [experiment], ...body });
    if (at > 0) taken.push(performance.now() - began);
  }
  return taken;
}

export type Transfer = { seconds: number; growthMiB: number };

/** Sends and fetches a file of so many MiB, no two of which are alike; how much the server grew meanwhile. */
export async function artifact(
  url: string,
  pid: number,
  mebibytes: number,
): Promise<{ put: Transfer; get: Transfer }> {
  const path = `/api/2.0/mlflow-artifacts/artifacts/0/bench/artifacts/${process.hrtime.bigint()}.bin`;
  const block = Buffer.alloc(1024 * 1024, 7);
  const put = await watched(pid, async () => {
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        { method: 'PUT', headers: { 'content-length': mebibytes * block.length } },
        (response) => {
          response.resume();
          response.on('end', () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
          );
        },
      );
      sent.on('error', reject);
      let at = 0;
      const more = () => {
        while (at < mebibytes) {
          block.writeUInt32BE(at, 0);
          at += 1;
          if (!sent.write(Buffer.from(block))) return void sent.once('drain', more);
        }
        sent.end();
      };
      more();
    });
  });
  const get = await watched(pid, async () => {
    const response = await fetch(`${url}${path}`);
    let came = 0;
    for await (const part of response.body ?? []) came += part.byteLength;
    if (came !== mebibytes * block.length) throw new Error(`${came} bytes came back`);
  });
  return { put, get };
}

async function watched(pid: number, work: () => Promise<void>): Promise<Transfer> {
  const before = rssMiB(pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, rssMiB(pid));
  }, 20);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  await sleep(200);
  return { seconds, growthMiB: Math.max(0, most - before) };
}

export const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

export const ms = (samples: readonly number[], q: number): string => quantile(samples, q).toFixed(1);

const range = <T>(count: number, one: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => one(at));

/** Other servers on the same models, each at its best documented settings, in an environment of its own from PyPI. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endTree } from '../../scripts/lib/processes.mjs';
import { ensureEnvironment, ensurePython } from '../../scripts/lib/python.mjs';
import type { LoadResult } from '../lib/http-load.ts';
import { repoRoot } from '../lib/report.ts';
import { CLIENTS, type HttpClient, post } from './clients.ts';
import { type BenchModel, type Body, jsonBody, plainBody, rowOf } from './models.ts';
import { isAlike } from './raw.ts';

const FOLDER = join(repoRoot, 'bench', 'serving', 'peers');
const START_LIMIT_MS = 120_000;

/** What is tried; the better one counts. `workers` are processes that hold the model, or as the peer reads it. */
/** `sessions`: among so many the threads are shared out. */
type Settings = { title: string; workers: number; sessions: number; waitMs: number };
type Peer = {
  name: string;
  path: string;
  settings: Settings[];
  body(model: BenchModel, row: number[]): Body;
  answer(json: never): number[];
};
type Flat = { data: number[] };

const oneList = (_model: BenchModel, row: number[]) => plainBody('data', row);
/** Each has a session; together they have the threads of Lathe's runner. */
const workers = (count: number): Settings => ({
  title: count === 1 ? '1 worker' : `${count} workers, threads shared out`,
  workers: count,
  sessions: count,
  waitMs: 0,
});
const wait = (ms: number): Settings => ({ title: `waits ${ms} ms`, workers: 1, sessions: 1, waitMs: ms });

const PEERS: Peer[] = [
  {
    name: 'fastapi',
    path: '/predict',
    settings: [workers(1), workers(2)],
    body: oneList,
    answer: ({ data }: Flat) => data,
  },
  {
    name: 'litserve',
    path: '/predict',
    settings: [wait(1), wait(10)],
    body: oneList,
    answer: ({ data }: Flat) => data,
  },
  {
    name: 'bentoml',
    path: '/predict',
    settings: [workers(1), workers(2)],
    body: (_model, row) => plainBody('data', [row]),
    answer: (rows: number[][]) => rows[0] ?? [],
  },
  {
    name: 'mlserver',
    path: '/v2/models/model/infer',
    // Inference in the server's own process, or in one beside it.
    settings: [
      { title: 'in process, waits 10 ms', workers: 1, sessions: 1, waitMs: 10 },
      { title: '1 parallel worker, waits 10 ms', workers: 2, sessions: 1, waitMs: 10 },
    ],
    body: jsonBody,
    answer: ({ outputs }: { outputs: Flat[] }) => outputs[0]?.data ?? [],
  },
  {
    name: 'ray',
    path: '/predict',
    settings: [wait(1), wait(10)],
    body: oneList,
    answer: ({ data }: Flat) => data,
  },
];

export const PEER_NAMES = PEERS.map(({ name }) => name);

/** Lathe's own row among them. */
export const LATHE = 'lathe';
export type PeerRow = { model: string; peer: string; version: string } & (
  | { load: LoadResult; settings: string; binary?: LoadResult }
  | { problem: string }
);

/** One peer on one model. Never throws: what cannot run is a row that says why. */
export async function measurePeer(
  name: string,
  { model, ...asked }: { model: BenchModel; expected: readonly number[]; maxBatchRows: number },
  how: { client: HttpClient; threads: number; measureMs: number; scratch: string },
): Promise<PeerRow> {
  const peer = PEERS.find((one) => one.name === name) as Peer;
  const requirements = join(FOLDER, `${name}.txt`);
  const version = readFileSync(requirements, 'utf8').split('\n')[0]?.replace('==', ' ') ?? name;
  const is = { model: model.name, peer: name, version };
  const found = await ensurePython();
  const { python, problem } = found.executable
    ? await ensureEnvironment(found.executable, requirements, 'the serving benchmark')
    : { python: null, problem: found.problem };
  if (!python) return { ...is, problem: `not installed: ${problem}` };
  const tried: PeerRow[] = [];
  for (const settings of peer.settings) {
    const what = `… ${version}, ${model.title}, ${settings.title}:`;
    try {
      const load = await measure({ peer, python, model, settings, ...asked, ...how });
      if (load.requests === 0) throw new Error(`no request was answered, ${load.failed} failed`);
      tried.push({ ...is, load, settings: settings.title });
      console.log(what, `${(load.requests / load.seconds).toFixed(1)} rows/s`);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      tried.push({ ...is, problem: `${settings.title}: ${text}` });
      console.log(what, text);
    }
  }
  return tried.sort((left, right) => rateOf(right) - rateOf(left))[0] ?? { ...is, problem: 'no settings' };
}

export const rateOf = (row: PeerRow): number => ('load' in row ? row.load.requests / row.load.seconds : 0);

async function measure(given: {
  peer: Peer;
  python: string;
  model: BenchModel;
  expected: readonly number[];
  maxBatchRows: number;
  settings: Settings;
  client: HttpClient;
  threads: number;
  measureMs: number;
  scratch: string;
}): Promise<LoadResult> {
  const { peer, model, settings } = given;
  const body = peer.body(model, rowOf(model, 0));
  const [port = 0, secondPort = 0] = await freePorts(2);
  const place = join(given.scratch, String(port));
  mkdirSync(place, { recursive: true });
  const logFile = join(place, 'log');
  const log = openSync(logFile, 'a');
  const plan = {
    ...{ path: model.path, datatype: model.datatype, shape: model.shape, port, secondPort },
    ...{
      maxBatchRows: given.maxBatchRows,
      threads: Math.max(1, Math.floor(given.threads / settings.sessions)),
    },
    ...{ workers: settings.workers, waitMs: settings.waitMs },
  };
  const server = spawn(given.python, [join(FOLDER, `serve_${peer.name}.py`)], {
    cwd: place,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...quiet(place), LATHE_BENCH_PEER: JSON.stringify(plan) },
  });
  closeSync(log);
  const pid = server.pid ?? 0;
  running.add(pid);
  const url = `http://127.0.0.1:${port}${peer.path}`;
  try {
    const deadline = performance.now() + START_LIMIT_MS;
    for (let said = ''; ; await sleep(250)) {
      if (server.exitCode !== null) throw new Error(`it ended with ${server.exitCode}: ${lastOf(logFile)}`);
      if (performance.now() > deadline) throw new Error(`it did not start: ${said || lastOf(logFile)}`);
      const answer = await post(url, body, 20_000);
      said = answer.text;
      if (answer.status !== 200) continue;
      if (!isAlike(given.expected, peer.answer(JSON.parse(said) as never)))
        throw new Error(`it does not answer what ONNX Runtime does: ${said.slice(0, 200)}`);
      break;
    }
    const measureMs = given.measureMs * model.patience;
    return await given.client.load({ url, body, clients: CLIENTS, measureMs, slow: model.slow });
  } finally {
    await endTree(pid);
    running.delete(pid);
  }
}

const running = new Set<number>();

/** Whatever is still there, for an end before the end. */
export async function endPeers(): Promise<void> {
  for (const pid of running) await endTree(pid);
}

/** No telemetry, nothing written outside its folder, the throughput switch that Ray documents. */
const quiet = (place: string) => ({
  HOME: place,
  BENTOML_HOME: join(place, 'bentoml'),
  BENTOML_DO_NOT_TRACK: 'True',
  RAY_USAGE_STATS_ENABLED: '0',
  RAY_SERVE_THROUGHPUT_OPTIMIZED: '1',
  PYTHONPATH: FOLDER,
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONWARNINGS: 'ignore',
});

const lastOf = (file: string): string =>
  readFileSync(file, 'utf8').trim().split('\n').slice(-2).join(' ').slice(-300);

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}

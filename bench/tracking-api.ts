/**
 * MLflow's API under load: at the wire, by the genuine client, by eight of its processes at once, searches among
 * 10,000 runs, a large artifact. Where the package can be installed, MLflow's own server on SQLite takes the same
 * load in the same run; else only Lathe does, without what needs the client.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scratch, serve } from './lib/app.ts';
import { repoRoot, tell } from './lib/report.ts';
import {
  artifact,
  client,
  ms,
  newExperiment,
  runPython,
  SEARCHES,
  search,
  seed,
  startStub,
  wire,
} from './lib/tracking-load.ts';

const only = process.argv[2];
const wanted = (part: string) => only === undefined || only === part;
const MEASURE_MS = 4_000;
const RUNS = 10_000;
const ARTIFACT_MIB = 1_024;

const folder = scratch('tracking-api');
const delayFile = `${folder.path}/loop-delay.json`;
const { child, ready } = await serve(['--workspace', `${folder.path}/workspace`], {
  NODE_OPTIONS: `--import=file://${repoRoot}/bench/lib/loop-delay.mjs ${process.env.LATHE_BENCH_NODE_OPTIONS ?? ''}`,
  LATHE_LOOP_DELAY_FILE: delayFile,
});
const lathe = ready.urls.mlflow ?? '';
const peer = await startPeer(`${folder.path}/mlflow`);
const rows: string[][] = [];
const data: Record<string, unknown> = {};
const row = (what: string, ours: string, theirs: string | null, ratio: number | null) =>
  rows.push([what, ours, theirs ?? '', ratio === null ? '' : `${ratio.toFixed(1)} ×`]);

try {
  if (wanted('wire'))
    for (const kind of ['log-metric', 'log-batch'] as const) {
      child.kill('SIGUSR2');
      const ours = await wire(lathe, kind, MEASURE_MS);
      const delay = await loopDelay();
      const theirs = peer.url ? await wire(peer.url, kind, MEASURE_MS) : null;
      data[kind] = { lathe: { ...ours, loop: delay }, mlflow: theirs };
      const title = kind === 'log-batch' ? 'log-batch of 1,000 metrics' : 'log-metric';
      const each = (load: typeof ours) => `${load.p50Ms.toFixed(2)} / ${load.p99Ms.toFixed(2)} ms`;
      row(
        `${title}, wire, p50 / p99`,
        each(ours),
        theirs && each(theirs),
        theirs && theirs.p50Ms / ours.p50Ms,
      );
      row(
        `${title}, calls/s on one connection`,
        rate(ours.requests, ours.seconds),
        theirs && rate(theirs.requests, theirs.seconds),
        theirs && ours.requests / theirs.requests,
      );
      row(
        `${title}, engine loop held p99 / most`,
        `${delay.p99Ms.toFixed(1)} / ${delay.maxMs.toFixed(1)} ms`,
        null,
        null,
      );
    }

  if (wanted('client') && peer.python) {
    const { python } = peer;
    const stub = await startStub();
    const loads = [
      ['genuine client, log_batch of 1,000: metrics/s', 'batches', 40, 8, 1],
      ['genuine client, log_metric: calls/s', 'metrics', 1_000, 300, 1],
      ['8 clients at once, metrics/s, no error', 'mixed', 200, 25, 8],
    ] as const;
    for (const [title, mode, count, peerCount, processes] of loads) {
      const ours = await client(python, lathe, mode, count, processes);
      const theirs = peer.url ? await client(python, peer.url, mode, peerCount, processes) : null;
      const most = await client(python, stub.url, mode, count, processes);
      data[title] = { lathe: ours, mlflow: theirs, stub: most };
      const perSecond = (load: typeof ours) => load.amount / load.seconds;
      row(
        `${title} (a stub: ${rate(most.amount, most.seconds)})`,
        rate(ours.amount, ours.seconds),
        theirs && rate(theirs.amount, theirs.seconds),
        theirs && perSecond(ours) / perSecond(theirs),
      );
    }
    stub.close();
  }

  if (wanted('search')) {
    const experiment = await newExperiment(lathe);
    await seed(lathe, experiment, RUNS);
    let theirExperiment = '';
    if (peer.url && peer.python) {
      theirExperiment = await newExperiment(peer.url);
      await runPython(peer.python, [
        'seed',
        peer.url,
        `${folder.path}/mlflow/mlflow.db`,
        theirExperiment,
        String(RUNS),
      ]);
    }
    for (const [title, body] of SEARCHES) {
      const ours = await search(lathe, experiment, body, 20);
      const theirs = peer.url ? await search(peer.url, theirExperiment, body, 3) : null;
      data[title] = { lathe: ours, mlflow: theirs };
      const half = (samples: number[]) => Number(ms(samples, 0.5));
      row(
        `runs/search of ${RUNS.toLocaleString('en')}: ${title}, p50`,
        `${ms(ours, 0.5)} ms`,
        theirs && `${ms(theirs, 0.5)} ms`,
        theirs && half(theirs) / half(ours),
      );
    }
  }

  if (wanted('artifact')) {
    const moved = await artifact(lathe, ready.pid, ARTIFACT_MIB);
    data.artifact = moved;
    for (const [name, one] of Object.entries(moved))
      row(
        `1 GiB artifact ${name.toUpperCase()}: MiB/s; engine grew by`,
        `${rate(ARTIFACT_MIB, one.seconds)}; ${one.growthMiB.toFixed(0)} MiB`,
        null,
        null,
      );
  }

  tell({
    name: 'tracking-api',
    columns: ['what', 'Lathe', peer.name ?? 'MLflow', 'ratio'],
    rows,
    notes: [
      'a stub answers every call at once and keeps nothing: the genuine client can do no more',
      peer.name
        ? `${peer.name} with \`mlflow server\` on SQLite, one worker; client, Lathe and MLflow share the machine, one at work at a time`
        : `MLflow's own server and client were not measured: ${peer.problem}`,
    ],
    data,
  });
} finally {
  await end(child);
  await peer.stop();
  folder.remove();
}

type Peer = { python?: string; name?: string; url?: string; problem?: string; stop(): Promise<void> };

async function startPeer(place: string): Promise<Peer> {
  const server: ChildProcess = spawn(
    process.execPath,
    [`${repoRoot}/conformance/mlflow/peer/serve.mjs`, place],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.stdin?.end();
    if (server.exitCode === null) await Promise.race([ended, sleep(10_000)]);
  };
  for await (const line of createInterface({ input: server.stdout as NodeJS.ReadableStream }))
    if (line.startsWith('{')) return { ...(JSON.parse(line) as Omit<Peer, 'stop'>), stop };
  return { problem: 'it ended', stop };
}

/** Of the engine since its last SIGUSR2. */
async function loopDelay(): Promise<{ p99Ms: number; maxMs: number }> {
  rmSync(delayFile, { force: true });
  while (!existsSync(delayFile)) await sleep(50);
  await sleep(50);
  return JSON.parse(readFileSync(delayFile, 'utf8'));
}

function rate(amount: number, seconds: number): string {
  return Math.round(amount / seconds).toLocaleString('en');
}

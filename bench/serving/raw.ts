/**
 * ONNX Runtime alone, in a process of its own: the runner's own loading code, so the same options and threads,
 * and run() in a loop on prepared tensors. Also proves the model: finite, and rows do not depend on the batch.
 */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { ON_CPU } from '../../src-main/inference/model-key.ts';
import { loadModel, spareThreads, warmUp } from '../../src-main/inference/runner/sessions.ts';
import { quantile } from '../lib/report.ts';
import { type BenchModel, INPUT, OUTPUT, packed, rowOf } from './models.ts';

/** `threads`: null for as many as the runner chooses. */
type RawPlan = { model: BenchModel; sizes: number[]; measureMs: number; threads: number | null };
export type Size = { rowsPerSecond: number; p50Ms: number };
export type Raw = {
  sizes: Record<number, Size>;
  /** A single row after a pause of PAUSE_MS, milliseconds at the median: what a server with one client runs. */
  pausedMs: number;
  /** What row 0 is answered with. */
  expected: number[];
};

const WARM_UP_MS = 300;
const PROOF_ROWS = 3;
/** Between the answer of one run and the next, a client and a server at least have their turn. */
export const PAUSE_MS = 1;
const WARM_ROWS = 32;

if (process.argv[2] === 'raw') {
  // Also when the benchmark is gone.
  process.once('disconnect', () => process.exit());
  process.once('message', async (plan) => {
    process.send?.(await measure(plan as RawPlan));
    process.disconnect();
  });
}

/** Throws where the model is not what it should be. */
export function rawRun(
  model: BenchModel,
  sizes: number[],
  measureMs: number,
  threads: number | null = null,
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['raw'], { execArgv: [] });
    child.once('message', (result) => resolve(result as Raw));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`${model.name} alone ended with ${code}`)));
    child.send({ model, sizes, measureMs, threads } satisfies RawPlan);
  });
}

async function measure({ model, sizes, measureMs, threads }: RawPlan): Promise<Raw> {
  const loaded = await loadModel(model.name, model.path, model.sha256, { ...ON_CPU, threads });
  // As the runner does, once it knows what a large batch takes.
  const rows = Math.min(WARM_ROWS, Math.max(...model.sizes));
  await warmUp(loaded, rows);
  await spareThreads(loaded, (await warmUp(loaded, rows)).runUs);
  const { session } = loaded;
  const expected = await prove(session, model);
  const measured: Record<number, Size> = {};
  for (const size of sizes) {
    const feeds = feedsOf(model, 0, size);
    const warmMs = performance.now() + WARM_UP_MS;
    do await session.run(feeds);
    while (performance.now() < warmMs);
    const taken: number[] = [];
    const fromMs = performance.now();
    for (let nowMs = fromMs; nowMs < fromMs + measureMs; ) {
      await session.run(feeds);
      taken.push(performance.now() - nowMs);
      nowMs = performance.now();
    }
    const seconds = (performance.now() - fromMs) / 1000;
    measured[size] = { rowsPerSecond: (taken.length * size) / seconds, p50Ms: quantile(taken, 0.5) };
  }
  const pausedMs = await paused(session, model, measureMs);
  await session.release();
  return { sizes: measured, pausedMs, expected };
}

/** Threads have gone to sleep and others have used the caches by then, as before every request that comes alone. */
async function paused(session: InferenceSession, model: BenchModel, measureMs: number): Promise<number> {
  const feeds = feedsOf(model, 0, 1);
  const taken: number[] = [];
  const fromMs = performance.now();
  while (performance.now() < fromMs + measureMs) {
    await sleep(PAUSE_MS);
    const beganMs = performance.now();
    await session.run(feeds);
    taken.push(performance.now() - beganMs);
  }
  return quantile(taken, 0.5);
}

async function prove(session: InferenceSession, model: BenchModel): Promise<number[]> {
  const answer = async (from: number, rows: number) => {
    const { [OUTPUT]: output } = await session.run(feedsOf(model, from, rows));
    return Array.from((output?.data ?? []) as Float32Array);
  };
  const together = await answer(0, PROOF_ROWS);
  const width = together.length / PROOF_ROWS;
  for (let at = 0; at < PROOF_ROWS; at++) {
    const alone = await answer(at, 1);
    const shared = together.slice(at * width, (at + 1) * width);
    if (!isAlike(alone, shared) || !alone.every(Number.isFinite))
      throw new Error(`${model.name}: row ${at} depends on its batch, or is not finite`);
    if (at > 0 && isAlike(alone, together.slice(0, width), 1e-9))
      throw new Error(`${model.name}: all rows are answered alike`);
  }
  return together.slice(0, width);
}

/** Batch sizes choose other kernels, which add in another order. */
export const isAlike = (left: readonly number[], right: readonly number[], tolerance = 1e-3): boolean => {
  const scale = Math.max(...left.map(Math.abs));
  return (
    left.length === right.length && left.every((one, at) => Math.abs(one - right[at]!) <= tolerance * scale)
  );
};

function feedsOf(model: BenchModel, from: number, rows: number): Record<string, Tensor> {
  const values = Array.from({ length: rows }, (_, at) => rowOf(model, from + at)).flat();
  const shape = [rows, ...model.shape];
  const data = packed(model.datatype, values);
  return {
    [INPUT]:
      data instanceof BigInt64Array ? new Tensor('int64', data, shape) : new Tensor('float32', data, shape),
  };
}

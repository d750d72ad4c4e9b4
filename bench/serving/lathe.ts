/** Gateway and runner as they ship, bundled and in processes of their own, with this process as their engine. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ON_CPU } from '../../src-main/inference/model-key.ts';
import {
  endpoint,
  LIMITS,
  type Stack,
  settled,
  startStack,
  until,
} from '../../src-main/inference/testing/stack.ts';
import type { ModelTuning } from '../../src-main/platform/link.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { closedLoad, openLoad } from '../lib/load-client.ts';
import { type MemoryUse, memoryUse } from '../lib/memory-use.ts';
import type { OpenLoadResult } from '../lib/open-load.ts';
import { median } from '../lib/report.ts';
import { CLIENTS, type HttpClient, post, type TritonClient } from './clients.ts';
import { type BenchModel, type Body, binaryBody, INPUT, jsonBody, OUTPUT, rowOf } from './models.ts';
import { LATHE, type PeerRow } from './peers.ts';
import { isAlike } from './raw.ts';

/** Most clients of the open load; a server that falls behind this far is refusing, or lost. */
const OPEN_CONNECTIONS = 512;
const SETTLE_MS = 3_000;
const START_LIMIT_MS = 120_000;
/** The slowest model takes seconds for its batches; nothing is to be refused where capacity is measured. */
export const PATIENT_MS = 300_000;
const PATIENT = { ...LIMITS, requestTimeoutMs: PATIENT_MS };

export type Lathe = {
  stack: Stack;
  /** Serves this model and no other; it is ready and warm when it returns. */
  serve(model: BenchModel, tuning: ModelTuning, threads?: number): Promise<void>;
};
export type LatheCells = Record<'json' | 'binary' | 'oneJson' | 'oneBinary', LoadResult> & {
  /** Rows a batch, while it was asked in binary. */
  meanBatch: number;
  triton: Record<'http' | 'grpc', LoadResult> | null;
};
export type Overload = { capacity: number; sloMs: number; load: OpenLoadResult } & {
  /** Percentile 99 of the gateway's lateness in a second: median of the seconds, and the worst. */
  loopP99Ms: number;
  loopWorstMs: number;
};
export type MemoryRow = { what: string; gateway: MemoryUse; runner: MemoryUse; fileMiB: number | null };

export async function startLathe(): Promise<Lathe> {
  const stack = await startStack({ built: true });
  return {
    stack,
    async serve(model, tuning, threads) {
      const device = { ...ON_CPU, threads: threads ?? null };
      const spec = { ...stack.model(model.name, '1', readFileSync(model.path)), tuning, device };
      stack.apply({
        listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 },
        limits: PATIENT,
        models: [spec],
        endpoints: [endpoint(model.name, ['1'])],
      });
      // Until then the status may still be of what was served before.
      const isKnown = () => stack.status()?.models.some(({ key }) => key === spec.key) ?? false;
      await until('the model is known', isKnown, START_LIMIT_MS);
      await settled(stack, START_LIMIT_MS);
      const failed = stack.status()?.models.find(({ state }) => state === 'failed');
      if (failed) throw new Error(`${failed.key} was not loaded: ${failed.error?.cause}`);
    },
  };
}

/** Everything that is asked about one model; throws where an answer is not ONNX Runtime's. */
export async function measureLathe(
  { stack }: Lathe,
  model: BenchModel,
  expected: readonly number[],
  ask: { client: HttpClient; triton: TritonClient | null; measureMs: number },
): Promise<LatheCells> {
  const { client, triton } = ask;
  const measureMs = ask.measureMs * model.patience;
  const url = stack.url(`/v2/models/${model.name}/infer`);
  const row = rowOf(model, 0);
  const [json, binary] = [jsonBody(model, row), binaryBody(model, row)];
  await checkAnswer(url, json, expected);
  const load = (body: Body, clients: number, ms: number) =>
    client.load({ url, body, clients, measureMs: ms, slow: model.slow });

  const ofJson = await load(json, CLIENTS, measureMs);
  const before = await counters(stack, model.name);
  const ofBinary = await load(binary, CLIENTS, measureMs);
  const after = await counters(stack, model.name);
  const genuine = async (protocol: 'http' | 'grpc') => {
    const port = stack.status()?.listening[protocol];
    const given = { protocol, address: `127.0.0.1:${port}`, model, clients: CLIENTS, measureMs };
    return (triton as TritonClient).load(given);
  };
  return {
    json: ofJson,
    binary: ofBinary,
    meanBatch: (after.rows - before.rows) / Math.max(1, after.batches - before.batches),
    triton: triton && { http: await genuine('http'), grpc: await genuine('grpc') },
    oneJson: await load(json, 1, ask.measureMs),
    oneBinary: await load(binary, 1, ask.measureMs),
  };
}

/** With a core left for the client and the gateway, which are busy too: what the server itself takes away. */
export async function measureApart(
  lathe: Lathe,
  model: BenchModel,
  plan: { maxBatchRows: number; threads: number },
  { client, measureMs }: { client: HttpClient; measureMs: number },
): Promise<Record<'json' | 'binary', LoadResult>> {
  await lathe.serve(model, { maxBatchRows: plan.maxBatchRows, sloMs: PATIENT_MS }, plan.threads);
  const url = lathe.stack.url(`/v2/models/${model.name}/infer`);
  const ask = { url, clients: CLIENTS, measureMs: measureMs * model.patience, slow: model.slow };
  const row = rowOf(model, 0);
  const json = await client.load({ ...ask, body: jsonBody(model, row) });
  return { json, binary: await client.load({ ...ask, body: binaryBody(model, row) }) };
}

/** One row of the table of the servers. */
export async function measureBeside(
  model: BenchModel,
  tuning: ModelTuning,
  { client, measureMs }: { client: HttpClient; measureMs: number },
): Promise<PeerRow> {
  const lathe = await startLathe();
  try {
    await lathe.serve(model, tuning);
    const url = lathe.stack.url(`/v2/models/${model.name}/infer`);
    const ask = { url, clients: CLIENTS, measureMs: measureMs * model.patience, slow: model.slow };
    const row = rowOf(model, 0);
    const load = await client.load({ ...ask, body: jsonBody(model, row) });
    const binary = await client.load({ ...ask, body: binaryBody(model, row) });
    const settings = `batches of ${tuning.maxBatchRows} at most`;
    return { model: model.name, peer: LATHE, version: 'Lathe', load, binary, settings };
  } finally {
    await lathe.stack.close();
  }
}

async function checkAnswer(url: string, body: Body, expected: readonly number[]): Promise<void> {
  const { status, text } = await post(url, body, START_LIMIT_MS);
  if (status !== 200) throw new Error(`${url}: ${status} ${text.slice(0, 300)}`);
  const { outputs } = JSON.parse(text) as { outputs: { name: string; data: number[] }[] };
  const data = outputs.find(({ name }) => name === OUTPUT)?.data ?? [];
  if (!isAlike(expected, data)) throw new Error(`${url}: not what ONNX Runtime answers for ${INPUT}`);
}

async function counters(stack: Stack, model: string): Promise<{ rows: number; batches: number }> {
  const text = await (await fetch(stack.url('/metrics'))).text();
  const read = (metric: string) =>
    Number(new RegExp(`${metric}\\{model="${model}".*\\} (\\d+)`).exec(text)?.[1] ?? 0);
  return { rows: read('nv_inference_count'), batches: read('nv_inference_exec_count') };
}

/** Requests at random times, 1.5 times as many as it can answer; the target is set for the model meanwhile. */
export async function overload(
  lathe: Lathe,
  model: BenchModel,
  plan: { share: number; sloMs: number; maxBatchRows: number; threads: number; measureMs: number },
): Promise<Overload> {
  const { sloMs, maxBatchRows, threads, measureMs } = plan;
  await lathe.serve(model, { sloMs, maxBatchRows }, threads);
  const bodies = Array.from({ length: 8 }, (_, at) => binaryBody(model, rowOf(model, at)));
  const ask = {
    port: Number(new URL(lathe.stack.url('')).port),
    path: `/v2/models/${model.name}/infer`,
    bodies: bodies.map(({ bytes }) => bytes),
    headers: bodies[0]?.headers ?? {},
    warmUpMs: measureMs / 4,
    measureMs,
  };
  // Before and after: the machine may change under the measurement.
  const capacity = async () => {
    const { requests, seconds } = await closedLoad({ ...ask, clients: CLIENTS });
    return requests / seconds;
  };
  const first = await capacity();
  const seen = lathe.stack.seconds().length;
  const load = await openLoad({ ...ask, rate: plan.share * first, sloMs, connections: OPEN_CONNECTIONS });
  const loops = lathe.stack
    .seconds()
    .slice(seen)
    .map(({ loop }) => loop.p99Ms);
  const [loopP99Ms, loopWorstMs] = [median(loops), Math.max(0, ...loops)];
  return { capacity: (first + (await capacity())) / 2, sloMs, load, loopP99Ms, loopWorstMs };
}

/** Both processes with nothing loaded, then with each model alone. */
export async function memoryOf(models: readonly BenchModel[]): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  const add = async (lathe: Lathe, what: string, fileBytes: number | null) => {
    await sleep(SETTLE_MS);
    const use = (id: 'gateway' | 'runner') => memoryUse(lathe.stack.pid(id));
    const fileMiB = fileBytes === null ? null : fileBytes / 2 ** 20;
    rows.push({ what, gateway: use('gateway'), runner: use('runner'), fileMiB });
  };
  for (const model of [null, ...models]) {
    const lathe = await startLathe();
    try {
      if (model) await lathe.serve(model, {});
      await add(lathe, model?.title ?? 'idle, no model', model?.bytes ?? null);
    } finally {
      await lathe.stack.close();
    }
  }
  return rows;
}

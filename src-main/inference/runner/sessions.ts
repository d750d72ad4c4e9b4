/** Loading and running ONNX models. Both block this process's thread: that is why it is its own. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import type { TensorSpec } from '../../contract/common.ts';
import type { Provider } from '../../contract/devices.ts';
import { LatheError } from '../../contract/errors.ts';
import { briefReason } from '../../platform/devices/ort-message.ts';
import type { DeviceOrder, TensorHeader } from '../../platform/link.ts';
import { namesOf } from '../model-key.ts';
import { ELEMENT_BYTES, elementCount } from '../tensors.ts';
import { loadFailure } from './load-errors.ts';
import { datatypeOf, fromOrt, toOrt } from './ort-tensors.ts';

export type LoadedModel = {
  session: InferenceSession;
  sha256: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  outputNames: string[];
  provider: Provider;
  /** Of a run on the CPU, and whether somebody chose them. */
  threads: number;
  chosen: boolean;
  path: string;
  /** Why the CPU runs it though another provider was to. */
  fallback: string | null;
  /** By how much the process grew when it was loaded. */
  footprintBytes: number;
};

/** Of a run, where nothing is chosen. Beyond 16 there is little to win. */
export const ALL_THREADS = Math.min(16, availableParallelism());

/** A run that is over sooner is over before other threads have woken up, and is faster on one. */
const SLIGHT_US = 1_000;

/** More would be slow to make, and no batch is larger (the gateway's limit is the same). */
const MAX_BLANK_BYTES = 64 * 1024 * 1024;

/**
 * Loads the file if it is the one that was announced, on the provider that was ordered, or on the CPU where that
 * is allowed and the provider cannot. Throws a LatheError of the catalogue otherwise.
 */
export async function loadModel(
  key: string,
  path: string,
  sha256: string,
  device: DeviceOrder,
): Promise<LoadedModel> {
  const found = await hashFile(path).catch((thrown: unknown) => {
    const reason = `the stored file cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`;
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', { file: key, reason }, { cause: thrown });
  });
  if (found !== sha256) {
    const reason = `the stored file was changed: its SHA-256 is ${found.slice(0, 12)}…, not ${sha256.slice(0, 12)}…`;
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', { file: key, reason });
  }
  const beforeBytes = process.memoryUsage.rss();
  const opened = await open(key, path, device);
  const grownBytes = Math.max(0, process.memoryUsage.rss() - beforeBytes);
  const chosen = (device.threads ?? null) !== null;
  return { ...signatureOf(key, opened.session), ...opened, chosen, path, sha256, footprintBytes: grownBytes };
}

type Runnable = Pick<LoadedModel, 'session' | 'inputs' | 'outputNames'>;
type Opened = Pick<LoadedModel, 'session' | 'provider' | 'threads' | 'fallback'>;
type Created = Pick<Opened, 'session' | 'threads'>;

async function open(key: string, path: string, device: DeviceOrder): Promise<Opened> {
  const { provider, fallback, refused } = device;
  const threads = device.threads ?? ALL_THREADS;
  if (refused !== null)
    throw new LatheError('LATHE_SERVING_PROVIDER', { ...namesOf(key), provider, reason: refused });
  if (provider === 'cpu') return { ...(await openOnCpu(key, path, threads)), provider, fallback: null };
  try {
    return { ...(await create(path, provider, threads)), provider, fallback: null };
  } catch (thrown) {
    const reason = briefReason(thrown instanceof Error ? thrown.message : String(thrown));
    if (!fallback)
      throw new LatheError(
        'LATHE_SERVING_PROVIDER',
        { ...namesOf(key), provider, reason },
        { cause: thrown },
      );
    // A file that is no good is no good on the CPU either, and that error says more.
    const opened = await openOnCpu(key, path, threads);
    return { ...opened, provider: 'cpu', fallback: `${provider}: ${reason}` };
  }
}

async function openOnCpu(key: string, path: string, threads: number): Promise<Created> {
  try {
    return await create(path, 'cpu', threads);
  } catch (thrown) {
    throw loadFailure(key, thrown);
  }
}

const create = async (path: string, provider: Provider, threads: number): Promise<Created> => ({
  session: await InferenceSession.create(path, options(provider, threads)),
  threads,
});

/** Leaves a model a single thread whose largest batch took `runUs`, where that is next to nothing. */
export async function spareThreads(model: LoadedModel, runUs: number): Promise<void> {
  const { provider, threads, chosen, path, session } = model;
  if (provider !== 'cpu' || chosen || threads === 1 || runUs > SLIGHT_US) return;
  Object.assign(model, await create(path, 'cpu', 1));
  await session.release();
}

const options = (provider: Provider, threads: number): InferenceSession.SessionOptions => ({
  // What a provider has no kernel for, the CPU computes: ONNX Runtime appends it by itself.
  executionProviders: [provider],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
  // Spinning threads would burn the desktop's cores between requests.
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
});

/** Runs one batch. Throws what ONNX Runtime throws; `runUs` is the time inside it. */
export async function runModel(
  model: Runnable,
  headers: readonly TensorHeader[],
  body: Buffer,
): Promise<{ outputs: TensorHeader[]; parts: Uint8Array[]; runUs: number }> {
  const feeds: Record<string, Tensor> = {};
  let at = 0;
  for (const header of headers) {
    feeds[header.name] = toOrt(header, body.subarray(at, at + header.byteLength));
    at += header.byteLength;
  }
  const begin = performance.now();
  const results = await model.session.run(feeds, model.outputNames);
  const runUs = Math.round((performance.now() - begin) * 1000);
  const outputs: TensorHeader[] = [];
  const parts: Uint8Array[] = [];
  for (const name of model.outputNames) {
    const { header, data } = fromOrt(name, results[name] as Tensor);
    outputs.push(header);
    parts.push(data);
  }
  return { outputs, parts, runUs };
}

/**
 * One run on blank rows: zeros, empty strings, 1 for every open dimension but the first. Throws where the model
 * does not take them.
 */
export async function warmUp(model: Runnable, rows: number): Promise<{ runUs: number; grownBytes: number }> {
  const beforeBytes = process.memoryUsage.rss();
  const headers: TensorHeader[] = [];
  const parts: Buffer[] = [];
  for (const { name, datatype, shape: spec } of model.inputs) {
    const shape = spec.map((dim, at) => (dim >= 0 ? dim : at === 0 ? rows : 1));
    const bytes = (elementCount(shape) ?? Number.POSITIVE_INFINITY) * (ELEMENT_BYTES[datatype] || 4);
    if (bytes > MAX_BLANK_BYTES) throw new Error(`${rows} rows of ${name} are ${bytes} bytes`);
    const data = Buffer.alloc(bytes);
    headers.push({ name, datatype, shape, byteLength: data.byteLength });
    parts.push(data);
  }
  const { runUs } = await runModel(model, headers, Buffer.concat(parts));
  return { runUs, grownBytes: Math.max(0, process.memoryUsage.rss() - beforeBytes) };
}

function signatureOf(
  key: string,
  session: InferenceSession,
): Pick<LoadedModel, 'inputs' | 'outputs' | 'outputNames'> {
  const inputs = session.inputMetadata.map((meta) => {
    const spec = toSpec(meta);
    if (spec) return spec;
    const reason = `its input ${meta.name} is not a tensor of a supported type`;
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', { file: key, reason });
  });
  // Sequences and maps (a classifier's ZipMap) have no place in the protocol; its tensors still serve.
  const outputs = session.outputMetadata.map(toSpec).filter((spec) => spec !== null);
  if (outputs.length === 0) {
    const reason = 'none of its outputs is a tensor of a supported type';
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', { file: key, reason });
  }
  return { inputs, outputs, outputNames: outputs.map((spec) => spec.name) };
}

function toSpec(meta: InferenceSession.ValueMetadata): TensorSpec | null {
  if (!meta.isTensor) return null;
  const datatype = datatypeOf(meta.type);
  if (datatype === null) return null;
  const shape = meta.shape.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : -1));
  return { name: meta.name, datatype, shape };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest('hex');
}

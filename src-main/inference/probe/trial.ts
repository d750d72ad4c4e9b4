/**
 * Tries one execution provider in this process, which is there for nothing else: a provider that aborts or hangs
 * takes only this with it. It makes a session, compares a result with the CPU's and measures a run of each.
 */
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import type { Provider } from '../../contract/devices.ts';
import type { TrialEnd, TrialStep } from '../../platform/devices/trial.ts';
import { COMPARED, MEASURED } from './trial-models.ts';

const COMPARED_ROWS = 16;
/** As many as serving usually batches. */
const MEASURED_ROWS = 64;
const MEASURED_RUNS = 5;
/** No more runs are begun after this long. */
const MEASURE_MS = 1_500;

export async function tryProvider(
  provider: Provider,
  say: (step: TrialStep) => Promise<void>,
): Promise<TrialEnd> {
  await say('making a session');
  const backends = listSupportedBackends().map(({ name }) => name);
  if (!backends.includes(provider)) return { kind: 'absent', backends };
  try {
    const compared = await session(COMPARED.file(), provider);
    await say('running it');
    const difference = await differenceOf(compared, await session(COMPARED.file(), 'cpu'));
    await compared.release();
    await say('measuring it');
    const cpuMs = await msOfRun('cpu', Number.POSITIVE_INFINITY);
    const ms = provider === 'cpu' ? cpuMs : await msOfRun(provider, cpuMs);
    return { kind: 'ran', backends, difference, ms, cpuMs };
  } catch (thrown) {
    return { kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const session = (file: Buffer, provider: Provider): Promise<InferenceSession> =>
  InferenceSession.create(file, {
    executionProviders: [provider],
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });

/** The largest difference of any value, as a part of the largest value. */
async function differenceOf(tried: InferenceSession, reference: InferenceSession): Promise<number> {
  const { width } = COMPARED;
  // Any values do that are no round numbers and have both signs.
  const values = (length: number, step: number) =>
    Float32Array.from({ length }, (_, at) => Math.sin(at * step));
  const feeds = {
    x: new Tensor('float32', values(COMPARED_ROWS * width, 0.37), [COMPARED_ROWS, width]),
    w: new Tensor('float32', values(width * width, 0.73), [width, width]),
  };
  const found = (await tried.run(feeds)).y?.data as Float32Array;
  const expected = (await reference.run(feeds)).y?.data as Float32Array;
  await reference.release();
  let apart = 0;
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    const difference = Math.abs((found[at] ?? Number.NaN) - (expected[at] as number));
    // No number is as far away as can be; neither NaN nor infinity survives JSON on the way to who asked.
    if (!Number.isFinite(difference)) return Number.MAX_VALUE;
    apart = Math.max(apart, difference);
    largest = Math.max(largest, Math.abs(expected[at] as number));
  }
  return apart / largest;
}

/**
 * The median, after runs that pay for buffers and plans. What needs longer for one row than the limit, which the CPU
 * needs for all, is not measured further: a software adapter would take minutes.
 */
async function msOfRun(provider: Provider, limitMs: number): Promise<number> {
  const measured = await session(MEASURED.file(), provider);
  try {
    await timed(measured, 1);
    const oneRowMs = await timed(measured, 1);
    if (oneRowMs > limitMs) return oneRowMs;
    await timed(measured, MEASURED_ROWS);
    const took: number[] = [];
    const untilMs = performance.now() + MEASURE_MS;
    while (took.length < MEASURED_RUNS && (took.length === 0 || performance.now() < untilMs))
      took.push(await timed(measured, MEASURED_ROWS));
    return took.sort((left, right) => left - right)[Math.floor(took.length / 2)] ?? 0;
  } finally {
    await measured.release();
  }
}

async function timed(measured: InferenceSession, rows: number): Promise<number> {
  const { width } = MEASURED;
  const x = new Tensor('float32', new Float32Array(rows * width).fill(1), [rows, width]);
  const begin = performance.now();
  await measured.run({ x });
  return performance.now() - begin;
}

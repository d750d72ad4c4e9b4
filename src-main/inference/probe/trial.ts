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
    const ms = await msOfRun(provider);
    return { kind: 'ran', backends, difference, ms, cpuMs: provider === 'cpu' ? ms : await msOfRun('cpu') };
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

/** The median, after one run that pays for buffers and plans. */
async function msOfRun(provider: Provider): Promise<number> {
  const { width } = MEASURED;
  const measured = await session(MEASURED.file(), provider);
  const x = new Tensor('float32', new Float32Array(MEASURED_ROWS * width).fill(1), [MEASURED_ROWS, width]);
  await measured.run({ x });
  const took: number[] = [];
  const untilMs = performance.now() + MEASURE_MS;
  while (took.length < MEASURED_RUNS && (took.length === 0 || performance.now() < untilMs)) {
    const begin = performance.now();
    await measured.run({ x });
    took.push(performance.now() - begin);
  }
  await measured.release();
  return took.sort((left, right) => left - right)[Math.floor(took.length / 2)] ?? 0;
}

/** What `lathe demo` does and checks, in order. A step returns its figures or throws what did not hold. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from '../contract/serving.ts';
import { routeOf } from '../contract/serving-route.ts';
import { check, type DemoContext, doing, type Golden, percent, SAMPLE, until } from './demo-lib.ts';
import { MONITORING_STEPS } from './demo-monitoring.ts';
import { uploadFile } from './upload.ts';

const MODEL = 'demo-delay';
const ENDPOINT = 'demo';
const CONCURRENT = 256;
const UNITS = 2_000;

export const DEMO_STEPS: readonly { name: string; run(context: DemoContext): Promise<string> }[] = [
  { name: 'register', run: register },
  { name: 'serve', run: serve },
  { name: 'batch', run: batch },
  { name: 'split', run: split },
  // The sample's endpoint, which the replay plays through.
  { name: 'sample', run: async (context) => `${(await ready(context, SAMPLE)).url} answers` },
  ...MONITORING_STEPS,
];

export async function readGolden(resources: string): Promise<Golden> {
  return JSON.parse(await readFile(join(resources, 'sample', 'golden.json'), 'utf8')) as Golden;
}

async function register({ rpc, resources }: DemoContext): Promise<string> {
  const versions = [];
  for (const file of ['delay-v1.onnx', 'delay-v2.onnx']) {
    const uploadId = await uploadFile(rpc, join(resources, 'sample', 'models', file));
    versions.push(await rpc.models.import({ uploadId, name: MODEL, description: file }));
  }
  const { versions: stored } = await rpc.models.get({ name: MODEL });
  check(stored.length === 2, `${stored.length} versions are registered instead of 2`);
  return versions
    .map(({ version, sizeBytes, inputs, sha256 }) => {
      return `version ${version}: ${inputs.length} inputs, ${sizeBytes} bytes, sha256 ${sha256?.slice(0, 12)}…`;
    })
    .join('; ');
}

async function serve(context: DemoContext): Promise<string> {
  const { rpc, golden } = context;
  await rpc.serving.create({ name: ENDPOINT, model: MODEL, version: '1' });
  const { url } = await ready(context, ENDPOINT);
  let worst = 0;
  for (const [at] of golden.rows.entries()) {
    const { version, probability } = await infer(context, url ?? '', at, `golden-${at}`);
    worst = Math.max(worst, Math.abs(probability - expected(context, version, at)));
  }
  check(worst <= golden.tolerance, `an answer is off by ${worst}, more than ${golden.tolerance}`);
  return `${golden.rows.length} real flights over HTTP, at most ${worst.toExponential(1)} from training`;
}

async function batch(context: DemoContext): Promise<string> {
  const { url } = await ready(context, ENDPOINT);
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENT }, (_, n) =>
      infer(context, url ?? '', n % context.golden.rows.length, `batch-${n}`),
    ),
  );
  const tookMs = performance.now() - startMs;
  const totals = await until('the figures of the batches', async () => {
    const samples = await context.rpc.serving.recent({ name: ENDPOINT });
    const arms = samples.flatMap((sample) => sample.arms);
    const rows = arms.reduce((sum, arm) => sum + arm.rows, 0);
    const batches = arms.reduce((sum, arm) => sum + arm.batches, 0);
    return rows >= CONCURRENT + context.golden.rows.length ? { rows, batches } : null;
  });
  check(totals.batches < totals.rows, 'no two requests shared a batch');
  // The golden rows of the step before were sent one after another, so each was a batch of its own.
  const alone = context.golden.rows.length;
  const mean = (totals.rows - alone) / Math.max(1, totals.batches - alone);
  check(mean > 1.5, `${mean.toFixed(2)} rows a batch`);
  return `${CONCURRENT} clients at once in ${Math.round(tookMs)} ms, ${mean.toFixed(1)} rows a batch`;
}

async function split(context: DemoContext): Promise<string> {
  const { rpc, golden } = context;
  const before = await rpc.serving.get({ name: ENDPOINT });
  await rpc.serving.setRoute({
    name: ENDPOINT,
    revision: before.revision,
    reason: 'demo',
    route: {
      ...routeOf(before),
      arms: [
        { key: 'champion', version: '1', weight: 8_000 },
        { key: 'challenger', version: '2', weight: 2_000 },
      ],
    },
  });
  const { url } = await ready(context, ENDPOINT);
  const seen = new Map<string, string>();
  let moved = 0;
  let wrong = 0;
  for (const round of [1, 2])
    for (let from = 0; from < UNITS; from += 100) {
      doing(`answers to ${UNITS} flights, time ${round} of 2, after ${from}`);
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          const unit = `flight-${from + n}`;
          const at = n % golden.rows.length;
          const { version, probability } = await infer(
            context,
            url ?? '',
            at,
            `split-${round}-${unit}`,
            unit,
          );
          if ((seen.get(unit) ?? version) !== version) moved += 1;
          seen.set(unit, version);
          if (!(Math.abs(probability - expected(context, version, at)) <= golden.tolerance)) wrong += 1;
        }),
      );
    }
  const challengers = [...seen.values()].filter((version) => version === '2').length;
  const share = challengers / UNITS;
  // Four standard deviations of a binomial: once in 16,000 demos this is bad luck.
  const slack = 4 * Math.sqrt((0.2 * 0.8) / UNITS);
  check(moved === 0, `${moved} of ${UNITS} flights changed their arm`);
  check(wrong === 0, `${wrong} answers are not those of the version they name`);
  check(Math.abs(share - 0.2) < slack, `${percent(share)} went to the challenger, 20 % were asked for`);
  return `${UNITS} flights twice: ${percent(share)} to the challenger, none changed its arm`;
}

/** The endpoint once it is reachable and all its versions are loaded. */
function ready(context: DemoContext, name: string): Promise<Endpoint> {
  return until(`endpoint ${name}`, async () => {
    const endpoint = (await context.rpc.serving.list()).find((each) => each.name === name);
    const failed = endpoint?.arms.find(({ state }) => state === 'failed');
    if (failed) throw new Error(failed.error?.cause ?? `version ${failed.version} failed to load`);
    return endpoint?.url && endpoint.arms.every(({ state }) => state === 'ready') ? endpoint : null;
  });
}

type Answer = { model_version: string; outputs?: { name: string; data: number[] }[] };

async function infer(
  { golden }: DemoContext,
  url: string,
  at: number,
  id: string,
  unit = id,
): Promise<{ version: string; probability: number }> {
  const row = golden.rows[at];
  const inputs = golden.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [1, 1],
    data: [row?.inputs[name]],
  }));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, parameters: { lathe_unit: unit }, inputs }),
  });
  const answer = (await response.json()) as Answer;
  const probability = answer.outputs?.find(({ name }) => name === 'probabilities')?.data[1];
  if (!response.ok || probability === undefined)
    throw new Error(`inference answered ${response.status}: ${JSON.stringify(answer).slice(0, 200)}`);
  return { version: answer.model_version, probability };
}

const expected = ({ golden }: DemoContext, version: string, at: number): number =>
  golden.rows[at]?.expected[version]?.probabilities[1] ?? Number.NaN;

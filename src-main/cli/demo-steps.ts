/** The steps of `lathe demo --once`. Each returns what it found in words, or throws what did not hold. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Datatype, FeatureValue } from '../contract/common.ts';
import type { Rpc } from './client.ts';

export type DemoSubject = {
  rpc: Rpc;
  /** Folder of the sample. */
  sample: string;
  /** On the monotonic clock, in milliseconds. */
  deadline: number;
};

type Row = { inputs: Record<string, FeatureValue>; expected: Record<string, { probabilities: number[] }> };
type Golden = { tolerance: number; inputs: { name: string; datatype: Datatype }[]; rows: Row[] };
type Answer = { model_version: string; outputs: { name: string; data: number[] }[] };

const MODEL = 'flight-delay';
/** A second endpoint, not logged, so that the demo's own requests do not mix with the watched traffic. */
const PROBE = 'demo-probe';
const CLIENTS = 64;
const UNITS = 1_000;

export const DEMO_STEPS: readonly (readonly [string, (subject: DemoSubject) => Promise<string>])[] = [
  ['register', register],
  ['serve', serve],
  ['batch', batch],
  ['split', split],
  ['replay', replay],
  ['drift', drift],
  ['labels', labels],
  ['accuracy', accuracy],
];

/** Training runs, two versions with their training profile, and where they came from. */
async function register({ rpc, deadline }: DemoSubject): Promise<string> {
  const { versions } = await until(deadline, 'two registered versions', async () => {
    const found = await rpc.models.get({ name: MODEL }).catch(() => null);
    return found && found.versions.length === 2 && found.versions.every((each) => each.hasReference) && found;
  });
  const [experiment] = await rpc.experiments.list();
  const lineage = await rpc.models.lineage({ name: MODEL });
  hold(experiment !== undefined && experiment.runCount > 0, 'no training runs');
  hold(lineage.edges.length > 0, 'no lineage');
  const sizes = versions.map((each) => `v${each.version} ${(each.sizeBytes / 1024).toFixed(0)} KiB`);
  return `${experiment?.runCount} runs, ${sizes.join(', ')}, lineage of ${lineage.nodes.length} nodes`;
}

/** Both versions answer over HTTP as they did in training. */
async function serve(subject: DemoSubject): Promise<string> {
  const { rpc, deadline } = subject;
  const golden = await readGolden(subject);
  await rpc.serving.create({ name: PROBE, model: MODEL, version: '1' });
  const made = await rpc.serving.get({ name: PROBE });
  const silent = await rpc.serving.setLogging({ name: PROBE, revision: made.revision, logging: false });
  await rpc.serving.setSplit({
    name: PROBE,
    revision: silent.revision,
    arms: [
      { key: 'champion', version: '1', weight: 8_000 },
      { key: 'challenger', version: '2', weight: 2_000 },
    ],
    reason: 'lathe demo',
  });
  const url = await until(deadline, 'both versions to be ready', async () => {
    const endpoint = await rpc.serving.get({ name: PROBE });
    return endpoint.arms.every((arm) => arm.state === 'ready') && endpoint.url;
  });
  let worst = 0;
  for (const version of ['1', '2']) {
    const at = url.replace(/\/infer$/, `/versions/${version}/infer`);
    for (const row of golden.rows) {
      const { answer } = await ask(at, golden, row, null);
      const [, late] = answer.outputs.find((output) => output.name === 'probabilities')?.data ?? [];
      const [, expected] = row.expected[version]?.probabilities ?? [];
      worst = Math.max(worst, Math.abs((late ?? Number.NaN) - (expected ?? Number.NaN)));
      hold(answer.model_version === version, `version ${answer.model_version} answered for ${version}`);
    }
  }
  hold(worst <= golden.tolerance, `an answer differs from training by ${worst}`);
  return `${golden.rows.length} flights by both versions over HTTP, at most ${worst.toExponential(1)} from training`;
}

/** Many clients at once share batches. */
async function batch(subject: DemoSubject): Promise<string> {
  const { rpc, deadline } = subject;
  const golden = await readGolden(subject);
  const { url } = await rpc.serving.get({ name: PROBE });
  const begin = performance.now();
  let asked = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let at = 0; at < 20; at += 1, asked += 1)
        await ask(url ?? '', golden, rowAt(golden, client + at), `client-${client}`);
    }),
  );
  const perSecond = asked / ((performance.now() - begin) / 1_000);
  const seen = await until(deadline, 'the figures of the batches', async () => {
    const arms = (await rpc.serving.recent({ name: PROBE })).flatMap((sample) => sample.arms);
    const rows = arms.reduce((sum, arm) => sum + arm.rows, 0);
    return rows >= asked && { rows, batches: arms.reduce((sum, arm) => sum + arm.batches, 0) };
  });
  hold(seen.batches < seen.rows, `${seen.rows} rows ran in ${seen.batches} batches: nothing was batched`);
  return `${asked} requests of ${CLIENTS} clients in ${seen.batches} batches, ${Math.round(perSecond)} requests/s`;
}

/** The split is the one that was set, and a unit stays with its arm. */
async function split(subject: DemoSubject): Promise<string> {
  const golden = await readGolden(subject);
  const { url } = await subject.rpc.serving.get({ name: PROBE });
  const routes = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const round of [0, 1]) {
    for (let from = 0; from < UNITS; from += CLIENTS) {
      const units = Array.from({ length: Math.min(CLIENTS, UNITS - from) }, (_, at) => `unit-${from + at}`);
      const answers = await Promise.all(
        units.map((unit) => ask(url ?? '', golden, rowAt(golden, round), unit)),
      );
      for (const [at, { route }] of answers.entries()) {
        const unit = units[at] ?? '';
        hold((routes.get(unit) ?? route) === route, `${unit} moved from ${routes.get(unit)} to ${route}`);
        routes.set(unit, route);
        if (round === 0) counts.set(route, (counts.get(route) ?? 0) + 1);
      }
    }
  }
  const champion = (counts.get('champion@1') ?? 0) / UNITS;
  // Four standard deviations of a binomial share around 80 %.
  hold(
    Math.abs(champion - 0.8) < 4 * Math.sqrt((0.8 * 0.2) / UNITS),
    `champion got ${champion * 100} %, not 80 %`,
  );
  return `${UNITS} units: ${(champion * 100).toFixed(1)} % champion, ${((1 - champion) * 100).toFixed(1)} % challenger; every unit stays`;
}

/** Two weeks of later flights pass through the watched endpoint. */
async function replay({ rpc, deadline }: DemoSubject): Promise<string> {
  await rpc.replay.setSpeed({ speed: 86_400 });
  await rpc.replay.start();
  const begin = performance.now();
  const status = await until(deadline, 'nine days of flights', async () => {
    const now = await rpc.replay.status();
    return (now.nowMs ?? 0) - (now.fromMs ?? 0) > 9 * 86_400_000 && now;
  });
  hold(status.failed === 0, `${status.failed} requests failed`);
  const rate = status.sent / ((performance.now() - begin) / 1_000);
  return `${status.sent} flights up to ${day(status.nowMs)}, ${Math.round(rate)} a second, none failed`;
}

/** Spring is not winter: temperature has drifted, the calendar has not. */
async function drift({ rpc, deadline }: DemoSubject): Promise<string> {
  const features = await until(deadline, 'a drift score', async () => {
    const found = await rpc.monitoring.drift({ endpoint: MODEL });
    return found.some((each) => each.feature === 'temp' && each.latest?.level === 'large') && found;
  });
  const words = features
    .filter((each) => each.latest !== null && each.latest.level !== 'too-few')
    .sort((a, b) => (b.latest?.value ?? 0) - (a.latest?.value ?? 0))
    .slice(0, 3)
    .map((each) => `${each.feature} ${each.latest?.value.toFixed(2)} (${each.latest?.level})`);
  return `PSI ${words.join(', ')}`;
}

/** The truth arrives later than the prediction, and is joined to it. */
async function labels({ rpc, deadline }: DemoSubject): Promise<string> {
  const seen = await until(deadline, 'labels', async () => {
    const [watched] = (await rpc.monitoring.overview()).filter((each) => each.endpoint === MODEL);
    return watched !== undefined && watched.labelled > 1_000 && watched;
  });
  hold(seen.labelled < seen.predictions, 'every prediction is labelled at once: labels did not come late');
  return `${seen.labelled} of ${seen.predictions} predictions have their label`;
}

/** Once labels are there, each arm has an accuracy with its uncertainty. */
async function accuracy({ rpc, deadline }: DemoSubject): Promise<string> {
  const arms = await until(deadline, 'an accuracy for both arms', async () => {
    const found = (await rpc.monitoring.performance({ endpoint: MODEL })).arms;
    return found.length === 2 && found.every((arm) => arm.accuracy !== null) && found;
  });
  await rpc.replay.pause();
  const percent = (share: number | null) => `${((share ?? Number.NaN) * 100).toFixed(1)} %`;
  return arms
    .map(
      (arm) =>
        `${arm.arm} v${arm.version} ${percent(arm.accuracy)} (${percent(arm.accuracyLow)} to ${percent(arm.accuracyHigh)}), log loss ${arm.logLoss?.toFixed(3)}`,
    )
    .join('; ');
}

async function ask(
  url: string,
  golden: Golden,
  row: Row,
  unit: string | null,
): Promise<{ answer: Answer; route: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...(unit === null ? {} : { parameters: { lathe_unit: unit } }),
      inputs: golden.inputs.map(({ name, datatype }) => ({
        name,
        datatype,
        shape: [1, 1],
        data: [row.inputs[name]],
      })),
    }),
  });
  const text = await response.text();
  hold(response.status === 200, `${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return { answer: JSON.parse(text) as Answer, route: response.headers.get('x-lathe-route') ?? '' };
}

const readGolden = async ({ sample }: DemoSubject): Promise<Golden> =>
  JSON.parse(await readFile(join(sample, 'golden.json'), 'utf8')) as Golden;

function rowAt(golden: Golden, at: number): Row {
  const row = golden.rows[at % golden.rows.length];
  if (!row) throw new Error('golden.json has no rows');
  return row;
}

const day = (ms: number | null): string => new Date(ms ?? 0).toISOString().slice(0, 10);

function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

/** Looks ten times a second until there is something to see, or the demo's time is up. */
async function until<T>(
  deadline: number,
  what: string,
  look: () => Promise<T | false | null | undefined>,
): Promise<T> {
  while (performance.now() < deadline) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`waited in vain for ${what}`);
}

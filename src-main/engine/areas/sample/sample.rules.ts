/** What lies in resources/sample, and how it becomes records. The files ship with Lathe and are tested with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertRuleInput } from '../../../contract/alerts.ts';
import type { BusinessMetric } from '../../../contract/business-metrics.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { ReferenceProfile } from '../monitoring/index.ts';

export const SAMPLE_NAME = 'flight-delay';
export const SAMPLE_SPLIT = { champion: 8_000, challenger: 2_000 } as const;
/** Which of the sample's models each arm serves. */
export const SAMPLE_NUMBERS = { champion: '1', challenger: '2' } as const;

/** Derived from the sample's flights (minutes-late.ts), and its name says so. */
export const MINUTES_LATE = {
  ...{ endpoint: SAMPLE_NAME, name: 'Minutes late per flight - from the sample' },
  ...{ combine: 'mean', good: 'lower', unit: 'min' },
} as const satisfies Partial<BusinessMetric>;

/** Parts of the traffic that a practitioner would ask for first. In which of them accuracy falls is what the data says. */
export const SAMPLE_SLICES: readonly { name: string; conditions: SliceCondition[] }[] = [
  // Delays pile up over a day, so that evenings are the hardest.
  {
    name: 'Evening departures',
    conditions: [{ feature: 'sched_hour', op: 'range', from: 17, to: null }],
  },
  { name: 'From Newark', conditions: [{ feature: 'origin', op: 'in', values: ['EWR'] }] },
  // Warmer than any flight that the models were trained on.
  { name: '65 °F and warmer', conditions: [{ feature: 'temp', op: 'range', from: 65, to: null }] },
];

/**
 * A rule of the sample's own beside the presets: on the first slice, of which the champion gets 68 % right on the held-out
 * flights (of a week's 1,900 the sampling error is one point).
 */
export const sampleRule = (slice: string): AlertRuleInput => ({
  ...{ endpoint: SAMPLE_NAME, name: 'Evening departures are predicted badly', enabled: true },
  ...{ severity: 'warning', series: { of: 'performance', metric: 'accuracy' }, per: 'day', arm: null, slice },
  condition: { kind: 'threshold', direction: 'below', value: 0.6, exit: 0.65 },
  ...{ minN: 500, forWindows: 2, keepWindows: 2 },
});

export type SampleRun = {
  name: string;
  modelFamily: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  startedMs: number;
  endedMs: number;
  metrics: { key: string; step: number; value: number; timestampMs: number }[];
  summary: Record<string, number>;
  /** The registered version that this run became. */
  version: string | null;
};

export type SampleDataset = { name: string; source: string; license: string; sha256: string };

type Window = { fromMs: number; toMs: number; rows: number; models: Record<string, Record<string, number>> };
type Metrics = {
  train: Window;
  models: Record<string, { file: string; run: string; modelFamily: string }>;
  validation: Window;
  replay: Window;
};
type Reference = {
  schema: number;
  dataset: SampleDataset;
  rows: number;
  features: unknown[];
  predictionRows: number;
  predictions: Record<string, unknown>;
};

export type Sample = { runs: SampleRun[]; metrics: Metrics; reference: Reference; parquet: string };

export async function readSample(resources: string): Promise<Sample> {
  const folder = join(resources, 'sample');
  const json = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'));
  return {
    runs: (await json('runs.json')) as SampleRun[],
    metrics: (await json('metrics.json')) as Metrics,
    reference: (await json('reference.json')) as Reference,
    parquet: join(folder, 'flights.parquet'),
  };
}

/** What the replay plays: the name it is known by, the file, and which of its scheduled departures. */
export async function readPlayed(
  resources: string,
): Promise<{ source: string; file: string; fromMs: number; toMs: number }> {
  const folder = join(resources, 'sample');
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const { replay } = (await json('metrics.json')) as Metrics;
  const { dataset } = (await json('reference.json')) as Reference;
  const { fromMs, toMs } = replay;
  return { source: dataset.name, file: join(folder, 'flights.parquet'), fromMs, toMs };
}

/** The profile that a version keeps: features on the training rows, its own score on the held-out ones. */
export function versionReference({ reference }: Sample, version: string): string {
  const { schema, rows, features, predictionRows, predictions } = reference;
  const prediction = predictions[version] ?? null;
  return JSON.stringify(ReferenceProfile.parse({ schema, rows, features, predictionRows, prediction }));
}

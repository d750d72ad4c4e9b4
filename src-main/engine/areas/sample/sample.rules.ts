/** What lies in resources/sample, and how it becomes records. The files ship with Lathe and are tested with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReferenceProfile } from '../monitoring/index.ts';

export const SAMPLE_NAME = 'flight-delay';
export const SAMPLE_SPLIT = { champion: 8_000, challenger: 2_000 } as const;

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

/** The profile that a version keeps: features on the training rows, its own score on the held-out ones. */
export function versionReference({ reference }: Sample, version: string): string {
  const { schema, rows, features, predictionRows, predictions } = reference;
  const prediction = predictions[version] ?? null;
  return JSON.stringify(ReferenceProfile.parse({ schema, rows, features, predictionRows, prediction }));
}

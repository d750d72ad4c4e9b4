/** For tests only: rows of the real sample, as the gateway would have logged them. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { FeatureValue } from '../../../contract/common.ts';
import type { Prediction } from '../../../platform/link.ts';
import type { VersionFacts } from './plans.ts';

const folder = fileURLToPath(new URL('../../../../resources/sample/', import.meta.url));

type Golden = { inputs: VersionFacts['inputs'] };

/** The sample's version 1, as the models area describes it. */
export function sampleFacts(): VersionFacts {
  const reference = JSON.parse(readFileSync(`${folder}reference.json`, 'utf8'));
  const golden = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')) as Golden;
  return {
    inputs: golden.inputs,
    outputs: [{ name: 'probabilities', datatype: 'FP32' }],
    prediction: {
      task: 'binary-classification',
      score: { output: 'probabilities', index: 1 },
      threshold: 0.5,
    },
    reference: { ...reference, prediction: reference.predictions['1'] },
  };
}

/** `count` flights from row `from` on. The score is not a model's: a number that only has to be the same each time. */
export async function samplePredictions(from: number, count: number): Promise<Prediction[]> {
  const file = await asyncBufferFromFile(`${folder}flights.parquet`);
  const rows = await parquetReadObjects({ file, rowStart: from, rowEnd: from + count });
  const inputs = sampleFacts().inputs.map(({ name }) => name);
  return rows.map((row) => ({
    id: `${row.row_id}-1`,
    endpoint: 'flight-delay',
    arm: Number(row.row_id) % 5 === 0 ? 'challenger' : 'champion',
    version: '1',
    unit: String(row.flight_key),
    eventMs: Number(row.scheduled_ms),
    receivedMs: 1_000 + Number(row.row_id),
    latencyUs: 900,
    features: Object.fromEntries(inputs.map((name) => [name, row[name] as FeatureValue])),
    label: null,
    score: ((Number(row.row_id) * 37) % 100) / 100,
  }));
}

/** For tests only: flights of the real sample as rows that were served, and what is known of the version that served them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { FeatureValue, TensorSpec } from '../../../contract/common.ts';
import type { Prediction } from '../../../platform/link.ts';

const folder = fileURLToPath(new URL('../../../../resources/sample/', import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));

export function flightFacts() {
  const reference = json('reference.json');
  return {
    inputs: json('golden.json').inputs as TensorSpec[],
    outputs: [{ name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 2] }],
    prediction: {
      ...{ task: 'binary-classification', label: null, threshold: 0.5 },
      score: { output: 'probabilities', index: 1 },
    },
    reference: { ...reference, prediction: reference.predictions['1'] },
  };
}

/** The first ones. The score is no model's: a number that only has to be the same each time. */
export async function flights(count: number): Promise<Prediction[]> {
  const file = await asyncBufferFromFile(`${folder}flights.parquet`);
  const rows = await parquetReadObjects({ file, rowStart: 0, rowEnd: count });
  const names = flightFacts().inputs.map(({ name }) => name);
  return rows.map((row) => ({
    ...{ id: `${row.row_id}-1`, endpoint: 'flight-delay', version: '1', unit: null, latencyUs: 900 },
    arm: Number(row.row_id) % 5 === 0 ? 'challenger' : 'champion',
    eventMs: Number(row.scheduled_ms),
    receivedMs: Number(row.scheduled_ms) + 1_000,
    features: Object.fromEntries(names.map((name) => [name, row[name] as FeatureValue])),
    ...{ label: null, score: ((Number(row.row_id) * 37) % 100) / 100 },
  }));
}

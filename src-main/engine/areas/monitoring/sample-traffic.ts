/** For tests only: rows of the real sample, as the gateway would have logged them. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { FeatureValue } from '../../../contract/common.ts';
import type { Prediction } from '../../../platform/link.ts';
import { blocksOfPredictions, noLogged } from '../../../platform/tap-block.ts';
import type { Chunk } from './cutter.ts';
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
    receivedMs: Number(row.scheduled_ms) + 1_000,
    latencyUs: 900,
    features: Object.fromEntries(inputs.map((name) => [name, row[name] as FeatureValue])),
    label: null,
    score: ((Number(row.row_id) * 37) % 100) / 100,
  }));
}

/** The same rows as a gateway's tap: chunks of 100, of which every other row is counted and not logged. */
export async function sampleTap(from: number, count: number, instance = 'a-gateway'): Promise<Chunk[]> {
  const rows = await samplePredictions(from, count);
  const chunks: Chunk[] = [];
  for (let at = 0; at < rows.length; at += 100) {
    const own = rows.slice(at, at + 100);
    const logged = blocksOfPredictions(own.filter((_, each) => each % 2 === 0));
    const counted = blocksOfPredictions(own.filter((_, each) => each % 2 === 1)).map((block) => ({
      ...block,
      logged: noLogged(),
    }));
    const cursor = { instance, seq: chunks.length + 1 };
    chunks.push({ blocks: [...logged, ...counted], cursor, dropped: 0, sampledOut: 0 });
  }
  return chunks;
}

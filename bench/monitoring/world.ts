/** What the parts of the monitoring benchmark share: a model of 30 inputs, its endpoint, and traffic for it. */

import type { MonitoringDeps } from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import type { VersionFacts } from '../../src-main/engine/areas/monitoring/plans.ts';
import type { FeatureProfile } from '../../src-main/engine/areas/monitoring/profile.rules.ts';
import { seededRandom } from '../../src-main/inference/testing/onnx-file.ts';
import { noLogged, type TapBlock } from '../../src-main/platform/tap-block.ts';

export const DAY_MS = 86_400_000;
export const ENDPOINT = 'tabular';

/** A sum of three: hump-shaped, so that quantiles are not evenly spaced. */
export const drawn = (random: () => number): number => random() + random() + random() - 1.5;

export function profiles(count: number): FeatureProfile[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, at) => {
    const values = Float64Array.from({ length: 20_000 }, () => drawn(random)).sort();
    const edges = Array.from({ length: 257 }, (_, edge) =>
      Math.fround(values[Math.round((edge / 256) * 19_999)] as number),
    );
    const strict = [...new Set(edges)];
    return {
      ...{ kind: 'numeric', name: `x[${at}]`, edges: strict, counts: strict.slice(1).map(() => 78) },
      ...{ below: 0, above: 0, missing: 0, mean: 0 },
    };
  });
}

export function factsOf(features: number): VersionFacts {
  const random = seededRandom(9);
  const edges = [...new Set(Array.from({ length: 257 }, () => Math.fround(random())))].sort((a, b) => a - b);
  return {
    inputs: [{ name: 'x', datatype: 'FP32' }],
    outputs: [{ name: 'p', datatype: 'FP32' }],
    prediction: { task: 'binary-classification', score: { output: 'p', index: 0 }, threshold: 0.5 },
    reference: {
      ...{ schema: 1, rows: 20_000, features: profiles(features), predictionRows: 20_000 },
      prediction: {
        ...{ kind: 'numeric', name: '$prediction', edges, counts: edges.slice(1).map(() => 78) },
        ...{ below: 0, above: 0, missing: 0, mean: 0.5 },
      },
    },
  };
}

export const depsOf = (facts: VersionFacts, name = ENDPOINT): MonitoringDeps => ({
  endpoints: () => [
    {
      ...{ id: 1, name, model: name, salt: 's', logging: true, enabled: true },
      ...{ revision: 1, createdMs: 0, updatedMs: 0 },
      ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null, canary: null, former: null },
      arms: [
        { key: 'champion', version: '1', weight: 8000 },
        { key: 'challenger', version: '1', weight: 2000 },
      ],
    },
  ],
  version: () => facts,
  rawLog: { masked: () => new Set(), features: async () => new Map() },
  grid: () => (facts.reference === null ? null : JSON.stringify(facts.reference)),
  reference: () => null,
  retentionDays: () => 30,
});

/** A block of one matrix input, none of it logged. */
export function blockOf(rows: number, features: number, atMs: number, seed = 1): TapBlock {
  const random = seededRandom(seed);
  const values = Float32Array.from({ length: rows * features }, () => drawn(random));
  return {
    ...{ endpoint: ENDPOINT, arm: 'champion', version: '1', revision: 1, rows },
    eventMs: new Float64Array(rows).fill(atMs),
    receivedMs: new Float64Array(rows).fill(atMs),
    columns: [{ name: 'x', width: features, kind: 'f32', values, nulls: new Uint32Array(0) }],
    score: {
      ...{ name: 'score', width: 1, kind: 'f64', nulls: new Uint32Array(0) },
      values: Float64Array.from({ length: rows }, random),
    },
    logged: noLogged(),
  };
}

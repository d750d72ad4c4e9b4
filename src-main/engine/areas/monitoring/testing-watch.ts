/** For tests only: an endpoint with a small reference, and blocks of rows for it. */
import type { FeatureValue } from '../../../contract/common.ts';
import { noLogged, type TapBlock } from '../../../platform/tap-block.ts';
import { noRawLog, type TestContext } from '../../testing.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Chunk } from './cutter.ts';
import { createMonitoringService, type MonitoringDeps } from './monitoring.service.ts';
import type { VersionFacts } from './plans.ts';

export const record: EndpointRecord = {
  ...{ id: 1, name: 'e', model: 'm', salt: 's', logging: true, enabled: true },
  ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null, canary: null, former: null },
  ...{ revision: 1, createdMs: 0, updatedMs: 0 },
  arms: [{ key: 'a', version: '1', weight: 10_000 }],
};

/** `x` is even over 0…10, `c` is a or b. */
export const FACTS: VersionFacts = {
  inputs: [
    { name: 'x', datatype: 'FP64' },
    { name: 'c', datatype: 'BYTES' },
  ],
  outputs: [{ name: 'p', datatype: 'FP64' }],
  prediction: { task: 'binary-classification', score: { output: 'p', index: 0 }, threshold: 0.5 },
  reference: {
    ...{ schema: 1, rows: 1_000, predictionRows: 1_000 },
    features: [
      {
        ...{
          kind: 'numeric',
          name: 'x',
          edges: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
          counts: Array(10).fill(100),
        },
        ...{ below: 0, above: 0, missing: 0, mean: 5 },
      },
      {
        ...{ kind: 'categorical', name: 'c', other: 0, missing: 0 },
        categories: [
          ['a', 600],
          ['b', 400],
        ],
      },
    ],
    prediction: {
      ...{ kind: 'numeric', name: '$prediction', edges: [0, 0.25, 0.5, 0.75, 1], counts: Array(4).fill(250) },
      ...{ below: 0, above: 0, missing: 0, mean: 0.5 },
    },
  },
};

export const watch = (context: TestContext, part: Partial<MonitoringDeps> = {}) =>
  createMonitoringService(context, {
    endpoints: () => [record],
    version: () => FACTS,
    grid: () => JSON.stringify(FACTS.reference),
    reference: () => null,
    rawLog: noRawLog,
    retentionDays: () => 30,
    ...part,
  });

export type Row = {
  atMs: number;
  x?: FeatureValue;
  c?: FeatureValue;
  score?: number | null | undefined;
  receivedMs?: number;
};

/** One block of arm a; the rows in `logged` are in the log too, under their number and `name`. */
export function blockOf(
  rows: readonly Row[],
  logged: readonly number[] = [],
  name = 'r',
  arm = 'a',
): TapBlock {
  const any = (column: string, values: FeatureValue[]) =>
    ({ name: column, width: 1, kind: 'any', values }) as const;
  return {
    ...{ endpoint: 'e', arm, version: '1', revision: 1, rows: rows.length },
    eventMs: Float64Array.from(rows, ({ atMs }) => atMs),
    receivedMs: Float64Array.from(rows, ({ atMs, receivedMs }) => receivedMs ?? atMs),
    columns: [
      any(
        'x',
        rows.map(({ x }) => (x === undefined ? 5 : x)),
      ),
      any(
        'c',
        rows.map(({ c }) => (c === undefined ? 'a' : c)),
      ),
    ],
    score: any(
      'score',
      rows.map(({ score }) => (score === undefined ? 0.5 : score)),
    ),
    logged: {
      ...noLogged(),
      at: [...logged],
      id: logged.map((at) => `${name}${at}`),
      latencyUs: logged.map(() => 1),
      apart: logged.map(() => false),
      unit: logged.map(() => null),
      inputUnit: logged.map(() => null),
      label: logged.map(() => null),
    },
  };
}

export const chunkOf = (seq: number, ...blocks: TapBlock[]): Chunk => ({
  ...{ blocks, cursor: { instance: 'g', seq }, dropped: 0, sampledOut: 0 },
});

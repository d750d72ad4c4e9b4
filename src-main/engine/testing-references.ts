/** For tests only: a model version, uploads and artifacts that are files, and the references of that version. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { TensorSpec } from '../contract/common.ts';
import type { ModelVersion } from '../contract/models.ts';
import { createActivityArea } from './areas/activity/index.ts';
import { createReferencesArea } from './areas/references/index.ts';
import { openTestContext, type TestContext } from './testing.ts';
import { rawLogOn } from './testing-log.ts';

const input = (name: string, datatype: TensorSpec['datatype'], shape = [-1, 1]): TensorSpec => ({
  name,
  datatype,
  shape,
});
export const INPUTS = [
  input('delay', 'FP32'),
  input('stops', 'INT64'),
  input('airline', 'BYTES'),
  input('night', 'BOOL'),
];

type ReferenceDeps = Parameters<typeof createReferencesArea>[1];

export function referencesOn(
  context: TestContext,
  part: Partial<ReferenceDeps> & { inputs?: TensorSpec[] } = {},
) {
  const { inputs = INPUTS, ...deps } = part;
  context.db.exec(
    `INSERT OR IGNORE INTO registered_model(id, uuid, name, created_ms, updated_ms) VALUES (1, 'm', 'm', 0, 0);
     INSERT OR IGNORE INTO model_version(id, uuid, model_id, version, signature, prediction, created_ms, updated_ms)
       VALUES (1, 'version-uuid', 1, 1, '{}', '{}', 0, 0)`,
  );
  const version = {
    inputs,
    outputs: [{ name: 'p', datatype: 'FP32', shape: [-1] }],
    prediction: { score: { output: 'p', index: 0 }, task: 'binary-classification', threshold: 0.5 },
    runId: 'run',
  } as unknown as ModelVersion;
  const { activities } = createActivityArea(context, { unclean: false });
  const rawLog = rawLogOn(context, { inputs: () => inputs });
  const changed: string[] = [];
  const uploads: ReferenceDeps['uploads'] = {
    peek: async (path) => ({ file: path, fileName: basename(path), size: 1 }),
    take: async (path) => ({
      ...{ file: path, fileName: basename(path), size: 1 },
      discard: async () => rmSync(path),
    }),
  };
  const find: ReferenceDeps['find'] = (model, number) => (model === 'm' && number === '1' ? version : null);
  const { references } = createReferencesArea(context, {
    uploads,
    activities,
    find,
    endpoints: () => [{ id: 1, name: 'live', model: 'm' }],
    rawLog,
    artifacts: { find: () => null, filesBelow: () => [] },
    runRoot: () => 'mlflow-artifacts:/runs/run',
    changed: (model, number) => void changed.push(`${model} ${number}`),
    ...deps,
  });
  return { references, rawLog, changed, uploads, find };
}

/** A file with that content among the uploads; its path stands for the upload. */
export function fileOf(context: TestContext, name: string, content: string | Uint8Array): string {
  const folder = join(context.paths.root, 'given');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

export function csvOf(context: TestContext, name: string, header: string, rows: readonly string[]): string {
  return fileOf(context, name, `${[header, ...rows].join('\n')}\n`);
}

export function copyOf(context: TestContext, source: string, name: string): string {
  const file = fileOf(context, name, '');
  copyFileSync(source, file);
  return file;
}

export type ReferencesWorld = ReturnType<typeof referencesOn>;

/** One workspace and one analysis process for all tests of a file: starting one takes longer than any of them. */
export function givenReferences(): { context: TestContext; world: ReferencesWorld } {
  const given = {} as { context: TestContext; world: ReferencesWorld };
  beforeAll(async () => {
    given.context = await openTestContext();
  });
  afterAll(() => given.context.close());
  beforeEach(() => {
    given.world = referencesOn(given.context);
  });
  afterEach(() => {
    for (const table of [
      'reference_active',
      'reference',
      'model_version',
      'log_file',
      'raw_log',
      'prediction',
    ])
      given.context.db.exec(`DELETE FROM ${table}`);
  });
  return given;
}

/** Rows of the inputs above with a column that no model has and the score. */
export const HEADER = 'delay,stops,airline,night,when,score';
export const lines = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => {
    const row = at + from;
    return `${row / 2},${row % 3},${['AA', 'BB', 'CC'][row % 3]},${row % 2 === 0},2024-01-01,0.${row % 10}`;
  });

/** Data that runs used: what it is, and what used it. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis } from './common.ts';
import { LineageFact } from './lineage.ts';

export const DatasetRow = z.object({
  id: Id,
  name: z.string(),
  /** Of the whole content; null when nobody has hashed it. */
  sha256: z.string().nullable(),
  /** As the client has it: MLflow's is of the first rows only. */
  digest: z.string(),
  rows: z.int().nullable(),
  /** Other names under which the same content was used. */
  alsoKnownAs: z.array(z.string()),
  runs: z.int(),
  versions: z.int(),
  firstMs: Millis,
  lastMs: Millis,
});
export type DatasetRow = z.infer<typeof DatasetRow>;

export const DatasetColumn = z.object({ name: z.string(), type: z.string() });

export const DatasetUse = z.object({
  runId: Id,
  run: z.string(),
  status: z.string(),
  experiment: z.string(),
  startedMs: Millis,
  /** What it was used for: training, validation … */
  contexts: z.array(z.string()),
  versions: z.array(z.object({ model: z.string(), version: z.string() })),
});
export type DatasetUse = z.infer<typeof DatasetUse>;

export const datasets = {
  /** The same content under several names is one row. */
  list: oc.input(z.object({ text: z.string().max(500).default('') })).output(z.array(DatasetRow)),
  get: oc.input(z.object({ id: Id })).output(
    DatasetRow.extend({
      sources: z.array(z.object({ name: z.string(), type: z.string(), source: z.string() })),
      license: z.string(),
      columns: z.array(DatasetColumn),
      /** What else the client said of it, such as its number of elements. */
      profile: z.array(LineageFact),
      endpoints: z.array(z.string()),
    }),
  ),
  /** Runs that used it, newest first. */
  uses: oc
    .input(
      z.object({ id: Id, limit: z.int().min(1).max(500).default(200), offset: z.int().min(0).default(0) }),
    )
    .output(z.object({ rows: z.array(DatasetUse), more: z.boolean() })),
};

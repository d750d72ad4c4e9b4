import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis } from './common.ts';
import { CellsWanted, RunCells, RunColumn, RunKeys, RunsOrder, RunsWanted } from './runs-table.ts';

export const RunStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);

export const Experiment = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  runCount: z.int(),
  createdMs: Millis,
  updatedMs: Millis,
});
export type Experiment = z.infer<typeof Experiment>;

export const RunRow = z.object({
  id: Id,
  experimentId: Id,
  name: z.string(),
  status: RunStatus,
  startedMs: Millis,
  endedMs: Millis.nullable(),
  params: z.record(z.string(), z.string()),
  /** The last value of each metric. */
  metrics: z.record(z.string(), z.number()),
  tags: z.record(z.string(), z.string()),
  /** Model versions this run produced. */
  produced: z.array(z.object({ model: z.string(), version: z.string() })),
});
export type RunRow = z.infer<typeof RunRow>;

export const experiments = {
  list: oc.output(z.array(Experiment)),
  /** Runs of one experiment, newest first, at most `limit`; `cursor` continues after the last row. */
  runs: oc
    .input(
      z.object({ experimentId: Id, limit: z.int().min(1).max(1000).default(200), cursor: Id.optional() }),
    )
    .output(z.object({ rows: z.array(RunRow), nextCursor: Id.nullable() })),
  run: oc.input(z.object({ runId: Id })).output(RunRow),
  /** The runs table: every run found, in order. */
  order: oc.input(RunsWanted).output(RunsOrder),
  /** The rows of it that are in sight; those that are gone are left out. */
  cells: oc.input(CellsWanted).output(z.array(RunCells)),
  /** What columns the table could have. */
  keys: oc.input(z.object({ experimentIds: z.array(Id).min(1).max(100) })).output(RunKeys),
  /** The commonest values of a param or tag. */
  values: oc
    .input(z.object({ experimentIds: z.array(Id).min(1).max(100), column: RunColumn }))
    .output(z.array(z.string())),
  rename: oc.input(z.object({ runId: Id, name: z.string().trim().min(1).max(250) })).output(z.void()),
  /** Markdown; MLflow's mlflow.note.content. */
  setNote: oc.input(z.object({ runId: Id, note: z.string().max(8000) })).output(z.void()),
};

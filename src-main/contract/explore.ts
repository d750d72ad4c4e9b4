/** Many runs in one picture: lines of a metric, one row of numbers a run, and which params matter. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id } from './common.ts';
import { Aggregate, RunColumn } from './runs-table.ts';

const MOST_RUNS = 10_000;

/** What lies along x. `time` is ms UTC; `relative` is ms since the run's start; another metric is joined at equal steps. */
export const LinesX = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['step', 'time', 'relative']) }),
  z.object({ kind: z.literal('metric'), key: z.string() }),
]);
export type LinesX = z.infer<typeof LinesX>;

export const LinesWanted = z.object({
  runIds: z.array(Id).min(1).max(1000),
  key: z.string(),
  x: LinesX,
  /** Only this range of x, both ends included; null is open. A narrower range is answered more finely. */
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
  /**
   * At most so many points a run, and 50,000 in one answer: for more than a hundred runs ask for a hundred at a time.
   * Beyond it, neighbours share one with their least and greatest value.
   */
  buckets: z.int().min(8).max(4000).default(500),
});
export type LinesWanted = z.output<typeof LinesWanted>;

export const Lines = z.object({
  /** One for each run that has the metric, in the order asked for. */
  series: z.array(
    z.object({
      runId: Id,
      /** Points in `data`. */
      points: z.int(),
      /** Points logged in the range. */
      logged: z.int(),
      /** Values that are NaN or infinite, and so not in `data`. */
      notFinite: z.int(),
      /** Every point stands for itself. */
      plain: z.boolean(),
    }),
  ),
  /** Base64 of the series one after the other; see `linesOf` in explore-lines.ts. */
  data: z.string(),
});
export type Lines = z.infer<typeof Lines>;

export const MatrixWanted = z.object({
  experimentIds: z.array(Id).min(1).max(100),
  /** See contract/run-filter.ts. Ignored when `runIds` are given. */
  filter: z.string().max(10_000).default(''),
  runIds: z.array(Id).max(MOST_RUNS).nullable().default(null),
  columns: z.array(RunColumn).min(1).max(50),
});
export type MatrixWanted = z.output<typeof MatrixWanted>;

export const Matrix = z.object({
  runIds: z.array(z.string()),
  names: z.array(z.string()),
  /** Names of a column of text, in the order of the axis; null for a column of numbers. */
  categories: z.array(z.array(z.string()).nullable()),
  /**
   * Base64 of the columns one after the other, a float64 for each run: a number, or a place in the column's
   * `categories`; NaN where the run has none or it is not finite. See `columnsOf` in explore-matrix.ts.
   */
  data: z.string(),
});
export type Matrix = z.infer<typeof Matrix>;

export const ImportanceWanted = z.object({
  experimentIds: z.array(Id).min(1).max(100),
  filter: z.string().max(10_000).default(''),
  runIds: z.array(Id).max(MOST_RUNS).nullable().default(null),
  metric: z.object({ key: z.string(), aggregate: Aggregate }),
});
export type ImportanceWanted = z.output<typeof ImportanceWanted>;

export const ParamImportance = z.object({
  key: z.string(),
  kind: z.enum(['number', 'category']),
  /** Runs that have both the param and the metric. */
  runs: z.int(),
  distinct: z.int(),
  /** Spearman's rank correlation, -1 to 1; null for a category. */
  correlation: z.number().nullable(),
  /** 0 to 1: how much of the metric's ranks the param alone explains. */
  importance: z.number(),
});
export type ParamImportance = z.infer<typeof ParamImportance>;
export const Importance = z.object({
  /** Runs that have the metric. */
  runs: z.int(),
  /** Most important first. Params with one value, or in fewer than 3 runs, are left out. */
  params: z.array(ParamImportance),
});
export type Importance = z.infer<typeof Importance>;

export const explore = {
  lines: oc.input(LinesWanted).output(Lines),
  matrix: oc.input(MatrixWanted).output(Matrix),
  importance: oc.input(ImportanceWanted).output(Importance),
};

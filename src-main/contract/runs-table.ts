/** The runs table: which runs in which order, then only the cells that are in sight. */
import { z } from 'zod';
import { Id, Millis } from './common.ts';

export const Aggregate = z.enum(['last', 'min', 'max']);

/** What a column shows, a sort goes by, or a group is made of. */
export const RunColumn = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('attribute'),
    key: z.enum(['name', 'status', 'user', 'started', 'ended', 'duration', 'note', 'produced']),
  }),
  z.object({ kind: z.literal('metric'), key: z.string(), aggregate: Aggregate }),
  z.object({ kind: z.literal('param'), key: z.string() }),
  z.object({ kind: z.literal('tag'), key: z.string() }),
]);
export type RunColumn = z.infer<typeof RunColumn>;

export const RunSort = z.object({ column: RunColumn, descending: z.boolean() });
export type RunSort = z.infer<typeof RunSort>;

const MOST_COLUMNS = 200;
const MOST_CELLS = 500;

export const RunsWanted = z.object({
  experimentIds: z.array(Id).min(1).max(100),
  /** See contract/run-filter.ts. */
  filter: z.string().max(10_000).default(''),
  sort: z.array(RunSort).max(4).default([]),
  groupBy: z.array(RunColumn).max(3).default([]),
  /** Children under their parents. Not together with groups. */
  tree: z.boolean().default(false),
  /** Metric columns whose smallest and largest value over the runs found are wanted. */
  extents: z.array(RunColumn).max(50).default([]),
});
export type RunsWanted = z.output<typeof RunsWanted>;

const Cell = z.union([z.string(), z.number(), z.null()]);

export const RunsOrder = z.object({
  /** Every run found, in order. */
  ids: z.array(z.string()),
  /** Depth of each in the tree; null without a tree. */
  depths: z.array(z.int()).nullable(),
  /** Consecutive runs with the same values; null without groups. */
  groups: z.array(z.object({ values: z.array(Cell), count: z.int() })).nullable(),
  extents: z.array(z.object({ low: z.number().nullable(), high: z.number().nullable() })),
  /** All runs of the experiments, found or not. */
  total: z.int(),
});
export type RunsOrder = z.infer<typeof RunsOrder>;

export const CellsWanted = z.object({
  runIds: z.array(Id).min(1).max(MOST_CELLS),
  columns: z.array(RunColumn).max(MOST_COLUMNS),
});
export type CellsWanted = z.output<typeof CellsWanted>;
export const RunCells = z.object({
  id: Id,
  name: z.string(),
  status: z.string(),
  startedMs: Millis,
  endedMs: Millis.nullable(),
  parentId: Id.nullable(),
  note: z.string(),
  /** One for each column asked for: numbers for metrics ("NaN", "Infinity" as text), text for params and tags. */
  values: z.array(Cell),
});
export type RunCells = z.infer<typeof RunCells>;

const KeyCount = z.object({ key: z.string(), runs: z.int() });
/** What columns there could be. Counts and `varies` are of the newest runs, `sampled` of them. */
export const RunKeys = z.object({
  sampled: z.int(),
  metrics: z.array(KeyCount.extend({ curve: z.boolean() })),
  params: z.array(KeyCount.extend({ varies: z.boolean(), longest: z.int() })),
  tags: z.array(KeyCount),
});
export type RunKeys = z.infer<typeof RunKeys>;

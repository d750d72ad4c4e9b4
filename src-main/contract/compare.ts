/** Runs side by side: everything that may differ between them, on one screen. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis } from './common.ts';
import { Aggregate } from './runs-table.ts';

export const CompareSection = z.enum([
  'run',
  'param',
  'metric',
  'tag',
  'dataset',
  'code',
  'environment',
  'package',
  'artifact',
]);
export type CompareSection = z.infer<typeof CompareSection>;

export const CompareRow = z.object({
  section: CompareSection,
  key: z.string(),
  /** What a number is: a length of time or a point in it, in milliseconds. */
  unit: z.enum(['duration', 'time']).nullable(),
  /**
   * A JSON object: the value of each run that has one, by the run's place. It crosses as the text that the database
   * made, and is read only for the rows in sight. Metrics are numbers ("NaN", "Infinity" as text); datasets begin
   * with "sha256:" or "digest:"; artifacts are the beginning of their hash, a space, their size.
   */
  cells: z.string(),
  differs: z.boolean(),
});
export type CompareRow = z.infer<typeof CompareRow>;

export const ComparedRun = z.object({
  id: Id,
  name: z.string(),
  status: z.string(),
  experimentId: Id,
  experiment: z.string(),
  startedMs: Millis,
  /** Path of the captured difference of the working tree from its commit, if there is one. */
  patch: z.string().nullable(),
  /** What its packages are known from: all that were installed, what its model asks for, or nothing. */
  packages: z.enum(['installed', 'model', 'none']),
  /** It has more files than are compared. */
  filesCut: z.boolean(),
});
export type ComparedRun = z.infer<typeof ComparedRun>;

export const Comparison = z.object({
  /** Those that are there, in the order of the request. */
  runs: z.array(ComparedRun),
  rows: z.array(CompareRow),
  /** Of each section: rows that are alike in all runs, and rows beyond the most that are sent. */
  alike: z.partialRecord(CompareSection, z.int()),
  cut: z.partialRecord(CompareSection, z.int()),
});
export type Comparison = z.infer<typeof Comparison>;

export const MOST_COMPARED = 100;

export const compare = {
  /** Runs that are gone are left out. Rows that are alike in all runs come only with `all`, or of a single run. */
  runs: oc
    .input(
      z.object({
        runIds: z.array(Id).min(1).max(MOST_COMPARED),
        all: z.boolean().default(false),
        aggregate: Aggregate.default('last'),
      }),
    )
    .output(Comparison),
};

/** Runs side by side: everything that may differ between them, on one screen. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis } from './common.ts';

export const CompareSection = z.enum([
  'run',
  'param',
  'metric',
  'tag',
  'dataset',
  'code',
  'package',
  'artifact',
]);
export type CompareSection = z.infer<typeof CompareSection>;

export const CompareRow = z.object({
  section: CompareSection,
  key: z.string(),
  /** One for each run, in the order of the request; null where the run has none. Times and sizes as numbers. */
  values: z.array(z.union([z.string(), z.number(), z.null()])),
  differs: z.boolean(),
});
export type CompareRow = z.infer<typeof CompareRow>;

export const Comparison = z.object({
  runs: z.array(
    z.object({
      id: Id,
      name: z.string(),
      status: z.string(),
      experiment: z.string(),
      startedMs: Millis,
      /** The captured difference of the working tree from its commit, if there is one. */
      hasPatch: z.boolean(),
    }),
  ),
  rows: z.array(CompareRow),
  /** Rows that are alike, left out unless they are asked for. */
  alike: z.record(z.string(), z.int()),
});
export type Comparison = z.infer<typeof Comparison>;

export const compare = {
  /** Runs that are gone are left out. Rows that are alike in all runs come only with `all`. */
  runs: oc
    .input(z.object({ runIds: z.array(Id).min(1).max(100), all: z.boolean().default(false) }))
    .output(Comparison),
};

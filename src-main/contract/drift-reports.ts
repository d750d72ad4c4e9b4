/**
 * Exact scores of two sets of raw rows, by the methods of Evidently 0.7 (method ids `evidently.<name>@0.7`), with its
 * choice of method, its thresholds and its dataset rule. Computed in a process of its own, a column at a time.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Name, Version } from './common.ts';
import { PerformanceMetric, WindowSize } from './monitoring-series.ts';

export const ExactMethod = z.enum([
  'evidently.ks@0.7',
  'evidently.chisquare@0.7',
  'evidently.z@0.7',
  'evidently.wasserstein@0.7',
  'evidently.jensenshannon@0.7',
  'evidently.psi@0.7',
  'evidently.kl_div@0.7',
]);
export type ExactMethod = z.infer<typeof ExactMethod>;

export const ReportSide = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reference'), id: Id }),
  z.object({
    kind: z.literal('window'),
    fromMs: Millis,
    toMs: Millis,
    arm: z.string().optional(),
    version: Version.optional(),
    slice: Id.optional(),
  }),
  z.object({ kind: z.literal('upload'), uploadId: Id }),
]);
export type ReportSide = z.infer<typeof ReportSide>;

/** Instead of the choice by type and size, and of the method's own threshold. */
export const ColumnAsk = z.object({
  method: ExactMethod.optional(),
  threshold: z.number().positive().optional(),
});
export type ColumnAsk = z.infer<typeof ColumnAsk>;

export const ReportRequest = ColumnAsk.extend({
  /** Null compares two uploaded files. */
  endpoint: Name.nullable(),
  reference: ReportSide,
  current: ReportSide,
  columns: z.array(z.string()).optional(),
  /** Of columns of that kind; what is said of all goes without, and what is said of one goes before. */
  numeric: ColumnAsk.optional(),
  categorical: ColumnAsk.optional(),
  byColumn: z.record(z.string(), ColumnAsk).optional(),
  /** Share of drifted columns from which the dataset counts as drifted. */
  driftShare: z.number().min(0).max(1).default(0.5),
});
export type ReportRequest = z.infer<typeof ReportRequest>;

export const ColumnBin = z.object({
  label: z.string(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reference: z.number(),
  current: z.number(),
});

export const ColumnReport = z.object({
  column: z.string(),
  kind: z.enum(['numeric', 'categorical']),
  /** Null with `problem`. */
  method: ExactMethod.nullable(),
  /** A p value or a distance, as the method has it. */
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  drifted: z.boolean().nullable(),
  /** Of the same bins, whichever method: PSI over reference and current. */
  effect: z.number().nullable(),
  referenceN: z.int(),
  currentN: z.int(),
  referenceMissing: z.number(),
  currentMissing: z.number(),
  referenceMean: z.number().nullable(),
  currentMean: z.number().nullable(),
  bins: z.array(ColumnBin),
  /** Why it has no score, in a sentence. */
  problem: z.string().nullable(),
});
export type ColumnReport = z.infer<typeof ColumnReport>;

export const DriftReport = z.object({
  id: Id,
  endpoint: Name.nullable(),
  title: z.string(),
  createdMs: Millis,
  reference: z.string(),
  current: z.string(),
  referenceRows: z.int(),
  currentRows: z.int(),
  columns: z.array(ColumnReport),
  drifted: z.int(),
  driftShare: z.number(),
  datasetDrifted: z.boolean(),
  /** Columns that only one side has. */
  onlyReference: z.array(z.string()),
  onlyCurrent: z.array(z.string()),
  tookMs: z.number(),
  notes: z.array(z.string()),
});
export type DriftReport = z.infer<typeof DriftReport>;

/** Columns with a score, which the dataset's verdict is a share of, and how many have none. */
export function scoredOf(columns: readonly Pick<ColumnReport, 'score'>[]): {
  scored: number;
  unscored: number;
} {
  const scored = columns.filter(({ score }) => score !== null).length;
  return { scored, unscored: columns.length - scored };
}

/** What a page of an endpoint's health shows: as the screen has it, or all days of all arms. */
export const HealthRequest = z.object({
  endpoint: Name,
  per: WindowSize.default('day'),
  arm: z.string().optional(),
  /** A reference's id; each version's active one by default. */
  reference: Id.optional(),
  /** Of performance; those that fit the task by default. */
  metric: PerformanceMetric.optional(),
  fromMs: Millis.optional(),
  toMs: Millis.optional(),
});
export type HealthRequest = z.infer<typeof HealthRequest>;

export const driftReports = {
  list: oc.input(z.object({ endpoint: Name.nullable() })).output(
    z.array(
      DriftReport.pick({
        id: true,
        endpoint: true,
        title: true,
        createdMs: true,
        drifted: true,
        datasetDrifted: true,
      }).extend({ columns: z.int(), scored: z.int() }),
    ),
  ),
  get: oc.input(z.object({ id: Id })).output(DriftReport),
  /** Progress and cancel through the activity. */
  create: oc.input(ReportRequest).output(DriftReport),
  remove: oc.input(z.object({ id: Id })).output(z.object({ removed: z.boolean() })),
  /** A page of its own without script or network: of a report, or of an endpoint’s health. */
  html: oc.input(z.object({ id: Id })).output(z.object({ fileName: z.string(), html: z.string() })),
  healthHtml: oc.input(HealthRequest).output(z.object({ fileName: z.string(), html: z.string() })),
};

/**
 * Anything that monitoring measures over time is a series: charts draw it, rules alert on it, reports print it.
 * A point stands for the span of windows that ends with its own; see SPANS.
 */
import { z } from 'zod';
import { Id, Millis, Name, Version } from './common.ts';

/** Severity by the usual PSI convention: below 0.1 stable, below 0.25 moderate, above large. */
export const DriftLevel = z.enum(['stable', 'moderate', 'large', 'too-few']);
export type DriftLevel = z.infer<typeof DriftLevel>;

/** Length of a window. Minutes are kept for two days of event time, hours for 90, days for good. */
export const WindowSize = z.enum(['minute', 'hour', 'day']);
export type WindowSize = z.infer<typeof WindowSize>;
export const WINDOW_SIZE_MS: Readonly<Record<WindowSize, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
/** Windows that a distribution is taken over, the point's own included: an hour, a day, a week. */
export const SPANS: Readonly<Record<WindowSize, number>> = { minute: 60, hour: 24, day: 7 };

/** Scores that are computed from counts on the frozen grid; exact ones come from reports (drift-reports.ts). */
export const FrozenMethod = z.enum([
  'lathe.psi.frozen@1',
  'lathe.js.frozen@1',
  'lathe.ks.frozen@1',
  'lathe.chi2.frozen@1',
]);
export type FrozenMethod = z.infer<typeof FrozenMethod>;
/**
 * From where on a score is moderate and large. PSI by the convention of credit scoring; the distances' 0.1 is Evidently's;
 * a p-value is turned: below 0.05 and 0.001.
 */
export const THRESHOLDS: Readonly<Record<FrozenMethod, { warnAt: number; alertAt: number }>> = {
  'lathe.psi.frozen@1': { warnAt: 0.1, alertAt: 0.25 },
  'lathe.js.frozen@1': { warnAt: 0.1, alertAt: 0.2 },
  'lathe.ks.frozen@1': { warnAt: 0.1, alertAt: 0.2 },
  'lathe.chi2.frozen@1': { warnAt: 0.05, alertAt: 0.001 },
};

/** Shares of rows, by what is wrong with the feature's value. */
export const QualityMeasure = z.enum(['missing', 'not-finite', 'wrong-type', 'out-of-range', 'unseen']);
export type QualityMeasure = z.infer<typeof QualityMeasure>;

export const PerformanceMetric = z.enum([
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'log-loss',
  'brier',
  'roc-auc',
  'average-precision',
  'calibration-error',
  'mae',
  'rmse',
  'bias',
  'mape',
  'r2',
]);
export type PerformanceMetric = z.infer<typeof PerformanceMetric>;

/** What can be told without labels from calibrated scores (CBPE, docs/monitoring.md). */
export const EstimatedMetric = z.enum([
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'roc-auc',
  'average-precision',
]);
export type EstimatedMetric = z.infer<typeof EstimatedMetric>;

export const SeriesRef = z.discriminatedUnion('of', [
  z.object({
    of: z.literal('drift'),
    feature: z.string(),
    method: FrozenMethod.default('lathe.psi.frozen@1'),
  }),
  /** Share of the watched inputs whose default score is moderate or large. */
  z.object({ of: z.literal('drifted-share') }),
  z.object({ of: z.literal('quality'), feature: z.string(), measure: QualityMeasure }),
  z.object({ of: z.literal('mean'), feature: z.string() }),
  /** Rows served. */
  z.object({ of: z.literal('volume') }),
  z.object({ of: z.literal('performance'), metric: PerformanceMetric }),
  z.object({ of: z.literal('estimated'), metric: EstimatedMetric }),
  z.object({ of: z.literal('business'), metric: z.string() }),
]);
export type SeriesRef = z.infer<typeof SeriesRef>;

export const SeriesQuery = z.object({
  endpoint: Name,
  series: SeriesRef,
  per: WindowSize.default('day'),
  arm: z.string().optional(),
  /** A slice's id (slices.ts); of volume and performance. */
  slice: Id.optional(),
  /** A reference's id (references.ts); the version's active one by default. Of drift. */
  reference: Id.optional(),
  fromMs: Millis.optional(),
  toMs: Millis.optional(),
});
export type SeriesQuery = z.infer<typeof SeriesQuery>;

export const SeriesPoint = z.object({
  /** Where its window begins, UTC. */
  windowMs: Millis,
  value: z.number().nullable(),
  /** Rows (labelled rows, pushed values) that the value stands on. */
  n: z.int(),
  /** 95 % interval of sampling; null where none is known. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Of drift: what chance alone stays below 95 times of 100 with so many rows; absent where no theory gives it. */
  chance: z.number().optional(),
  /** Of drift. */
  level: DriftLevel.nullable(),
  /** A later window has rows, so that this one is over. */
  complete: z.boolean(),
  /** Of performance: enough of its labels have come (labels.ts). True of all others. */
  mature: z.boolean(),
});
export type SeriesPoint = z.infer<typeof SeriesPoint>;

export const Series = z.object({
  series: SeriesRef,
  per: WindowSize,
  /** Windows that a point is taken over. */
  span: z.int(),
  /** How its numbers are read: a share is shown in per cent. */
  unit: z.enum(['share', 'score', 'count', 'value']),
  good: z.enum(['higher', 'lower', 'neither']),
  /** Its value on the reference; null where that is not known. */
  reference: z.number().nullable(),
  /** Fewer rows than this say nothing. */
  minN: z.int(),
  warnAt: z.number().nullable(),
  alertAt: z.number().nullable(),
  /** Version whose grid and reference stand behind it; null without one. */
  version: Version.nullable(),
  /** What a careful reader should know, in plain words. */
  notes: z.array(z.string()),
  points: z.array(SeriesPoint),
});
export type Series = z.infer<typeof Series>;

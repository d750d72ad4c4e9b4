import { oc } from '@orpc/contract';
import { z } from 'zod';
import { FeatureValue, Id, Millis, Name, Version } from './common.ts';
import {
  DriftLevel,
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  Series,
  SeriesQuery,
  WindowSize,
} from './monitoring-series.ts';

export const DriftScore = z.object({
  /** Method id with version, so that a number can be explained: lathe.psi.frozen@1. */
  method: z.string(),
  value: z.number(),
  n: z.int(),
  /** Below this many rows the score is noise and no level is given. */
  minN: z.int(),
  level: DriftLevel,
});
export type DriftScore = z.infer<typeof DriftScore>;

/** Windows of a trend: what a view shows by default, and the most that are sent of every feature at once. */
export const TREND = 90;
export const MOST_TREND = 400;

export const FeatureDrift = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical', 'prediction']),
  /** Over the newest complete window. */
  latest: DriftScore.nullable(),
  latestWindowMs: Millis.nullable(),
  /** One score per window, oldest first. */
  trend: z.array(z.object({ windowMs: Millis, value: z.number(), n: z.int(), level: DriftLevel })),
  missingShare: z.number(),
  referenceMissingShare: z.number(),
});
export type FeatureDrift = z.infer<typeof FeatureDrift>;

export const DistributionBin = z.object({
  label: z.string(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reference: z.number(),
  current: z.number(),
});
export const FeatureDetail = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical', 'prediction']),
  windows: z.array(
    z.object({
      windowMs: Millis,
      score: DriftScore,
      mean: z.number().nullable(),
      /** Numbers that the mean is of. */
      present: z.int(),
      missingShare: z.number(),
    }),
  ),
  /** Shares per bin: the reference, and the selected window (the newest complete one by default). */
  selectedWindowMs: Millis.nullable(),
  distribution: z.array(DistributionBin),
  /** Shares of the same bins in every window (not its span), for the picture of the distribution over time. */
  overTime: z.array(z.object({ windowMs: Millis, n: z.int(), shares: z.array(z.number()) })),
  /** Every score of the selected span, each by its own method. */
  scores: z.array(DriftScore),
  referenceMean: z.number().nullable(),
  referenceN: z.int(),
  /** Which reference, in words. */
  referenceTitle: z.string(),
});
export type FeatureDetail = z.infer<typeof FeatureDetail>;

/** Quality of the rows predicted in one window, once their labels have come. */
export const PerformancePoint = z.object({
  windowMs: Millis,
  arm: z.string(),
  version: Version,
  predictions: z.int(),
  labelled: z.int(),
  accuracy: z.number().nullable(),
  /** Wilson 95 % interval of the accuracy. */
  accuracyLow: z.number().nullable(),
  accuracyHigh: z.number().nullable(),
  logLoss: z.number().nullable(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  /** Enough labels have come for the figure to be final (at least 80 %). */
  mature: z.boolean(),
});
export type PerformancePoint = z.infer<typeof PerformancePoint>;

export const ArmSummary = z.object({
  arm: z.string(),
  version: Version,
  predictions: z.int(),
  labelled: z.int(),
  accuracy: z.number().nullable(),
  accuracyLow: z.number().nullable(),
  accuracyHigh: z.number().nullable(),
  logLoss: z.number().nullable(),
  positiveRate: z.number().nullable(),
});
export type ArmSummary = z.infer<typeof ArmSummary>;

const QualityFinding = z.object({ level: z.enum(['warning', 'critical']), text: z.string() });

/** What is wrong with a feature's values over the newest complete span, as shares of its rows, beside the reference. */
export const FeatureQuality = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical', 'prediction']),
  n: z.int(),
  /** With what is not finite, where the reference has missing values: it counts them so. */
  missing: z.number(),
  notFinite: z.number(),
  wrongType: z.number(),
  /** Below the least or above the largest value of the reference. */
  outOfRange: z.number(),
  /** Categories that the reference does not have. */
  unseen: z.number(),
  referenceMissing: z.number(),
  referenceOutOfRange: z.number(),
  /** All rows have one value, and the reference had several. */
  constant: z.boolean(),
  /** How grave the worst of it is, and a sentence about it; null when nothing is. */
  finding: QualityFinding.nullable(),
});
export type FeatureQuality = z.infer<typeof FeatureQuality>;

export const DataQuality = z.object({
  per: WindowSize,
  windowMs: Millis.nullable(),
  features: z.array(FeatureQuality),
  /** Newest event and newest arrival; how far they lie apart, median. */
  lastEventMs: Millis.nullable(),
  lastReceivedMs: Millis.nullable(),
  /** Rows have stopped coming, over all arms; null while they come as usual. */
  staleness: QualityFinding.nullable(),
  /** Rows whose event time lay more than five minutes after their arrival: counted at their arrival. */
  skewedRows: z.int(),
  /**
   * Of all endpoints, since the workspace was made: served but not logged, by why; and labels that waited for their
   * prediction and could not be one of it.
   */
  losses: z.object({ dropped: z.int(), sampledOut: z.int(), reused: z.int(), labels: z.int() }),
  /** Served and counted, though not logged: rows above the logging rate. */
  countedOnly: z.int(),
});
export type DataQuality = z.infer<typeof DataQuality>;

/** Quality of a stretch of predictions with labels, in full. */
export const PerformanceDetail = z.object({
  task: z.enum(['binary-classification', 'regression', 'other']),
  predictions: z.int(),
  labelled: z.int(),
  mature: z.boolean(),
  metrics: z.array(
    z.object({
      metric: PerformanceMetric,
      value: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      /** The same on the reference, where it has labels. */
      reference: z.number().nullable(),
      /** What is estimated without labels for all rows of the stretch (CBPE), with its sampling band. */
      estimated: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    }),
  ),
  confusion: z
    .object({ tp: z.int(), fp: z.int(), fn: z.int(), tn: z.int(), threshold: z.number() })
    .nullable(),
  /** Mean score and share of positives, by tenths of the score. */
  calibration: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      n: z.int(),
      score: z.number().nullable(),
      share: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
  /** Of regression: prediction minus truth. */
  errors: z.array(z.object({ from: z.number(), to: z.number(), n: z.int() })),
  notes: z.array(z.string()),
});
export type PerformanceDetail = z.infer<typeof PerformanceDetail>;

/** Which drifted features go with a change in quality: Pearson r between a feature's score and |quality − reference| per window. */
export const RankedFeature = z.object({
  feature: z.string(),
  score: z.number().nullable(),
  level: DriftLevel.nullable(),
  /** Windows with both, r with its 95 % interval (Fisher) and p; null below 8 windows. */
  windows: z.int(),
  r: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  p: z.number().nullable(),
  /** Windows in which it was moderate or large. */
  alerts: z.int(),
});
export type RankedFeature = z.infer<typeof RankedFeature>;

export const CaptureSettings = z.object({
  /** Columns whose values are counted but never written down. */
  masked: z.array(z.string()).max(256),
  /** Raw rows are removed after so many days, and the oldest first above so many bytes. */
  keepDays: z.int().min(1).max(3650),
  keepBytes: z.int().min(1_000_000).max(1_000_000_000_000),
});
export type CaptureSettings = z.infer<typeof CaptureSettings>;

export const CaptureStatus = z.object({
  settings: CaptureSettings,
  /** Rows whose features are kept, in Parquet files and still in the database. */
  rows: z.int(),
  files: z.int(),
  fileBytes: z.int(),
  oldestMs: Millis.nullable(),
  newestMs: Millis.nullable(),
  /** What the counts take, per day of event time. */
  countBytesPerDay: z.int().nullable(),
});
export type CaptureStatus = z.infer<typeof CaptureStatus>;

export const monitoring = {
  /** One measured thing over time. */
  series: oc.input(SeriesQuery).output(Series),
  quality: oc
    .input(z.object({ endpoint: Name, per: WindowSize.default('day'), arm: z.string().optional() }))
    .output(DataQuality),
  performanceDetail: oc
    .input(
      z.object({
        endpoint: Name,
        fromMs: Millis.optional(),
        toMs: Millis.optional(),
        arm: z.string().optional(),
        version: Version.optional(),
        slice: Id.optional(),
      }),
    )
    .output(PerformanceDetail),
  ranking: oc
    .input(
      z.object({
        endpoint: Name,
        per: WindowSize.default('day'),
        metric: z.union([PerformanceMetric, EstimatedMetric]).default('accuracy'),
      }),
    )
    .output(z.array(RankedFeature)),
  capture: oc.input(z.object({ endpoint: Name })).output(CaptureStatus),
  setCapture: oc.input(z.object({ endpoint: Name, settings: CaptureSettings })).output(CaptureStatus),
  /** Endpoints that have logged predictions or a reference, with their worst drift. */
  overview: oc.output(
    z.array(
      z.object({
        endpoint: Name,
        windowSizeMs: Millis,
        predictions: z.int(),
        labelled: z.int(),
        firstMs: Millis.nullable(),
        lastMs: Millis.nullable(),
        drifted: z.int(),
        features: z.int(),
        hasReference: z.boolean(),
      }),
    ),
  ),
  drift: oc
    .input(
      z.object({
        endpoint: Name,
        per: WindowSize.default('day'),
        method: FrozenMethod.default('lathe.psi.frozen@1'),
        arm: z.string().optional(),
        reference: Id.optional(),
        /** How many of the newest windows the trends hold. */
        windows: z.int().min(1).max(MOST_TREND).default(TREND),
      }),
    )
    .output(z.array(FeatureDrift)),
  feature: oc
    .input(
      z.object({
        endpoint: Name,
        feature: z.string(),
        per: WindowSize.default('day'),
        method: FrozenMethod.default('lathe.psi.frozen@1'),
        windowMs: Millis.optional(),
        arm: z.string().optional(),
        reference: Id.optional(),
      }),
    )
    .output(FeatureDetail),
  performance: oc
    .input(z.object({ endpoint: Name }))
    .output(z.object({ points: z.array(PerformancePoint), arms: z.array(ArmSummary) })),
  /** The newest logged predictions, for a look at the raw rows. */
  predictions: oc.input(z.object({ endpoint: Name, limit: z.int().min(1).max(200).default(50) })).output(
    z.array(
      z.object({
        id: Id,
        eventMs: Millis,
        arm: z.string(),
        version: Version,
        unit: z.string().nullable(),
        features: z.record(z.string(), FeatureValue),
        score: z.number().nullable(),
        label: z.string().nullable(),
        truth: z.string().nullable(),
      }),
    ),
  ),
};

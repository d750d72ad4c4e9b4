import { oc } from '@orpc/contract';
import { z } from 'zod';
import { FeatureValue, Id, Millis, Name, Version } from './common.ts';

/** Severity by the usual PSI convention: below 0.1 stable, below 0.25 moderate, above large. */
export const DriftLevel = z.enum(['stable', 'moderate', 'large', 'too-few']);
export type DriftLevel = z.infer<typeof DriftLevel>;

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

export const FeatureDrift = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical', 'prediction']),
  /** Over the newest complete window. */
  latest: DriftScore.nullable(),
  latestWindowMs: Millis.nullable(),
  /** One score per window, oldest first, for the sparkline. */
  trend: z.array(z.object({ windowMs: Millis, value: z.number(), level: DriftLevel })),
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
    z.object({ windowMs: Millis, score: DriftScore, mean: z.number().nullable(), missingShare: z.number() }),
  ),
  /** Shares per bin: the reference, and the selected window (the newest complete one by default). */
  selectedWindowMs: Millis.nullable(),
  distribution: z.array(DistributionBin),
  referenceMean: z.number().nullable(),
  referenceN: z.int(),
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

export const monitoring = {
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
  drift: oc.input(z.object({ endpoint: Name, arm: z.string().optional() })).output(z.array(FeatureDrift)),
  feature: oc
    .input(
      z.object({
        endpoint: Name,
        feature: z.string(),
        windowMs: Millis.optional(),
        arm: z.string().optional(),
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
  /** Ground truth by prediction id; repeating the same label changes nothing, another one replaces it. */
  label: oc
    .input(
      z.object({
        labels: z
          .array(z.object({ predictionId: Id, label: z.string().max(200), labelledMs: Millis.optional() }))
          .min(1)
          .max(5000),
      }),
    )
    .output(z.object({ joined: z.int(), unchanged: z.int(), unknown: z.array(Id) })),
};

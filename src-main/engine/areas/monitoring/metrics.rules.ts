/**
 * Quality of predictions with labels, from sums that merge by addition, with 95 % intervals where sampling theory gives
 * one. Shares by Wilson (Wilson 1927), F1 through Wilson's interval of TP / (TP + FP + FN), which it grows with (Hand,
 * Christen & Kirielle 2021), means by the normal approximation, RMSE by the delta method. Ranks (ROC AUC, average
 * precision) and calibration are in ranks.rules.ts.
 */

import { NORMAL_975 } from '../../statistics/gamma.ts';
import { wilson } from './performance.rules.ts';

/** Null bounds where no interval is known. */
export type Measured = { value: number; low: number | null; high: number | null };

/** A mean's interval needs so many rows: below, a spread cannot be told. */
const LEAST_ROWS = 2;

/** Of rows whose prediction and label are both positive or negative. */
export type BinarySums = {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
  /** Rows with a score, for the two losses. */
  scored: number;
  /** Σ −ln p(truth) in nats, and Σ of its squares. */
  logLoss: number;
  logLossSquares: number;
  /** Σ (score − truth)², and Σ of its squares. */
  brier: number;
  brierSquares: number;
};

export const noBinarySums = (): BinarySums => ({
  tp: 0,
  fp: 0,
  fn: 0,
  tn: 0,
  scored: 0,
  logLoss: 0,
  logLossSquares: 0,
  brier: 0,
  brierSquares: 0,
});

/** Scores are kept this far from 0 and 1, or one sure mistake would make the log loss infinite. */
const CLIP = 1e-7;

/** Adds a row, `times` times; −1 takes it back. `score` is the probability of the positive class. */
export function addBinaryRow(
  into: BinarySums,
  row: { predicted: boolean; actual: boolean; score: number | null },
  times: 1 | -1 = 1,
): void {
  if (row.predicted) into[row.actual ? 'tp' : 'fp'] += times;
  else into[row.actual ? 'fn' : 'tn'] += times;
  if (row.score === null) return;
  const p = Math.min(Math.max(row.score, CLIP), 1 - CLIP);
  const loss = -Math.log(row.actual ? p : 1 - p);
  const squared = (row.score - (row.actual ? 1 : 0)) ** 2;
  into.scored += times;
  into.logLoss += times * loss;
  into.logLossSquares += times * loss * loss;
  into.brier += times * squared;
  into.brierSquares += times * squared * squared;
}

export type BinaryMetrics = Record<
  'accuracy' | 'precision' | 'recall' | 'specificity' | 'f1' | 'log-loss' | 'brier',
  Measured | null
>;

/** Null where no row tells it. */
export function binaryMetrics(sums: BinarySums): BinaryMetrics {
  const { tp, fp, fn, tn, scored } = sums;
  return {
    accuracy: share(tp + tn, tp + fp + fn + tn),
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    specificity: share(tn, tn + fp),
    f1: f1(tp, tp + fp + fn),
    'log-loss': mean(scored, sums.logLoss, sums.logLossSquares, 0),
    brier: mean(scored, sums.brier, sums.brierSquares, 0, 1),
  };
}

/** Of rows with a number predicted and a number true; `error` is predicted minus true. */
export type RegressionSums = {
  n: number;
  /** Σ error, Σ |error|, Σ error², Σ error⁴. */
  error: number;
  absolute: number;
  squares: number;
  fourths: number;
  /** Of the truth: Σ (y − shift), Σ (y − shift)². R² does not depend on the shift, but keeps its digits with a good one. */
  truth: number;
  truthSquares: number;
  shift: number;
  /** Rows whose truth is not 0, Σ |error / truth| over them, and Σ of its squares. */
  nonZero: number;
  relative: number;
  relativeSquares: number;
};

/** @param shift about the mean of the truth; sums of different shifts cannot be added */
export const noRegressionSums = (shift = 0): RegressionSums => ({
  n: 0,
  error: 0,
  absolute: 0,
  squares: 0,
  fourths: 0,
  truth: 0,
  truthSquares: 0,
  shift,
  nonZero: 0,
  relative: 0,
  relativeSquares: 0,
});

export function addRegressionRow(
  into: RegressionSums,
  row: { predicted: number; actual: number },
  times: 1 | -1 = 1,
): void {
  const error = row.predicted - row.actual;
  const truth = row.actual - into.shift;
  into.n += times;
  into.error += times * error;
  into.absolute += times * Math.abs(error);
  into.squares += times * error ** 2;
  into.fourths += times * error ** 4;
  into.truth += times * truth;
  into.truthSquares += times * truth ** 2;
  if (row.actual === 0) return;
  const relative = Math.abs(error / row.actual);
  into.nonZero += times;
  into.relative += times * relative;
  into.relativeSquares += times * relative ** 2;
}

/** Adds the sums of other rows, for both kinds. */
export function addSums<T extends BinarySums | RegressionSums>(into: T, other: T): void {
  for (const key of Object.keys(into) as (keyof T)[])
    if (key !== 'shift') into[key] = ((into[key] as number) + (other[key] as number)) as T[keyof T];
}

export type RegressionMetrics = Record<'mae' | 'rmse' | 'bias' | 'mape' | 'r2', Measured | null>;

/**
 * RMSE: the delta method on the mean of the squares. R² is 1 − Σ error² / Σ (y − ȳ)², null when the truth never
 * changes; no interval. MAPE leaves out rows whose truth is 0.
 */
export function regressionMetrics(sums: RegressionSums): RegressionMetrics {
  const { n } = sums;
  const squared = mean(n, sums.squares, sums.fourths, 0);
  const spread = sums.truthSquares - sums.truth ** 2 / n;
  return {
    mae: mean(n, sums.absolute, sums.squares, 0),
    rmse: squared && rootOf(squared),
    bias: mean(n, sums.error, sums.squares),
    mape: mean(sums.nonZero, sums.relative, sums.relativeSquares, 0),
    r2: n > 1 && spread > 0 ? { value: 1 - sums.squares / spread, low: null, high: null } : null,
  };
}

/** A share with Wilson's interval. */
function share(part: number, whole: number): Measured | null {
  const interval = wilson(part, whole);
  return interval && { value: part / whole, ...interval };
}

function f1(tp: number, relevant: number): Measured | null {
  const interval = wilson(tp, relevant);
  if (interval === null) return null;
  const of = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
  return { value: of(tp / relevant), low: of(interval.low), high: of(interval.high) };
}

/** A mean with its normal interval, which is kept within the limits that the mean itself has. */
function mean(
  n: number,
  sum: number,
  squares: number,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): Measured | null {
  if (n <= 0) return null;
  const value = sum / n;
  if (n < LEAST_ROWS) return { value, low: null, high: null };
  const half = NORMAL_975 * Math.sqrt(Math.max(0, squares - n * value * value) / (n - 1) / n);
  return { value, low: Math.max(least, value - half), high: Math.min(most, value + half) };
}

/** √ of a mean: the half width is that of the mean over twice the root. */
function rootOf({ value, high }: Measured): Measured {
  const root = Math.sqrt(value);
  if (high === null || root === 0) return { value: root, low: null, high: null };
  const half = (high - value) / (2 * root);
  return { value: root, low: Math.max(0, root - half), high: root + half };
}

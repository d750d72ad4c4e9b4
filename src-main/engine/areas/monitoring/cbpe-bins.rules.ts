/** The estimates of cbpe.rules.ts from counts by bin (ranks.rules.ts), each bin's rows at its middle: what charts are made of. */
import type { EstimatedMetric } from '../../../contract/monitoring-series.ts';
import {
  banded,
  type CbpeFit,
  calibrated,
  ESTIMATED_METRICS,
  type Estimates,
  type Expected,
  expectedOf,
  isRank,
  NO_RANKS,
  type Ranks,
  rounded,
  sharesOf,
} from './cbpe.rules.ts';
import { weighScores } from './counts.rules.ts';
import { binScore, harmonicBetween, SCORE_BINS } from './ranks.rules.ts';

/**
 * What shares are estimated from, of stored counts by bin: it adds up over windows. Without a fit only the rows are told.
 */
export function expectedOfStored(
  fit: CbpeFit | null,
  stored: readonly Uint8Array[],
  threshold: number,
): Expected {
  const byBin = fit ? binsOf(fit) : MIDDLES;
  const sum = weighScores(stored, byBin, firstBinFrom(threshold));
  return {
    n: sum.below + sum.from,
    ...{ tp: sum.weightFrom, fp: sum.from - sum.weightFrom },
    ...{ fn: sum.weightBelow, tn: sum.below - sum.weightBelow },
  };
}

export function addExpected(into: Expected, other: Expected): void {
  into.n += other.n;
  into.tp += other.tp;
  into.fp += other.fp;
  into.fn += other.fn;
  into.tn += other.tn;
}

/** Shares alone; rank metrics are null. */
export const estimateOfExpected = (
  fit: CbpeFit,
  expected: Expected,
  metrics: readonly EstimatedMetric[],
): Estimates => banded(fit, { ...sharesOf(expected), ...NO_RANKS }, expected.n, metrics);

/** The first bin whose rows are predicted positive. */
function firstBinFrom(threshold: number): number {
  let bin = Math.min(SCORE_BINS, Math.max(0, Math.floor(threshold * SCORE_BINS) - 1));
  while (bin < SCORE_BINS && binScore(bin) < threshold) bin += 1;
  return bin;
}

/** All of the metrics that are asked for, of the counts of one stretch. */
export function estimateOfCounts(
  fit: CbpeFit,
  counts: Float64Array,
  threshold: number,
  metrics: readonly EstimatedMetric[] = ESTIMATED_METRICS,
): Estimates {
  const byBin = binsOf(fit);
  const { n, ...ranks } = ranksOfCounts(byBin, counts, metrics);
  const rows = { scores: MIDDLES, weights: counts };
  const shares = metrics.every(isRank) ? NO_SHARES : sharesOf(expectedOf(byBin, rows, threshold));
  return banded(fit, { ...shares, ...ranks }, n, metrics);
}

/** As `estimateRanks`, along the bins. Only the ends are rounded: a chart has thousands of these. */
function ranksOfCounts(
  byBin: Float64Array,
  counts: Float64Array,
  metrics: readonly EstimatedMetric[],
): Ranks & { n: number } {
  let found = 0;
  let taken = 0;
  let area = 0;
  for (let bin = SCORE_BINS - 1; bin >= 0; bin--) {
    const n = Math.max(0, counts[bin] as number);
    const positive = n * (byBin[bin] as number);
    area += (n - positive) * (found + positive * 0.5);
    found += positive;
    taken += n;
  }
  const [positives, negatives] = [rounded(found), rounded(taken - found)];
  const ofArea = metrics.includes('roc-auc') && positives > 0 && negatives > 0;
  const ofPrecision = metrics.includes('average-precision') && positives > 0;
  return {
    n: taken,
    'roc-auc': ofArea ? area / found / (taken - found) : null,
    'average-precision': ofPrecision ? precisionSum(byBin, counts) / found : null,
  };
}

/** Each row of a bin is positive by p; the precision at the first, second, … is (found + p, 2p, …) / (taken + 1, 2, …). */
function precisionSum(byBin: Float64Array, counts: Float64Array): number {
  let found = 0;
  let taken = 0;
  let sum = 0;
  for (let bin = SCORE_BINS - 1; bin >= 0; bin--) {
    const n = Math.max(0, counts[bin] as number);
    const p = byBin[bin] as number;
    sum += p * (n * p + (found - p * taken) * harmonicBetween(taken, taken + n));
    found += n * p;
    taken += n;
  }
  return sum;
}

/** What the middle of each bin is calibrated to: the same for every window. */
function binsOf(fit: CbpeFit): Float64Array {
  const known = calibratedBins.get(fit);
  if (known) return known;
  const byBin = calibrated(fit, { scores: MIDDLES, weights: null });
  calibratedBins.set(fit, byBin);
  return byBin;
}
const MIDDLES = Float64Array.from({ length: SCORE_BINS }, (_, bin) => binScore(bin));
const calibratedBins = new WeakMap<CbpeFit, Float64Array>();

const NO_SHARES = { accuracy: null, precision: null, recall: null, specificity: null, f1: null };

/**
 * Performance without labels, from the scores alone: confidence-based performance estimation as NannyML 0.13.1 has it for
 * two classes. A calibrated score p is the probability that the label is positive, so that a predicted positive is p of a true
 * positive and 1 − p of a false one. It holds while the scores stay calibrated: with the same relation of inputs to labels
 * and without regions that the reference never saw. It cannot tell an accuracy below one half of a model that decides at 0.5.
 */
import type { EstimatedMetric } from '../../../contract/monitoring-series.ts';
import { Mersenne } from '../../statistics/mersenne.ts';
import { sortedOrder } from '../../statistics/order.ts';
import { halfToEven } from '../../statistics/rounding.ts';
import { type CalibrationNeed, calibrationNeed } from './calibration-need.rules.ts';
import { fitIsotonic, type Isotonic, isotonicAt } from './isotonic.rules.ts';
import { type BinarySums, binaryMetrics } from './metrics.rules.ts';
import { harmonicBetween, type LabelledScores, type RankMetrics } from './ranks.rules.ts';

/** Standard deviation of one row's part in a metric, and the share of rows that have one; null where the reference has none. */
type Spread = { deviation: number; fraction: number } | null;

/** What is learned from the reference, once; plain data that can be kept as JSON. */
export type CbpeFit = {
  need: CalibrationNeed;
  /** Knots; null where scores are used as they are. */
  calibration: { x: number[]; y: number[] } | null;
  spreads: Record<EstimatedMetric, Spread>;
};

/** With the band of ±3 standard errors of sampling, kept in 0 to 1. */
export type Estimated = { value: number; low: number; high: number };
export type Estimates = Record<EstimatedMetric, Estimated | null>;

/** Rows of unlabelled scores; with `weights` each score stands for so many rows. */
export type Scores = { scores: Float64Array; weights: Float64Array | null };

export const ESTIMATED_METRICS = [
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'roc-auc',
  'average-precision',
] as const satisfies readonly EstimatedMetric[];

/**
 * Takes seconds for 200,000 rows: not for a thread that answers.
 * @param threshold the score from which a row is predicted positive
 * @param need the decision, where it was made elsewhere
 */
export function fitCbpe(
  reference: LabelledScores,
  threshold: number,
  need: CalibrationNeed = calibrationNeed(reference),
): CbpeFit {
  const order = sortedOrder(reference.scores);
  const sorted = {
    scores: Float64Array.from(order, (row) => reference.scores[row] as number),
    truths: Uint8Array.from(order, (row) => reference.truths[row] as number),
  };
  const knots = need.needed ? fitIsotonic(sorted.scores, sorted.truths) : null;
  return {
    need,
    calibration: knots && { x: [...knots.x], y: [...knots.y] },
    spreads: spreadsOf(sorted, threshold),
  };
}

const BAND = 3;

/**
 * Null for each metric without rows, for rank metrics where all rows are surely of one class, and for those that are not
 * asked for.
 */
export function estimate(
  fit: CbpeFit,
  rows: Scores,
  threshold: number,
  metrics: readonly EstimatedMetric[] = ESTIMATED_METRICS,
): Estimates {
  const { scores, weights } = rows;
  const n = weights ? weights.reduce((sum, weight) => sum + weight, 0) : scores.length;
  return banded(fit, estimateValues(calibrated(fit, rows), rows, threshold, metrics), n, metrics);
}

export function banded(
  fit: CbpeFit,
  values: Record<EstimatedMetric, number | null>,
  n: number,
  metrics: readonly EstimatedMetric[],
): Estimates {
  const found = {} as Estimates;
  for (const metric of ESTIMATED_METRICS) {
    const value = metrics.includes(metric) ? values[metric] : null;
    const error = value === null ? 0 : standardError(fit.spreads[metric], n);
    found[metric] = value === null ? null : bandOf(value, BAND * error);
  }
  return found;
}
const bandOf = (value: number, reach: number): Estimated => ({
  value,
  low: Math.max(0, value - reach),
  high: Math.min(1, value + reach),
});

/** Of a metric that the reference says nothing about, no band narrower than all is known. */
const standardError = (spread: Spread, n: number): number =>
  spread === null ? 1 : spread.deviation / Math.sqrt(n * spread.fraction);

export function calibrated({ calibration }: CbpeFit, { scores }: Scores): Float64Array {
  if (calibration === null) return scores;
  const knots: Isotonic = { x: Float64Array.from(calibration.x), y: Float64Array.from(calibration.y) };
  return scores.map((score) => isotonicAt(knots, score));
}

/**
 * The estimates themselves.
 * @param probabilities calibrated, one for each score
 * @param metrics rank metrics take most of the time: those that are not among these are null
 */
export function estimateValues(
  probabilities: Float64Array,
  { scores, weights }: Scores,
  threshold: number,
  metrics: readonly EstimatedMetric[] = ESTIMATED_METRICS,
): Record<EstimatedMetric, number | null> {
  const expected = expectedOf(probabilities, { scores, weights }, threshold);
  return { ...sharesOf(expected), ...estimateRanks(probabilities, scores, weights, metrics) };
}

/** Rows, and how many of them are expected to be what. */
export type Expected = { n: number; tp: number; fp: number; fn: number; tn: number };

export function expectedOf(
  probabilities: Float64Array,
  { scores, weights }: Scores,
  threshold: number,
): Expected {
  let [n, tp, fp, fn, tn] = [0, 0, 0, 0, 0];
  for (let at = 0; at < scores.length; at++) {
    const weight = weights ? (weights[at] as number) : 1;
    if (!(weight > 0)) continue;
    const p = probabilities[at] as number;
    n += weight;
    if ((scores[at] as number) >= threshold) {
      tp += weight * p;
      fp += weight * (1 - p);
    } else {
      fn += weight * p;
      tn += weight * (1 - p);
    }
  }
  return { n, tp, fp, fn, tn };
}

export function sharesOf({ n, tp, fp, fn, tn }: Expected) {
  const ratio = (part: number, whole: number) => (n === 0 ? null : whole > 0 ? part / whole : 0);
  return {
    accuracy: ratio(tp + tn, tp + fp + fn + tn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    f1: ratio(tp, tp + 0.5 * (fp + fn)),
  };
}

export type Ranks = { 'roc-auc': number | null; 'average-precision': number | null };
export const NO_RANKS: Ranks = { 'roc-auc': null, 'average-precision': null };
export const isRank = (metric: EstimatedMetric): boolean => metric in NO_RANKS;

/** Cumulated counts are rounded to five decimals, as NannyML has it, so that rows that are surely one class end at exactly 0. */
export const rounded = (count: number): number => halfToEven(count * 1e5) / 1e5;

/** Along the rows from the highest score down. A score that stands for several rows is a straight stretch of the ROC curve. */
function estimateRanks(
  probabilities: Float64Array,
  scores: Float64Array,
  weights: Float64Array | null,
  metrics: readonly EstimatedMetric[],
): Ranks {
  const ofArea = metrics.includes('roc-auc');
  const ofPrecision = metrics.includes('average-precision');
  if (!ofArea && !ofPrecision) return NO_RANKS;
  const order = sortedOrder(scores);
  let found = 0;
  let taken = 0;
  let [positive, negative] = [0, 0];
  let area = 0;
  let precision = 0;
  for (let place = order.length - 1; place >= 0; place--) {
    const row = order[place] as number;
    const weight = weights ? (weights[row] as number) : 1;
    const p = probabilities[row] as number;
    const positiveBefore = positive;
    const negativeBefore = negative;
    const [foundBefore, takenBefore] = [found, taken];
    found += weight * p;
    taken += weight;
    positive = rounded(found);
    negative = rounded(taken - found);
    area += ((negative - negativeBefore) * (positive + positiveBefore)) / 2;
    if (!ofPrecision) continue;
    // Mean precision over the rows that this score stands for.
    const share =
      weight === 1
        ? positive / taken
        : p + ((foundBefore - p * takenBefore) * harmonicBetween(takenBefore, taken)) / weight;
    precision += (positive - positiveBefore) * share;
  }
  return {
    'roc-auc': ofArea && positive > 0 && negative > 0 ? area / positive / negative : null,
    'average-precision': ofPrecision && positive > 0 ? precision / positive : null,
  };
}

/** @param rows by ascending score */
function spreadsOf(rows: LabelledScores, threshold: number): CbpeFit['spreads'] {
  const n = rows.scores.length;
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  for (let at = 0; at < n; at++) {
    const positive = (rows.scores[at] as number) >= threshold;
    if (rows.truths[at] === 1) positive ? tp++ : fn++;
    else positive ? fp++ : tn++;
  }
  const relevant = tp + fp + fn;
  const f1 = shareSpread(tp, relevant, n);
  return {
    accuracy: shareSpread(tp + tn, n, n),
    precision: shareSpread(tp, tp + fp, n),
    recall: shareSpread(tp, tp + fn, n),
    specificity: shareSpread(tn, tn + fp, n),
    f1: f1 && { ...f1, deviation: (f1.deviation * relevant) / (0.5 * (fp + fn) + tp) },
    'roc-auc': rocSpread(rows),
    'average-precision': precisionSpread(rows),
  };
}

/** Of rows that count 1 or 0, population standard deviation. */
function shareSpread(part: number, whole: number, n: number): Spread {
  if (whole === 0) return null;
  const share = part / whole;
  return { deviation: Math.sqrt(share * (1 - share)), fraction: whole / n };
}

/**
 * The spread over the rarer class of the share of the other class that it ranks beyond, ties counting half. (NannyML leaves out the
 * row with the lowest score when it is of the rarer class, and has ties in an order that depends on the machine.)
 */
function rocSpread({ scores, truths }: LabelledScores): Spread {
  const n = scores.length;
  const positives = truths.reduce((sum, truth) => sum + truth, 0);
  if (positives === 0 || positives === n) return null;
  const rarer = positives > n / 2 ? 0 : 1;
  const rare = rarer === 1 ? positives : n - positives;
  let below = 0;
  let [sum, squares] = [0, 0];
  for (let from = 0; from < n; ) {
    let to = from;
    let ofRare = 0;
    while (to < n && scores[to] === scores[from]) if (truths[to++] === rarer) ofRare += 1;
    const others = to - from - ofRare;
    // The share below has the same spread as the share above.
    const share = (below + others / 2) / (n - rare);
    sum += ofRare * share;
    squares += ofRare * share * share;
    below += others;
    from = to;
  }
  const mean = sum / rare;
  return { deviation: Math.sqrt(Math.max(0, squares / rare - mean * mean)), fraction: rare / n };
}

const EXPERIMENTS = 50;
const MOST_DRAWN = 50_000;

/**
 * By resampling half the reference, 50 times, as NannyML does, but from a fixed seed, so that the same reference gives the same
 * band. As a spread per row: the deviation found times √(rows drawn).
 */
function precisionSpread({ scores, truths }: LabelledScores): Spread {
  const n = scores.length;
  const drawn = Math.min(Math.floor(n / 2), MOST_DRAWN);
  if (drawn === 0 || !truths.includes(1)) return null;
  const random = new Mersenne(SEED);
  const times = new Uint32Array(n);
  const values: number[] = [];
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
    times.fill(0);
    for (let draw = 0; draw < drawn; draw++) {
      const row = random.upTo(n - 1);
      times[row] = (times[row] as number) + 1;
    }
    values.push(drawnPrecision(scores, truths, times));
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / EXPERIMENTS;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { deviation: Math.sqrt((squares / EXPERIMENTS) * drawn), fraction: 1 };
}
const SEED = 42;

/** Average precision of rows that were drawn so many times each; 0 when no positive was. */
function drawnPrecision(scores: Float64Array, truths: Uint8Array, times: Uint32Array): number {
  let [found, taken, sum] = [0, 0, 0];
  for (let to = scores.length - 1; to >= 0; ) {
    let positive = 0;
    const score = scores[to];
    while (to >= 0 && scores[to] === score) {
      const count = times[to] as number;
      taken += count;
      if (truths[to] === 1) positive += count;
      to -= 1;
    }
    found += positive;
    if (positive > 0) sum += positive * (found / taken);
  }
  return found > 0 ? sum / found : 0;
}

/** Quality with labels of one chunk of the reference: metrics.rules.ts and ranks.rules.ts. */
export type ChunkQuality = { sums: BinarySums; ranks: RankMetrics };
export type Limits = { low: number; high: number };

/**
 * What an estimate is held against: mean ± 3 standard deviations (population) of the realised quality of the reference's chunks,
 * kept in 0 to 1. Chunks whose labels or predictions are all of one class tell nothing of precision, recall and F1.
 */
export function referenceLimits(chunks: readonly ChunkQuality[]): Record<EstimatedMetric, Limits | null> {
  const values = chunks.map(({ sums, ranks }): Record<EstimatedMetric, number | null> => {
    const metrics = binaryMetrics(sums);
    const { tp, fp, fn, tn } = sums;
    const mixed = tp + fn > 0 && fp + tn > 0 && tp + fp > 0 && fn + tn > 0;
    const ifMixed = (metric: 'precision' | 'recall' | 'f1') => (mixed ? (metrics[metric]?.value ?? 0) : null);
    return {
      accuracy: metrics.accuracy?.value ?? null,
      precision: ifMixed('precision'),
      recall: ifMixed('recall'),
      specificity: metrics.specificity?.value ?? null,
      f1: ifMixed('f1'),
      'roc-auc': ranks['roc-auc']?.value ?? null,
      'average-precision': ranks['average-precision']?.value ?? null,
    };
  });
  const limits = ESTIMATED_METRICS.map((metric) => [metric, limitsOf(values.map((each) => each[metric]))]);
  return Object.fromEntries(limits);
}

function limitsOf(values: readonly (number | null)[]): Limits | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
  const reach = BAND * Math.sqrt(variance);
  return { low: Math.max(0, mean - reach), high: Math.min(1, mean + reach) };
}

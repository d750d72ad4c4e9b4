/**
 * How well scores rank and how far they can be read as probabilities: ROC AUC, average precision, calibration. From exact rows,
 * or from counts of a thousand equal bins of the score by class, which merge by addition; the bound says by how much a
 * figure of bins can be off the one of rows.
 */

import { NORMAL_975 } from '../../statistics/gamma.ts';
import { sortedOrder } from '../../statistics/order.ts';
import type { Measured } from './metrics.rules.ts';
import { wilson } from './performance.rules.ts';

export const SCORE_BINS = 1000;
/** Rows by bin of the score; merged by adding the counts. */
export type ScoreHistogram = { positive: Float64Array; negative: Float64Array };

export const emptyHistogram = (): ScoreHistogram => ({
  positive: new Float64Array(SCORE_BINS),
  negative: new Float64Array(SCORE_BINS),
});

/** Bin of a score; what is outside of 0 to 1 is put in the first or the last. */
export const scoreBin = (score: number): number =>
  Math.min(SCORE_BINS - 1, Math.max(0, Math.floor(score * SCORE_BINS)));

/** The score that stands for a bin. */
export const binScore = (bin: number): number => (bin + 0.5) / SCORE_BINS;

export type LabelledScores = { scores: Float64Array /** 1 is positive. */; truths: Uint8Array };

/** Rows that stand for a histogram, each at the middle of its bin, in order of the score. */
export function rowsOf(histogram: ScoreHistogram): LabelledScores {
  let n = 0;
  for (let bin = 0; bin < SCORE_BINS; bin++)
    n += (histogram.positive[bin] as number) + (histogram.negative[bin] as number);
  const scores = new Float64Array(n);
  const truths = new Uint8Array(n);
  let at = 0;
  for (let bin = 0; bin < SCORE_BINS; bin++) {
    const negative = histogram.negative[bin] as number;
    const rows = negative + (histogram.positive[bin] as number);
    scores.fill(binScore(bin), at, at + rows);
    truths.fill(1, at + negative, at + rows);
    at += rows;
  }
  return { scores, truths };
}

export type RankMetrics = {
  'roc-auc': Measured | null;
  'average-precision': Measured | null;
  /** Most that each can be off; 0 of rows. */
  bounds: { rocAuc: number; averagePrecision: number };
};

/**
 * Of exact rows, ties counting half (Mann–Whitney). The interval of the AUC is DeLong's (DeLong, DeLong & Clarke-Pearson
 * 1988), that of the average precision is on the logit scale (Boyd, Eng & Page 2013); null where they collapse.
 * The AUC is null without a row of both classes, the average precision without a positive one.
 */
export function rankMetrics(rows: LabelledScores): RankMetrics {
  return { ...ofGroups(groupsOfRows(rows)), bounds: { rocAuc: 0, averagePrecision: 0 } };
}

/** The same of a histogram: rows of one bin are tied. */
export function rankMetricsOfHistogram(histogram: ScoreHistogram): RankMetrics {
  const groups = groupsOf(histogram);
  return { ...ofGroups(groups), bounds: boundsOf(groups) };
}

/** One of them without the bounds, which take most of the time. */
export function rankFigureOf(
  histogram: ScoreHistogram,
  metric: 'roc-auc' | 'average-precision',
): Measured | null {
  const groups = groupsOf(histogram);
  return metric === 'roc-auc' ? rocAuc(groups) : averagePrecision(groups);
}

/** Rows of one score together, in ascending order of it; some have none. */
type Groups = {
  positive: Float64Array;
  negative: Float64Array;
  count: number;
  /** Sums of both. */
  positives: number;
  negatives: number;
};

function groupsOf(histogram: ScoreHistogram): Groups {
  let { positive, negative } = histogram;
  let [least, positives, negatives] = [0, 0, 0];
  for (let bin = 0; bin < positive.length; bin++) {
    const p = positive[bin] as number;
    const n = negative[bin] as number;
    positives += p;
    negatives += n;
    if (p < least) least = p;
    if (n < least) least = n;
  }
  if (least < 0) {
    [positive, negative] = [atLeast0(positive), atLeast0(negative)];
    positives = positive.reduce((sum, n) => sum + n, 0);
    negatives = negative.reduce((sum, n) => sum + n, 0);
  }
  return { positive, negative, count: positive.length, positives, negatives };
}

/** A count below 0, which a slice can show while rows are sorted in, is none. */
export const atLeast0 = (counts: Float64Array): Float64Array => counts.map((n) => Math.max(0, n));

function groupsOfRows({ scores, truths }: LabelledScores): Groups {
  const groups = {
    positive: new Float64Array(scores.length),
    negative: new Float64Array(scores.length),
    ...{ count: 0, positives: 0, negatives: 0 },
  };
  let last = Number.NaN;
  for (const at of sortedOrder(scores)) {
    const score = scores[at] as number;
    if (score !== last) groups.count += 1;
    last = score;
    const list = truths[at] === 1 ? groups.positive : groups.negative;
    list[groups.count - 1] = (list[groups.count - 1] as number) + 1;
    if (truths[at] === 1) groups.positives += 1;
    else groups.negatives += 1;
  }
  return groups;
}

const ofGroups = (groups: Groups): Omit<RankMetrics, 'bounds'> => ({
  'roc-auc': rocAuc(groups),
  'average-precision': averagePrecision(groups),
});

/** Mean share of negatives below a positive, and its variance by the spread of that share over either class. */
function rocAuc({ positive: ofPositive, negative: ofNegative, count, ...all }: Groups): Measured | null {
  const { positives, negatives } = all;
  if (positives === 0 || negatives === 0) return null;
  let below = 0;
  let above = positives;
  let pairs = 0;
  let ofPositives = 0;
  let ofNegatives = 0;
  // Rows, not shares: whole and half numbers, without a division for each score.
  for (let at = 0; at < count; at++) {
    const positive = ofPositive[at] as number;
    const negative = ofNegative[at] as number;
    const beyond = below + negative / 2;
    const before = above - positive / 2;
    pairs += positive * beyond;
    ofPositives += positive * beyond * beyond;
    ofNegatives += negative * before * before;
    below += negative;
    above -= positive;
  }
  const value = pairs / positives / negatives;
  if (positives < 2 || negatives < 2) return { value, low: null, high: null };
  const variance =
    spread(ofPositives / negatives ** 2, positives, value) / positives +
    spread(ofNegatives / positives ** 2, negatives, value) / negatives;
  if (!(variance > 0)) return { value, low: null, high: null };
  const half = NORMAL_975 * Math.sqrt(variance);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

const spread = (squares: number, n: number, mean: number): number =>
  Math.max(0, squares - n * mean * mean) / (n - 1);

/** Σ (Rₖ − Rₖ₋₁) Pₖ over the scores from the highest down. */
function averagePrecision(groups: Groups): Measured | null {
  const { positives } = groups;
  if (positives === 0) return null;
  let found = 0;
  let taken = 0;
  let value = 0;
  for (let at = groups.count - 1; at >= 0; at--) {
    const positive = groups.positive[at] as number;
    const negative = groups.negative[at] as number;
    found += positive;
    taken += positive + negative;
    if (positive > 0) value += (positive / positives) * (found / taken);
  }
  if (value >= 1) return { value: 1, low: null, high: null };
  const logit = Math.log(value / (1 - value));
  const half = NORMAL_975 / Math.sqrt(positives * value * (1 - value));
  return { value, low: expit(logit - half), high: expit(logit + half) };
}

const expit = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Within a bin any order is possible. The AUC is off by at most half the share of pairs that share a bin; the average
 * precision by the larger distance to that of all positives first or all negatives first.
 */
function boundsOf(groups: Groups): RankMetrics['bounds'] {
  const { positives, negatives } = groups;
  if (positives === 0 || negatives === 0) return { rocAuc: 0, averagePrecision: 0 };
  let pairs = 0;
  let found = 0;
  let taken = 0;
  let least = 0;
  let most = 0;
  let tied = 0;
  for (let at = groups.count - 1; at >= 0; at--) {
    const positive = groups.positive[at] as number;
    const negative = groups.negative[at] as number;
    pairs += positive * negative;
    most += orderedPrecision(found, taken, positive);
    least += orderedPrecision(found, taken + negative, positive);
    found += positive;
    taken += positive + negative;
    if (positive > 0) tied += positive * (found / taken);
  }
  return {
    rocAuc: pairs / (2 * positives * negatives),
    averagePrecision: Math.max(most - tied, tied - least) / positives,
  };
}

/** Σ (found + i) / (taken + i) for i = 1 to `positive`. */
function orderedPrecision(found: number, taken: number, positive: number): number {
  return positive + (found - taken) * harmonicBetween(taken, taken + positive);
}

const SUMMED = 64;

/**
 * 1 / (from + 1) + … + 1 / to. Of numbers that are near to each other by their middle m and the moments of numbers that are
 * 1 apart, Σ 1 / (m + j) = n/m (1 + M₂/m² + M₄/m⁴ + M₆/m⁶ + …), which leaves less than 10⁻¹¹ of it out; else summed, or
 * by Euler–Maclaurin (DLMF 2.10.8) once the numbers are large.
 */
export function harmonicBetween(from: number, to: number): number {
  const n = to - from;
  const middle = from + (n + 1) / 2;
  if (n < 0.1 * middle) {
    const share = 1 / middle;
    const x = share * share;
    const s = n * n;
    return (
      n *
      share *
      (1 + (s - 1) * x * (1 / 12 + x * ((3 * s - 7) / 240 + (x * (3 * s * s - 18 * s + 31)) / 1344)))
    );
  }
  let sum = 0;
  let at = from;
  while (at < to && at < SUMMED) {
    at += 1;
    sum += 1 / at;
  }
  if (at >= to) return sum;
  const rest = (x: number) => 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * x ** 4);
  return sum + Math.log(to / at) + rest(to) - rest(at);
}

/** Tenths of the score: rows, Σ score and positives of each. They merge by addition. */
export type CalibrationSums = { n: Float64Array; score: Float64Array; positive: Float64Array };
const TENTHS = 10;

export const emptyCalibration = (): CalibrationSums => ({
  n: new Float64Array(TENTHS),
  score: new Float64Array(TENTHS),
  positive: new Float64Array(TENTHS),
});

export function addCalibrationRow(
  into: CalibrationSums,
  row: { score: number; actual: boolean },
  times = 1,
): void {
  const tenth = Math.min(TENTHS - 1, Math.max(0, Math.floor(row.score * TENTHS)));
  into.n[tenth] = (into.n[tenth] as number) + times;
  into.score[tenth] = (into.score[tenth] as number) + times * row.score;
  if (row.actual) into.positive[tenth] = (into.positive[tenth] as number) + times;
}

/** Of a histogram, each row at the middle of its bin: scores are off by at most half a thousandth. */
export function calibrationOf(histogram: ScoreHistogram): CalibrationSums {
  const sums = emptyCalibration();
  for (let bin = 0; bin < SCORE_BINS; bin++) {
    const score = binScore(bin);
    addCalibrationRow(sums, { score, actual: true }, histogram.positive[bin]);
    addCalibrationRow(sums, { score, actual: false }, histogram.negative[bin]);
  }
  return sums;
}

export type CalibrationPoint = {
  from: number;
  to: number;
  n: number;
  /** Mean score, share of positives and its Wilson interval; null without rows. */
  score: number | null;
  share: number | null;
  low: number | null;
  high: number | null;
};

export function calibrationCurve(sums: CalibrationSums): CalibrationPoint[] {
  return Array.from(sums.n, (n, tenth) => {
    const place = { from: tenth / TENTHS, to: (tenth + 1) / TENTHS, n };
    const positive = sums.positive[tenth] as number;
    const interval = wilson(positive, n);
    if (interval === null) return { ...place, score: null, share: null, low: null, high: null };
    return { ...place, score: (sums.score[tenth] as number) / n, share: positive / n, ...interval };
  });
}

/** Expected calibration error Σ (n / N) |share − mean score| over the tenths (Naeini and others 2015); null without rows. */
export function calibrationError(sums: CalibrationSums): number | null {
  let off = 0;
  let n = 0;
  for (let tenth = 0; tenth < TENTHS; tenth++) {
    off += Math.abs((sums.positive[tenth] as number) - (sums.score[tenth] as number));
    n += sums.n[tenth] as number;
  }
  return n > 0 ? off / n : null;
}

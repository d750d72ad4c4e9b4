/**
 * What quality is told from: sums over the predictions of one window, arm, version and slice. Merging is addition, and
 * taking a label back is subtraction. Counts are exact, and so are the sums of errors: a label that was wrong by many
 * orders of magnitude leaves nothing behind once it is corrected.
 */
import { bump, type Counts, type Scores } from './counts.rules.ts';
import type { LabelEffect } from './judging.rules.ts';
import type { RegressionSums } from './metrics.rules.ts';
import { SCORE_BINS } from './ranks.rules.ts';

type Plain = {
  predictions: number;
  labelled: number;
  /** Of the labelled: by entity and time. */
  byEntity: number;
  /** Could be called right or wrong, and were right. */
  judged: number;
  right: number;
  tp: number;
  fp: number;
  fn: number;
  tn: number;
  /** Binary with a score and a label: what log loss (nats), Brier score and the squares of both are summed over. */
  scored: number;
  logLoss: number;
  logLossSquares: number;
  brier: number;
  brierSquares: number;
  errors: ErrorSums;
};
/** What some rows and labels change. */
export type CohortChange = Plain &
  Scores<Counts> & { /** Delays from prediction to label, by cell of delays.rules.ts. */ delays: Counts };
/** What was read: lists of every cell, or of none where those were not read. */
export type CohortSums = Plain & Scores<Float64Array>;

/**
 * Of regression, e being prediction − truth: rows, those with a truth other than 0, and the sums Σe, Σ|e|, Σe²,
 * Σe⁴, Σy, Σy², Σ|e/y|, Σ(e/y)², each as numbers that do not overlap and whose sum it is (Shewchuk 1997, Adaptive Precision, section 2.4); none before the first row.
 */
export type ErrorSums = { n: number; pctN: number; sums: number[][] };
const SUMS = 8;
/** A truth nearer to 0 is 0: a share of it would say nothing, and its square not fit. */
const LEAST_TRUTH = 1e-75;
const noErrors = (): ErrorSums => ({ n: 0, pctN: 0, sums: [] });

const noPlain = (): Plain => ({
  ...{ predictions: 0, labelled: 0, byEntity: 0, judged: 0, right: 0, tp: 0, fp: 0, fn: 0, tn: 0 },
  ...{ scored: 0, logLoss: 0, logLossSquares: 0, brier: 0, brierSquares: 0, errors: noErrors() },
});
export const emptyChange = (): CohortChange => ({
  ...noPlain(),
  ...{ all: new Map(), positive: new Map(), negative: new Map(), delays: new Map() },
});
/** What is read beside the plain sums: nothing, or errors and the scores of all rows, of labelled ones, or of both. */
export type DetailOf = 'none' | 'all' | 'labelled' | 'both';

/** With room for the scores that are read. */
export function emptyCohort(detail: DetailOf): CohortSums {
  const list = (read: boolean) => new Float64Array(read ? SCORE_BINS : 0);
  const labelled = detail === 'labelled' || detail === 'both';
  return {
    ...noPlain(),
    all: list(detail === 'all' || detail === 'both'),
    positive: list(labelled),
    negative: list(labelled),
  };
}

const PLAIN = [
  ...(['predictions', 'labelled', 'byEntity', 'judged', 'right', 'tp', 'fp', 'fn', 'tn', 'scored'] as const),
  ...(['logLoss', 'logLossSquares', 'brier', 'brierSquares'] as const),
] as const;
const NO_SCORES = new Float64Array(0);
/** Of values in the order of PLAIN, without room for scores. */
export function cohortOf(values: readonly number[]): CohortSums {
  const sums = { ...noPlain(), all: NO_SCORES, positive: NO_SCORES, negative: NO_SCORES };
  for (let at = 0; at < PLAIN.length; at++) sums[PLAIN[at] as (typeof PLAIN)[number]] = values[at] as number;
  return sums;
}

const SCORES = ['all', 'positive', 'negative'] as const;

/** But for the scores. */
export function addPlain(into: Plain, other: Plain, times: 1 | -1): void {
  for (const key of PLAIN) into[key] += times * other[key];
  addErrors(into.errors, other.errors, times);
}

export function addErrors(into: ErrorSums, other: ErrorSums, times: 1 | -1): void {
  into.n += times * other.n;
  into.pctN += times * other.pctN;
  for (const [at, parts] of other.sums.entries())
    for (const part of parts) addExact(into.sums, at, times * part);
}

/** Adds `other`; −1 takes it away. Its scores are among those that are read of both. */
export function addCohort(into: CohortSums, other: CohortSums, times: 1 | -1 = 1): void {
  addPlain(into, other, times);
  for (const key of SCORES) {
    const [to, from] = [into[key], other[key]];
    for (let cell = 0; cell < from.length; cell++)
      to[cell] = (to[cell] as number) + times * (from[cell] as number);
  }
}

export function addChange(into: CohortChange, other: CohortChange, times: 1 | -1 = 1): void {
  addPlain(into, other, times);
  for (const key of [...SCORES, 'delays'] as const)
    for (const [cell, n] of other[key]) bump(into[key], cell, times * n);
}

/** What a change comes to where nothing was before. */
export function sumsOf(change: CohortChange): CohortSums {
  const sums = emptyCohort('both');
  addPlain(sums, change, 1);
  for (const key of SCORES) for (const [cell, n] of change[key]) sums[key][cell] = n;
  return sums;
}

/** One label's part, added or taken away. */
export function addLabel(into: CohortChange, effect: LabelEffect, times: 1 | -1): void {
  into.labelled += times;
  into.byEntity += times * Number(effect.byEntity);
  into.judged += times * Number(effect.right !== null);
  into.right += times * Number(effect.right ?? false);
  if (effect.cell) into[effect.cell] += times;
  if (effect.scoreBin !== null && effect.actual !== null)
    bump(effect.actual ? into.positive : into.negative, effect.scoreBin, times);
  if (effect.logLoss !== null) {
    const brier = effect.brier ?? 0;
    into.scored += times;
    into.logLoss += times * effect.logLoss;
    into.logLossSquares += times * effect.logLoss ** 2;
    into.brier += times * brier;
    into.brierSquares += times * brier ** 2;
  }
  if (effect.delayBin !== null) bump(into.delays, effect.delayBin, times);
  if (effect.error) addError(into.errors, effect.error, times);
}

function addError(into: ErrorSums, { e, y }: { e: number; y: number }, times: 1 | -1): void {
  into.n += times;
  const parts = [e, Math.abs(e), e ** 2, e ** 4, y, y ** 2];
  for (const [at, part] of parts.entries()) addExact(into.sums, at, times * part);
  if (Math.abs(y) < LEAST_TRUTH) return;
  into.pctN += times;
  addExact(into.sums, 6, times * Math.abs(e / y));
  addExact(into.sums, 7, times * (e / y) ** 2);
}

/** Adds x without rounding: TwoSum through the parts, from the smallest on. */
function addExact(sums: number[][], at: number, x: number): void {
  const parts: number[] = [];
  let high = x;
  while (sums.length < SUMS) sums.push([]);
  for (const part of sums[at] as number[]) {
    const sum = high + part;
    const back = sum - high;
    const low = high - (sum - back) + (part - back);
    if (low !== 0) parts.push(low);
    high = sum;
  }
  if (high !== 0) parts.push(high);
  sums[at] = parts;
}

export function regressionSums({ errors: { n, pctN, sums } }: Pick<CohortSums, 'errors'>): RegressionSums {
  const value = (at: number) => (sums[at] ?? []).reduce((sum, part) => sum + part, 0);
  return {
    ...{ n, error: value(0), absolute: value(1), squares: value(2), fourths: value(3) },
    ...{ truth: value(4), truthSquares: value(5), shift: 0 },
    ...{ nonZero: pctN, relative: value(6), relativeSquares: value(7) },
  };
}

export function packErrors({ n, pctN, sums }: ErrorSums): Buffer | null {
  if (n === 0 && sums.every(({ length }) => length === 0)) return null;
  return Buffer.from(
    Float64Array.from([n, pctN, ...sums.flatMap((parts) => [parts.length, ...parts])]).buffer,
  );
}

export function unpackErrors(bytes: Uint8Array | null): ErrorSums {
  const found = noErrors();
  if (bytes === null) return found;
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  const values = new Float64Array(copy.buffer);
  let from = 2;
  found.sums = Array.from({ length: SUMS }, () => {
    const count = values[from] ?? 0;
    const parts = [...values.subarray(from + 1, from + 1 + count)];
    from += 1 + count;
    return parts;
  });
  return { ...found, n: values[0] ?? 0, pctN: values[1] ?? 0 };
}

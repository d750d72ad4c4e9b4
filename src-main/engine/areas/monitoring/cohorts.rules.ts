/**
 * What quality is told from: sums over the predictions of one window, arm, version and slice. Merging is addition, and
 * taking a label back is subtraction. Counts are exact, and so are the sums of errors: a label that was wrong by many
 * orders of magnitude leaves nothing behind once it is corrected.
 */
import type { LabelEffect } from './judging.rules.ts';
import type { RegressionSums } from './metrics.rules.ts';

export type Counts = Map<number, number>;
export type CohortSums = {
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
  /** Scores by cell of ranks.rules.ts: of all predictions, and of those labelled positive and negative. Of binary models. */
  all: Counts;
  positive: Counts;
  negative: Counts;
  /** Delays from prediction to label, by cell of delays.rules.ts. */
  delays: Counts;
  errors: ErrorSums;
};

/**
 * Of regression, e being prediction − truth: rows, those with a truth other than 0, and the sums Σe, Σ|e|, Σe²,
 * Σe⁴, Σy, Σy², Σ|e/y|, Σ(e/y)², each as numbers that do not overlap and whose sum it is (Shewchuk 1997, Adaptive Precision, section 2.4).
 */
export type ErrorSums = { n: number; pctN: number; sums: number[][] };
const SUMS = 8;
/** A truth nearer to 0 is 0: a share of it would say nothing, and its square not fit. */
const LEAST_TRUTH = 1e-75;
const noErrors = (): ErrorSums => ({ n: 0, pctN: 0, sums: Array.from({ length: SUMS }, () => []) });

export const emptyCohort = (): CohortSums => ({
  ...{ predictions: 0, labelled: 0, byEntity: 0, judged: 0, right: 0, tp: 0, fp: 0, fn: 0, tn: 0 },
  ...{ scored: 0, logLoss: 0, logLossSquares: 0, brier: 0, brierSquares: 0 },
  ...{ all: new Map(), positive: new Map(), negative: new Map(), delays: new Map() },
  errors: noErrors(),
});

const INTS = [
  'predictions',
  'labelled',
  'byEntity',
  'judged',
  'right',
  'tp',
  'fp',
  'fn',
  'tn',
  'scored',
] as const;
const REALS = ['logLoss', 'logLossSquares', 'brier', 'brierSquares'] as const;
const COUNTS = ['all', 'positive', 'negative', 'delays'] as const;

/** Adds `other` `times` times; −1 takes it away. */
export function addCohort(into: CohortSums, other: CohortSums, times: 1 | -1 = 1): void {
  for (const key of INTS) into[key] += times * other[key];
  for (const key of REALS) into[key] += times * other[key];
  for (const key of COUNTS) for (const [cell, n] of other[key]) bump(into[key], cell, times * n);
  const { errors } = into;
  errors.n += times * other.errors.n;
  errors.pctN += times * other.errors.pctN;
  for (let at = 0; at < SUMS; at++)
    for (const part of other.errors.sums[at] ?? []) addExact(errors.sums, at, times * part);
}

/** One label's part, added or taken away. */
export function addLabel(into: CohortSums, effect: LabelEffect, times: 1 | -1): void {
  into.labelled += times;
  into.byEntity += times * Number(effect.byEntity);
  into.judged += times * Number(effect.right !== null);
  into.right += times * Number(effect.right ?? false);
  if (effect.cell) into[effect.cell] += times;
  if (effect.scoreBin !== null && effect.actual !== null)
    bump(effect.actual ? into.positive : into.negative, effect.scoreBin, times);
  if (effect.logLoss !== null) {
    into.scored += times;
    const brier = effect.brier ?? 0;
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
  for (const part of sums[at] ?? []) {
    const sum = high + part;
    const back = sum - high;
    const low = high - (sum - back) + (part - back);
    if (low !== 0) parts.push(low);
    high = sum;
  }
  if (high !== 0) parts.push(high);
  sums[at] = parts;
}

export function regressionSums({ errors: { n, pctN, sums } }: CohortSums): RegressionSums {
  const value = (at: number) => (sums[at] ?? []).reduce((sum, part) => sum + part, 0);
  return {
    ...{ n, error: value(0), absolute: value(1), squares: value(2), fourths: value(3) },
    ...{ truth: value(4), truthSquares: value(5), shift: 0 },
    ...{ nonZero: pctN, relative: value(6), relativeSquares: value(7) },
  };
}

export function bump(counts: Counts, cell: number, by: number): void {
  const n = (counts.get(cell) ?? 0) + by;
  if (n === 0) counts.delete(cell);
  else counts.set(cell, n);
}

/** Sparse counts as stored: for each list how many cells, then pairs of step to the next cell and count, as LEB128. */
export function packCounts(lists: readonly Counts[]): Buffer | null {
  if (lists.every(({ size }) => size === 0)) return null;
  const bytes: number[] = [];
  for (const counts of lists) {
    put(bytes, counts.size);
    let before = 0;
    for (const cell of [...counts.keys()].sort((a, b) => a - b)) {
      put(bytes, cell - before);
      put(bytes, counts.get(cell) as number);
      before = cell;
    }
  }
  return Buffer.from(bytes);
}

export function unpackCounts(bytes: Uint8Array | null, lists: number): Counts[] {
  const found: Counts[] = Array.from({ length: lists }, () => new Map());
  if (bytes === null) return found;
  const at = { byte: 0 };
  for (const counts of found) {
    let cell = 0;
    for (let left = take(bytes, at); left > 0; left--) {
      cell += take(bytes, at);
      counts.set(cell, take(bytes, at));
    }
  }
  return found;
}

/** Zigzag, as sums of changes may be below 0 while a slice is sorted in. */
function put(bytes: number[], value: number): void {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function take(bytes: Uint8Array, at: { byte: number }): number {
  let rest = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[at.byte++] as number;
    rest += (byte % 128) * scale;
    if (byte < 128) break;
    scale *= 128;
  }
  return rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2;
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
  found.sums = found.sums.map(() => {
    const count = values[from] ?? 0;
    const parts = [...values.subarray(from + 1, from + 1 + count)];
    from += 1 + count;
    return parts;
  });
  return { ...found, n: values[0] ?? 0, pctN: values[1] ?? 0 };
}

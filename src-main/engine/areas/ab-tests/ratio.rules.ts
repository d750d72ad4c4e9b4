/**
 * Sample-ratio mismatch: whether units were split as the weights say (Fabijan et al. 2019). In one period it is
 * Pearson's chi-square. Over several, with other weights each, it is the same statistic of what they add up to:
 * (O − E)ᵀ Σ⁻¹ (O − E) with Σ = Σₖ nₖ (diag(pₖ) − pₖpₖᵀ), which is exact where pooling shares would not be.
 */
import { chiSquareTail } from '../../statistics/gamma.ts';

/** Shares of the arms and units that each was seen to get, in the same order. */
export type SplitPeriod = { weights: readonly number[]; units: readonly number[] };
export type RatioTest = {
  expected: number[];
  observed: number[];
  chiSquare: number;
  degrees: number;
  p: number;
  alarm: boolean;
  enough: boolean;
};

const ALARM = 0.001;
/** The usual rule for the chi-square approximation. */
const LEAST_EXPECTED = 5;

/** Arms without weight in every period have no part in it. Null when fewer than two arms are left. */
export function ratioTest(periods: readonly SplitPeriod[]): RatioTest | null {
  const arms = periods[0]?.weights.length ?? 0;
  const expected = new Array<number>(arms).fill(0);
  const observed = new Array<number>(arms).fill(0);
  const covariance = expected.map(() => new Array<number>(arms).fill(0));
  for (const { weights, units } of periods) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Units of an arm that had no weight came before the gateway knew.
    const n = units.reduce((sum, count, at) => sum + ((weights[at] as number) > 0 ? count : 0), 0);
    if (total <= 0) continue;
    const shares = weights.map((weight) => weight / total);
    for (let one = 0; one < arms; one++) {
      const share = shares[one] as number;
      expected[one] = (expected[one] as number) + n * share;
      if (share > 0) observed[one] = (observed[one] as number) + (units[one] as number);
      const row = covariance[one] as number[];
      for (let two = 0; two < arms; two++)
        row[two] = (row[two] as number) + n * ((one === two ? share : 0) - share * (shares[two] as number));
    }
  }
  const used = expected.flatMap((_, at) =>
    periods.some(({ weights }) => (weights[at] as number) > 0) ? [at] : [],
  );
  if (used.length < 2) return null;
  // One arm follows from the others: without it the matrix can be inverted.
  const free = used.slice(1);
  const off = free.map((at) => (observed[at] as number) - (expected[at] as number));
  const solved = solve(
    free.map((one) => free.map((two) => (covariance[one] as number[])[two] as number)),
    off,
  );
  const chiSquare = solved
    ? Math.max(
        0,
        off.reduce((sum, value, at) => sum + value * (solved[at] as number), 0),
      )
    : 0;
  const degrees = free.length;
  const p = chiSquareTail(chiSquare, degrees);
  const enough = used.every((at) => (expected[at] as number) >= LEAST_EXPECTED);
  return { expected, observed, chiSquare, degrees, p, alarm: enough && p < ALARM, enough };
}

/** Gaussian elimination with pivots; null for a singular matrix. */
function solve(matrix: number[][], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, at) => [...row, right[at] as number]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(cell(rows, row, column)) > Math.abs(cell(rows, pivot, column))) pivot = row;
    if (Math.abs(cell(rows, pivot, column)) < 1e-12) return null;
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = cell(rows, row, column) / cell(rows, column, column);
      for (let at = column; at <= size; at++)
        (rows[row] as number[])[at] = cell(rows, row, at) - factor * cell(rows, column, at);
    }
  }
  return rows.map((row, at) => (row[size] as number) / (row[at] as number));
}

const cell = (rows: readonly number[][], row: number, column: number): number =>
  (rows[row] as number[])[column] as number;

/**
 * Autoregression x(t) = c + φ₁ x(t−1) + … + φₚ x(t−p), by least squares over the windows whose p predecessors are known; the
 * order by Akaike's criterion, all orders on the same windows, as statsmodels' `ar_select_order(…, ic="aic")` has it.
 */

export type Autoregression = { order: number; constant: number; coefficients: number[] };

const MOST_ORDER = 14;

/** Null is a window without a value. */
export function autoregression(values: readonly (number | null)[]): Autoregression {
  const known = values.filter((value) => value !== null).length;
  const most = Math.min(MOST_ORDER, Math.floor(known / 5));
  const same = rowsOf(values, most);
  const equations = equationsOf(same, most);
  let best = { order: 0, criterion: Number.POSITIVE_INFINITY };
  for (let order = 0; order <= most; order++) {
    const fitted = leastSquares(same, order, equations);
    if (fitted === null) continue;
    const criterion = same.length * Math.log(fitted.residual / same.length) + 2 * (order + 2);
    if (criterion < best.criterion) best = { order, criterion };
  }
  const fitted = leastSquares(rowsOf(values, best.order), best.order);
  const [constant = 0, ...coefficients] = fitted?.solution ?? [0];
  return { order: coefficients.length, constant, coefficients };
}

/** What the autoregression leaves of a series, null where a value it needs is missing. */
export function filtered(
  values: readonly (number | null)[],
  { order, constant, coefficients }: Autoregression,
): (number | null)[] {
  return values.map((value, at) => {
    if (value === null || at < order) return null;
    let left = value - constant;
    for (const [lag, coefficient] of coefficients.entries()) {
      const before = values[at - lag - 1] ?? null;
      if (before === null) return null;
      left -= coefficient * before;
    }
    return left;
  });
}

/** A value, after it those before it, newest first. */
type Row = readonly number[];

function rowsOf(values: readonly (number | null)[], order: number): Row[] {
  const rows: Row[] = [];
  for (let at = order; at < values.length; at++) {
    const row = Array.from({ length: order + 1 }, (_, lag) => values[at - lag] ?? null);
    if (row.every((value) => value !== null)) rows.push(row);
  }
  return rows;
}

type Equations = { level: number; lines: readonly Float64Array[]; right: Float64Array };

/**
 * The normal equations of the highest order, about the mean so that the level takes no digits away. Those of a lower order on
 * the same rows are the first of them.
 */
function equationsOf(rows: readonly Row[], order: number): Equations {
  const size = order + 1;
  const level = rows.reduce((sum, row) => sum + (row[0] as number), 0) / rows.length;
  const lines = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  const given = new Float64Array(size).fill(1);
  for (const row of rows) {
    const value = (row[0] as number) - level;
    for (let lag = 1; lag < size; lag++) given[lag] = (row[lag] as number) - level;
    for (let one = 0; one < size; one++) {
      const line = lines[one] as Float64Array;
      const own = given[one] as number;
      for (let two = 0; two < size; two++) line[two] = (line[two] as number) + own * (given[two] as number);
      right[one] = (right[one] as number) + own * value;
    }
  }
  return { level, lines, right };
}

/** Null when there are too few rows, or the values of one column follow from others. */
function leastSquares(
  rows: readonly Row[],
  order: number,
  { level, lines, right }: Equations = equationsOf(rows, order),
): { solution: number[]; residual: number } | null {
  const size = order + 1;
  if (rows.length <= size) return null;
  const solution = solve(
    lines.slice(0, size).map((line, at) => Float64Array.of(...line.subarray(0, size), right[at] as number)),
  );
  if (solution === null) return null;
  let residual = 0;
  for (const row of rows) {
    let left = (row[0] as number) - level - (solution[0] as number);
    for (let lag = 1; lag <= order; lag++) left -= (solution[lag] as number) * ((row[lag] as number) - level);
    residual += left * left;
  }
  const sum = solution.slice(1).reduce((all, coefficient) => all + coefficient, 0);
  return residual > 0
    ? { solution: [(solution[0] as number) + level * (1 - sum), ...solution.slice(1)], residual }
    : null;
}

/** Gaussian elimination with pivots of equations with their right side last; null for a singular matrix. */
function solve(lines: Float64Array[]): number[] | null {
  const size = lines.length;
  const scale = lines.map((line, place) => at(line, place));
  for (let column = 0; column < size; column++) {
    const rest = lines.slice(column);
    const pivot = rest.reduce((best, line) =>
      Math.abs(at(line, column)) > Math.abs(at(best, column)) ? line : best,
    );
    if (!(Math.abs(at(pivot, column)) > SINGULAR * (scale[column] as number))) return null;
    lines.splice(lines.indexOf(pivot), 1);
    lines.splice(column, 0, pivot);
    for (const line of lines) {
      if (line === pivot) continue;
      const factor = at(line, column) / at(pivot, column);
      for (let place = column; place <= size; place++)
        line[place] = at(line, place) - factor * at(pivot, place);
    }
  }
  return lines.map((line, place) => at(line, size) / at(line, place));
}

/** What is left of a column's own square when the others explain it to the last digits. */
const SINGULAR = 1e-12;
const at = (line: Float64Array, place: number): number => line[place] as number;

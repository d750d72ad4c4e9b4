/**
 * Autoregression x(t) = c + φ₁ x(t−1) + … + φₚ x(t−p), by least squares over the windows whose p predecessors are known; the
 * order by Akaike's criterion, all orders on the same windows, as statsmodels' `ar_select_order(…, ic="aic")` has it.
 */

export type Autoregression = { order: number; constant: number; coefficients: number[] };

const MOST_ORDER = 14;

/** NaN is a window without a value. */
export function autoregression(values: Float64Array): Autoregression {
  const known = values.reduce((count, value) => count + Number(!Number.isNaN(value)), 0);
  const most = Math.min(MOST_ORDER, Math.floor(known / 5));
  const same = rowsOf(values, most);
  const equations = equationsOf(same);
  let best = { order: 0, criterion: Number.POSITIVE_INFINITY };
  for (let order = 0; order <= most; order++) {
    const fitted = leastSquares(same, order, equations);
    if (fitted === null) continue;
    const criterion = same.count * Math.log(fitted.residual / same.count) + 2 * (order + 2);
    if (criterion < best.criterion) best = { order, criterion };
  }
  const fitted = leastSquares(rowsOf(values, best.order), best.order);
  const [constant = 0, ...coefficients] = fitted?.solution ?? [0];
  return { order: coefficients.length, constant, coefficients };
}

/** What the autoregression leaves of a series, NaN where a value it needs is missing. */
export function filtered(
  values: Float64Array,
  { order, constant, coefficients }: Autoregression,
): Float64Array {
  const found = new Float64Array(values.length).fill(Number.NaN);
  for (let at = order; at < values.length; at++) {
    let left = (values[at] as number) - constant;
    for (let lag = 0; lag < order; lag++)
      left -= (coefficients[lag] as number) * (values[at - lag - 1] as number);
    found[at] = left;
  }
  return found;
}

/** `count` rows of `width` beside one another: a value, after it those before it, newest first. */
type Rows = { width: number; count: number; values: Float64Array };

function rowsOf(series: Float64Array, order: number): Rows {
  const width = order + 1;
  const values = new Float64Array(width * Math.max(0, series.length - order));
  let count = 0;
  for (let at = order; at < series.length; at++) {
    const from = count * width;
    let whole = true;
    for (let lag = 0; lag < width; lag++) {
      const value = series[at - lag] as number;
      values[from + lag] = value;
      if (Number.isNaN(value)) whole = false;
    }
    if (whole) count += 1;
  }
  return { width, count, values };
}

type Equations = { level: number; lines: readonly Float64Array[]; right: Float64Array };

/**
 * The normal equations of the highest order, about the mean so that the level takes no digits away. Those of a lower order on
 * the same rows are the first of them.
 */
function equationsOf({ width: size, count, values }: Rows): Equations {
  let sum = 0;
  for (let row = 0; row < count; row++) sum += values[row * size] as number;
  const level = sum / count;
  const lines = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  const given = new Float64Array(size).fill(1);
  for (let row = 0; row < count; row++) {
    const value = (values[row * size] as number) - level;
    for (let lag = 1; lag < size; lag++) given[lag] = (values[row * size + lag] as number) - level;
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
  rows: Rows,
  order: number,
  { level, lines, right }: Equations = equationsOf(rows),
): { solution: number[]; residual: number } | null {
  const size = order + 1;
  const { width, count, values } = rows;
  if (count <= size) return null;
  const solution = solve(
    lines.slice(0, size).map((line, at) => Float64Array.of(...line.subarray(0, size), right[at] as number)),
  );
  if (solution === null) return null;
  let residual = 0;
  for (let row = 0; row < count; row++) {
    let left = (values[row * width] as number) - level - (solution[0] as number);
    for (let lag = 1; lag <= order; lag++)
      left -= (solution[lag] as number) * ((values[row * width + lag] as number) - level);
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

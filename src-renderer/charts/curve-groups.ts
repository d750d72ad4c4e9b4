/** One line for many runs: a common grid of x, the mean or median on it, and a band of what lies around. Pure. */
import { type CurvePoints, firstAtLeast, percentile, rangeOfX, valueAt } from './curve.ts';

export type GroupLine = 'mean' | 'median';
export type GroupBand = 'min-max' | 'std' | 'none';

const GRID_POINTS = 300;

/**
 * Where curves are compared: at every x that is logged while those are few, as with epochs; else at even distances
 * from the first to the last.
 */
export function commonGrid(curves: readonly { x: Float64Array }[], most = GRID_POINTS): Float64Array {
  const places = new Set<number>();
  for (const { x } of curves) {
    for (const at of x) places.add(at);
    if (places.size > most) break;
  }
  if (places.size <= most) return Float64Array.from(places).sort();
  const [low, high] = rangeOfX(curves, false) ?? [0, 0];
  return Float64Array.from({ length: most }, (_, i) => low + ((high - low) * i) / (most - 1));
}

/**
 * The curves as one. A curve takes part where it has begun and not ended, between its points on a straight line.
 * The min-max band holds every value any of them logged, also between two places of the grid: no spike gets lost.
 * `std` is the population's standard deviation, once above and once below the line.
 */
export function aggregateCurves(
  curves: readonly CurvePoints[],
  grid: Float64Array,
  line: GroupLine,
  band: GroupBand,
): CurvePoints {
  const size = grid.length;
  const at = new Float64Array(curves.length);
  const rows: { x: number; y: number; low: number; high: number }[] = [];
  for (let i = 0; i < size; i++) {
    const x = grid[i] ?? 0;
    let count = 0;
    for (const curve of curves) {
      const value = valueAt(curve.x, curve.y, x);
      if (value !== null) at[count++] = value;
    }
    if (count === 0) continue;
    const values = at.subarray(0, count);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    if (line === 'median') values.sort();
    const y = line === 'median' ? percentile(values, 0.5) : mean;
    let spread = 0;
    if (band === 'std') {
      for (const value of values) spread += (value - mean) ** 2;
      spread = Math.sqrt(spread / count);
    }
    rows.push({ x, y, low: y - spread, high: y + spread });
    if (band !== 'min-max') continue;
    const row = rows.at(-1);
    for (const value of values) if (row) widen(row, value, value);
  }
  const points = {
    x: Float64Array.from(rows, ({ x }) => x),
    y: Float64Array.from(rows, ({ y }) => y),
    low: Float64Array.from(rows, ({ low }) => low),
    high: Float64Array.from(rows, ({ high }) => high),
  };
  if (band === 'min-max') for (const curve of curves) foldExtremes(points, curve);
  return points;
}

function widen(row: { low: number; high: number }, low: number, high: number): void {
  if (low < row.low) row.low = low;
  if (high > row.high) row.high = high;
}

/** Every logged extreme widens the band at the nearest place of the grid. */
function foldExtremes(points: CurvePoints, curve: CurvePoints): void {
  const { x: grid, low, high } = points;
  if (grid.length === 0) return;
  for (let i = 0; i < curve.x.length; i++) {
    const x = curve.x[i] ?? 0;
    let at = firstAtLeast(grid, x);
    if (at >= grid.length || (at > 0 && x - (grid[at - 1] ?? 0) < (grid[at] ?? 0) - x)) at -= 1;
    if ((curve.low[i] ?? 0) < (low[at] ?? 0)) low[at] = curve.low[i] ?? 0;
    if ((curve.high[i] ?? 0) > (high[at] ?? 0)) high[at] = curve.high[i] ?? 0;
  }
}

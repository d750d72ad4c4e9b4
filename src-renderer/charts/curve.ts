/** Curves as columns of numbers: smoothing, what lies under the crosshair, and the ranges of the axes. Pure. */
import type { ChartColor } from './theme.ts';

/** Points of one curve, x ascending. `low` and `high` bound what `y` stands for; equal to it where it stands for itself. */
export type CurvePoints = { x: Float64Array; y: Float64Array; low: Float64Array; high: Float64Array };

export type Curve = {
  id: string;
  label: string;
  color: ChartColor;
  dashed: boolean;
  points: CurvePoints;
  /** Raw values behind a smoothed line, drawn faint. */
  ghost: Float64Array | null;
  /** Values logged in the range, and how many of all were NaN or infinite. */
  logged: number;
  notFinite: number;
};

/**
 * Time-weighted exponential moving average: a point's pull fades with its distance in x, so that runs which log
 * every step and runs which log every tenth step are smoothed alike. Debiased as in Adam (Kingma & Ba 2015, §3),
 * so that the first points are not pulled to zero.
 *
 * `weight` is 0 (no smoothing) to below 1: how much of the past is kept over one `unit` of x.
 */
export function smoothEma(x: Float64Array, y: Float64Array, weight: number, unit: number): Float64Array {
  const out = Float64Array.from(y);
  if (weight <= 0 || y.length < 2) return out;
  const keep = Math.min(weight, 0.999);
  let sum = 0;
  let mass = 0;
  let lastX = Number.NaN;
  for (let i = 0; i < y.length; i++) {
    const [at, value] = [x[i] ?? 0, y[i] ?? 0];
    const gap = Number.isNaN(lastX) ? 1 : Math.max(0, at - lastX) / unit;
    const fade = keep ** gap;
    sum = sum * fade + value * (1 - keep);
    mass = mass * fade + (1 - keep);
    lastX = at;
    out[i] = sum / mass;
  }
  return out;
}

/** How finely a whole range is drawn; smoothing below it could not be seen. */
const FINEST = 500;

/**
 * The unit of x for smoothing several curves alike: the usual distance between points as they were logged, but not
 * less than 1/500 of the whole range. It does not change while a chart is zoomed, so neither does the smooth line.
 */
export function smoothingUnit(
  curves: readonly { x: Float64Array; logged: number }[],
  span: number = spanOf(curves),
): number {
  const gaps = curves
    .filter(({ logged }) => logged > 1)
    .map(({ x, logged }) => ((x.at(-1) ?? 0) - (x[0] ?? 0)) / (logged - 1))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  return Math.max(gaps[gaps.length >> 1] ?? 1, span / FINEST) || 1;
}

export function spanOf(curves: readonly { x: Float64Array }[]): number {
  const range = rangeOfX(curves, false);
  return range ? range[1] - range[0] : 0;
}

export type Range = readonly [low: number, high: number];

/** Smallest and largest x; above zero only where the axis is logarithmic. Null without a point. */
export function rangeOfX(curves: readonly { x: Float64Array }[], log: boolean): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of curves) {
    const first = log ? x[firstAbove(x, 0)] : x[0];
    const last = x.at(-1);
    if (first === undefined || last === undefined || (log && last <= 0)) continue;
    if (first < low) low = first;
    if (last > high) high = last;
  }
  return low <= high ? [low, high] : null;
}

/** Index of the first value of an ascending column that is at least `value`. */
export function firstAtLeast(column: Float64Array, value: number): number {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(column: Float64Array, value: number): number {
  let at = firstAtLeast(column, value);
  while (at < column.length && (column[at] ?? 0) <= value) at++;
  return at;
}

/** Beyond so many values the percentiles are taken of every n-th. */
const MOST_SORTED = 20_000;
const CLIPPED = [0.05, 0.95] as const;

/**
 * Range of the values drawn between two places of x, bands included. `clip` leaves out the lowest and highest 5 % of
 * the values themselves, so that a few outliers do not flatten the rest. Null where nothing is drawn.
 */
export function rangeOfY(
  curves: readonly { points: CurvePoints; ghost: Float64Array | null }[],
  [from, to]: Range,
  options: { clip: boolean; log: boolean },
): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const values: number[] = [];
  const total = curves.reduce((sum, { points }) => sum + points.x.length, 0);
  const every = Math.max(1, Math.ceil(total / MOST_SORTED));
  let seen = 0;
  for (const { points, ghost } of curves) {
    const end = points.x.length;
    for (let i = firstAtLeast(points.x, from); i < end && (points.x[i] ?? 0) <= to; i++) {
      const value = (ghost ?? points.y)[i] ?? Number.NaN;
      if (options.clip) {
        if (seen++ % every === 0 && Number.isFinite(value) && !(options.log && value <= 0))
          values.push(value);
        continue;
      }
      const [least, most] = [
        Math.min(points.low[i] ?? value, value),
        Math.max(points.high[i] ?? value, value),
      ];
      if (most > high && Number.isFinite(most)) high = most;
      if (options.log) {
        const positive = least > 0 ? least : value > 0 ? value : most;
        if (positive > 0 && positive < low) low = positive;
      } else if (least < low && Number.isFinite(least)) low = least;
    }
  }
  if (options.clip) {
    if (values.length === 0) return null;
    values.sort((a, b) => a - b);
    low = percentile(values, CLIPPED[0]);
    high = percentile(values, CLIPPED[1]);
  }
  return low <= high ? [low, high] : null;
}

/** Of ascending values, with linear interpolation between neighbours. */
export function percentile(ascending: ArrayLike<number>, share: number): number {
  const at = (ascending.length - 1) * share;
  const [below, above] = [ascending[Math.floor(at)] ?? Number.NaN, ascending[Math.ceil(at)] ?? Number.NaN];
  return below + (above - below) * (at - Math.floor(at));
}

/** A span smaller than this against its values is made of the last digits; ticks in it could not be told apart. */
const LEAST_SPAN = 1e-11;

/** Whether numbers of this range can be told apart well enough for an axis. */
export const isWideEnough = ([low, high]: Range): boolean =>
  high - low > Math.max(Math.abs(low), Math.abs(high)) * LEAST_SPAN;

/** The range with air around it; in powers of ten where the axis is logarithmic. */
export function airy(range: Range | null, log: boolean, share = 0.06): Range {
  if (log) {
    const [low, high] = range && range[0] > 0 ? range : [0.1, 1];
    const air = Math.max(Math.log10(high / low), 0.05) * share;
    return [10 ** (Math.log10(low) - air), 10 ** (Math.log10(high) + air)];
  }
  if (!range) return [0, 1];
  const [low, high] = range;
  const span = high - low;
  if (isWideEnough(range)) return [low - span * share, high + span * share];
  const half = Math.abs(low) * 0.1 || 0.5;
  return [low - half, high + half];
}

/** Index of the point nearest to `at`, -1 for an empty curve. */
export function nearestIndex(x: Float64Array, at: number): number {
  const after = firstAtLeast(x, at);
  if (after === 0) return x.length === 0 ? -1 : 0;
  if (after >= x.length) return x.length - 1;
  return at - (x[after - 1] ?? 0) <= (x[after] ?? 0) - at ? after - 1 : after;
}

/** Where the line passes at `at`, between its points on a straight line; null outside the curve. */
export function valueAt(x: Float64Array, y: Float64Array, at: number): number | null {
  const after = firstAtLeast(x, at);
  if (after >= x.length) return null;
  const [x1, y1] = [x[after] ?? 0, y[after] ?? 0];
  if (x1 === at) return y1;
  if (after === 0) return null;
  const [x0, y0] = [x[after - 1] ?? 0, y[after - 1] ?? 0];
  return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}

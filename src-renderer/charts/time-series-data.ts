/** From series of points to uPlot's aligned columns. Pure. */
import type { ChartColor } from './theme.ts';

export type Point = {
  x: number;
  y: number | null;
  /** Interval around y. */
  low?: number | null;
  high?: number | null;
  /** Rows behind the value, for the readout. */
  n?: number;
  /** Too few rows, or labels still coming: drawn hollow and dashed. */
  weak?: boolean;
  /** Said in the readout and the table, e.g. "62 % labelled". */
  note?: string;
};

export type Series = {
  id: string;
  label: string;
  color: ChartColor;
  dashed?: boolean;
  points: readonly Point[];
};

export type ColumnRole = 'solid' | 'weak' | 'low' | 'high';
export type Column = { series: number; role: ColumnRole };
/** Undefined: this series has nothing at that x (the line goes on). Null: a gap (the line breaks). */
export type Aligned = { xs: number[]; columns: Column[]; values: (number | null | undefined)[][] };

/**
 * One x column for all series. Where neighbours of a series are more than `gap` apart, or y is null, its line breaks.
 * Every series gets the same roles, in a fixed order, so that the chart need not be rebuilt when data arrive.
 */
export function alignSeries(series: readonly Series[], roles: readonly ColumnRole[], gap?: number): Aligned {
  const filled = series.map((one) => withGaps(one.points, gap));
  const all = new Set<number>();
  for (const points of filled) for (const { x } of points) all.add(x);
  const xs = [...all].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));

  const columns: Column[] = [];
  const values: (number | null | undefined)[][] = [];
  filled.forEach((points, index) => {
    for (const role of roles) {
      const column = new Array<number | null | undefined>(xs.length).fill(undefined);
      const write = (x: number, value: number | null) => {
        const at = place.get(x);
        if (at !== undefined) column[at] = value;
      };
      points.forEach((point, i) => {
        write(point.x, valueFor(role, points, i));
      });
      columns.push({ series: index, role });
      values.push(column);
    }
  });
  return { xs, columns, values };
}

/** The roles these series need. */
export function rolesOf(series: readonly Series[]): ColumnRole[] {
  const roles: ColumnRole[] = [];
  if (series.some((one) => one.points.some((point) => point.low != null && point.high != null)))
    roles.push('low', 'high');
  if (series.some((one) => one.points.some((point) => point.weak))) roles.push('weak');
  roles.push('solid');
  return roles;
}

function valueFor(role: ColumnRole, points: readonly Point[], i: number): number | null {
  const point = points[i];
  if (!point) return null;
  switch (role) {
    case 'low':
      return finite(point.low);
    case 'high':
      return finite(point.high);
    case 'weak': {
      const touches = point.weak || points[i - 1]?.weak || points[i + 1]?.weak;
      return touches ? finite(point.y) : null;
    }
    default:
      return point.weak ? null : finite(point.y);
  }
}

const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

function withGaps(points: readonly Point[], gap?: number): Point[] {
  const out: Point[] = [];
  for (const point of points) {
    const last = out.at(-1);
    if (gap !== undefined && last && point.x - last.x > gap) out.push({ x: last.x + gap / 2, y: null });
    out.push(point);
  }
  return out;
}

/** The point of a series nearest to x, within `reach`; null when there is none. */
export function nearestPoint(points: readonly Point[], x: number, reach: number): Point | null {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  let best: Point | null = null;
  for (const point of [points[low - 1], points[low]]) {
    if (!point || point.y === null || Math.abs(point.x - x) > reach) continue;
    if (!best || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  }
  return best;
}

/**
 * Lowest and highest drawn value, intervals and thresholds included; null when nothing is drawn. A few points on too
 * few rows do not stretch the scale of the many good ones.
 */
export function valueExtent(
  series: readonly Series[],
  also: readonly number[] = [],
): [low: number, high: number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const see = (value: number | null | undefined) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const one of series) {
    const weak = one.points.filter((point) => point.weak).length;
    const skipWeak = weak > 0 && weak * 4 <= one.points.length;
    for (const point of one.points) {
      if (skipWeak && point.weak) continue;
      see(point.y);
      see(point.low);
      see(point.high);
    }
  }
  if (low > high) return null;
  for (const value of also) see(value);
  return [low, high];
}

/** A range with air above and below that ends on `floor`/`ceiling` where the data come close to them. */
export function niceRange(
  extent: [number, number] | null,
  limits: { floor?: number; ceiling?: number; fromZero?: boolean; atLeast?: number } = {},
): [number, number] {
  if (!extent) return [limits.floor ?? 0, limits.ceiling ?? 1];
  let [low, high] = extent;
  if (limits.fromZero) low = Math.min(0, low);
  if (limits.atLeast !== undefined) high = Math.max(high, limits.atLeast);
  const span = high - low || Math.abs(high) * 0.2 || 1;
  const air = span * 0.08;
  const below = limits.fromZero && low === 0 ? 0 : low - (high === low ? span / 2 : air);
  const above = high + (high === low ? span / 2 : air);
  return [
    limits.floor === undefined ? below : Math.max(limits.floor, below),
    limits.ceiling === undefined ? above : Math.min(limits.ceiling, above),
  ];
}

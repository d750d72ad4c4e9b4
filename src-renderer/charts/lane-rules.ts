/** What a lane draws: which points are joined, which are only dots, and how far its scale reaches. Pure. */
import { readTime, readValue, tickLabel, type Unit } from './format.ts';
import type { ChartColor } from './theme.ts';
import { niceRange } from './time-series-data.ts';

/** The shared axis. */
export type LaneAxis = {
  from: number;
  to: number;
  /** Length of a window, as x. */
  window: number;
  /** Pixels of the plot. */
  width: number;
};

export type LanePoint = {
  /** Where its window begins. */
  x: number;
  y: number | null;
  low: number | null;
  high: number | null;
  n: number;
  /** Not final: the window is still open, or its labels are still coming. */
  open: boolean;
  /** On fewer rows than say something. */
  weak: boolean;
};

export type LaneLine = {
  id: string;
  label: string;
  color: ChartColor;
  dashed?: boolean;
  points: readonly LanePoint[];
};

export type LaneThreshold = { value: number; label: string; color: ChartColor };

/** Fewer points than this are dots with their intervals; a line through them would claim too much. */
export const FEWEST_FOR_LINE = 12;

type Drawn = LanePoint & { y: number };
const isDrawn = (point: LanePoint): point is Drawn => point.y !== null && Number.isFinite(point.y);

/** Points that follow each other without a gap. A window without a value, or without rows, ends a run. */
export function runsOf(points: readonly LanePoint[], window: number): Drawn[][] {
  const runs: Drawn[][] = [];
  let last: Drawn | null = null;
  for (const point of points) {
    if (!isDrawn(point)) {
      last = null;
      continue;
    }
    const run = runs.at(-1);
    if (last && run && point.x - last.x <= window * 1.5) run.push(point);
    else runs.push([point]);
    last = point;
  }
  return runs;
}

/** Points that are drawn as dots: all where there are few, else the lone ones. */
export function dotsOf(points: readonly LanePoint[], window: number): Drawn[] {
  const runs = runsOf(points, window);
  const few = runs.reduce((count, run) => count + run.length, 0) < FEWEST_FOR_LINE;
  return few ? runs.flat() : runs.filter(({ length }) => length === 1).flat();
}

/** Runs that are joined by a line. */
export function joinedOf(points: readonly LanePoint[], window: number): Drawn[][] {
  const runs = runsOf(points, window);
  const few = runs.reduce((count, run) => count + run.length, 0) < FEWEST_FOR_LINE;
  return few ? [] : runs.filter(({ length }) => length > 1);
}

export type Stretch = { from: number; to: number };

/** Stretches of time whose figures are not final. */
export function openStretches(lines: readonly LaneLine[], window: number): Stretch[] {
  const starts = [
    ...new Set(lines.flatMap(({ points }) => points.filter(({ open }) => open).map(({ x }) => x))),
  ];
  const stretches: Stretch[] = [];
  for (const x of starts.sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && x - last.to < window / 2) last.to = x + window;
    else stretches.push({ from: x, to: x + window });
  }
  return stretches;
}

export type Limits = { floor?: number; ceiling?: number; fromZero?: boolean };

/**
 * The scale of a lane: all values and intervals, and the thresholds that lie near them. Points on too few rows do not
 * stretch it where others are there.
 */
export function laneRange(
  lines: readonly LaneLine[],
  thresholds: readonly LaneThreshold[],
  limits: Limits,
): [number, number] {
  const all = lines.flatMap(({ points }) => points.filter(isDrawn));
  const firm = all.filter(({ weak }) => !weak);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const see = (value: number | null) => {
    if (value === null || !Number.isFinite(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const point of firm.length > 0 ? firm : all) {
    see(point.y);
    see(point.low);
    see(point.high);
  }
  if (low > high) return niceRange(null, limits);
  const reach = 3 * Math.max(high - Math.min(low, limits.fromZero ? 0 : low), Math.abs(high) * 0.02, 1e-9);
  const [from, to] = [low - reach, high + reach];
  for (const { value } of thresholds) if (value >= from && value <= to) see(value);
  return niceRange([low, high], limits);
}

const LEAST_APART = 22;

/** Round values of a scale, in sight without touching. */
export function laneTicks([low, high]: readonly [number, number], height: number, unit: Unit) {
  // The closest together that still leave room for their names.
  const raw = ((high - low) / height) * LEAST_APART;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw * (1 - 1e-9)) ?? power * 10;
  const whole = unit === 'count' ? Math.max(1, step) : step;
  const first = Math.ceil(low / whole - 1e-9) * whole;
  const count = Math.max(0, Math.floor((high - first) / whole + 1e-6) + 1);
  return Array.from({ length: count }, (_, at) => {
    const value = Number((first + at * whole).toPrecision(12));
    return { value, label: tickLabel(value, whole, unit) };
  });
}

/** The point of the window that begins at `x`. */
export const pointAt = (points: readonly LanePoint[], x: number | null): LanePoint | null =>
  x === null ? null : (points.find((point) => point.x === x) ?? null);

export const latestOf = (points: readonly LanePoint[]): LanePoint | null => points.findLast(isDrawn) ?? null;

/** For those who do not see the lane. */
export function laneSummary(title: string, lines: readonly LaneLine[], unit: Unit): string {
  const parts = lines.flatMap(({ label, points }) => {
    const drawn = points.filter(isDrawn);
    const last = drawn.at(-1);
    if (!last) return [];
    const low = drawn.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY);
    const high = drawn.reduce((most, { y }) => Math.max(most, y), Number.NEGATIVE_INFINITY);
    return [
      `${label}: latest ${readValue(last.y, unit)} on ${readTime(last.x)}${last.open ? ', not final' : ''}, from ${readValue(low, unit)} to ${readValue(high, unit)} over ${drawn.length} windows.`,
    ];
  });
  return parts.length > 0 ? `${title}. ${parts.join(' ')}` : `${title}: no values yet.`;
}

/** The interval behind a value, `78.1 % – 81.9 %`; empty where none is known. */
export const intervalText = ({ low, high }: Pick<LanePoint, 'low' | 'high'>, unit: Unit): string =>
  low === null || high === null ? '' : `${readValue(low, unit)} – ${readValue(high, unit)}`;

/** Pixel of a window's middle. */
export const placeOf = (axis: LaneAxis, x: number): number =>
  ((x + axis.window / 2 - axis.from) / Math.max(axis.to - axis.from, axis.window)) * axis.width;

/** The window below a pixel. */
export function windowAt(axis: LaneAxis, pixel: number): number | null {
  if (axis.width <= 0 || pixel < 0 || pixel > axis.width) return null;
  const at = axis.from + (pixel / axis.width) * (axis.to - axis.from);
  return Math.min(axis.to - axis.window, Math.floor(at / axis.window) * axis.window);
}

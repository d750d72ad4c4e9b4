/** Business metrics without I/O: what a point may be, what a row of a file says, and what a window's values come to. */
import type { BusinessMetric, BusinessPoint } from '../../../contract/business-metrics.ts';
import { BusinessPoint as BusinessPointSchema } from '../../../contract/business-metrics.ts';
import { LatheError } from '../../../contract/errors.ts';
import { type SeriesPoint, WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import { NORMAL_975 } from '../../statistics/gamma.ts';

/** A figure of today may be dated at the day's end, wherever that is; further ahead is a mistake. */
export const AHEAD_MS = 86_400_000;
/** Of one endpoint: more are names with an id in them. */
export const METRICS = 200;

/** What a point is known by: the sender's key, or its time. */
export const keyOf = ({ key, atMs }: BusinessPoint): string => (key === undefined ? `t${atMs}` : `k${key}`);

/** Throws LATHE_BUSINESS_METRICS_TIME for the first point that lies too far ahead. */
export function checkTimes(points: readonly BusinessPoint[], nowMs: number): void {
  const at = points.findIndex(({ atMs }) => atMs > nowMs + AHEAD_MS);
  const point = points[at];
  if (!point) return;
  throw new LatheError('LATHE_BUSINESS_METRICS_TIME', {
    at,
    metric: point.name,
    time: timeText(point.atMs),
  });
}

/** A time beyond what a Date can say is told as its number. */
const timeText = (ms: number): string => (ms <= 8.64e15 ? new Date(ms).toISOString() : `${ms}`);

// ---- rows of a file ----------------------------------------------------------------------------------

const COLUMNS = ['name', 'at', 'value', 'key'];

/** Which columns a file has, in its order. Throws LATHE_BUSINESS_METRICS_COLUMNS. `metric` stands in for the column name. */
export function checkHeader(file: string, header: readonly string[], metric: string | undefined): void {
  const refuse = (reason: string) => {
    throw new LatheError('LATHE_BUSINESS_METRICS_COLUMNS', { file, reason });
  };
  const needed = metric === undefined ? ['name', 'at', 'value'] : ['at', 'value'];
  const missing = needed.filter((column) => !header.includes(column));
  const unknown = header.filter((column) => !COLUMNS.includes(column));
  const twice = header.filter((column, at) => header.indexOf(column) !== at);
  if (missing.length > 0) refuse(`it has no column ${missing.join(', ')} (it has ${header.join(', ')})`);
  if (unknown.length > 0) refuse(`it has a column ${unknown.join(', ')}, which means nothing here`);
  if (twice.length > 0) refuse(`it has the column ${twice.join(', ')} twice`);
}

/** Throws an Error whose message says what is wrong with the row. */
export function pointOfRow(
  header: readonly string[],
  cells: readonly string[],
  metric: string | undefined,
  nowMs: number,
): BusinessPoint {
  if (cells.length !== header.length)
    throw new Error(`it has ${cells.length} cells where the header has ${header.length}`);
  const cell = (column: string) => cells[header.indexOf(column)]?.trim() ?? '';
  const key = header.includes('key') ? cell('key') : '';
  const point = {
    name: metric ?? cell('name'),
    atMs: timeIn(cell('at')),
    value: numberIn(cell('value')),
    ...(key === '' ? {} : { key }),
  };
  const parsed = BusinessPointSchema.safeParse(point);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  if (point.atMs > nowMs + AHEAD_MS) throw new Error(`at: ${timeText(point.atMs)} is more than a day ahead`);
  return parsed.data;
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function numberIn(text: string): number {
  if (text === '') throw new Error('value: it is empty');
  const value = Number(text);
  if (!NUMBER.test(text) || !Number.isFinite(value)) throw new Error(`value: ${text} is not a finite number`);
  return value;
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(Z|[+-]\d{2}:?\d{2})?$/i;

/** ISO 8601, in UTC where it names no zone (never the zone of this machine), or milliseconds since 1970. */
export function timeIn(text: string): number {
  if (text === '') throw new Error('at: it is empty');
  if (/^\d{12,14}$/.test(text)) return Number(text);
  if (/^\d{9,11}$/.test(text))
    throw new Error(`at: ${text} looks like seconds; give milliseconds since 1970`);
  const found = ISO.exec(text);
  const [, day = '', time = '00:00', zone = 'Z'] = found ?? [];
  const ms = found ? Date.parse(`${day}T${time}${zone.toUpperCase()}`) : Number.NaN;
  // A day that no month has (31 June) must not become the next month's.
  const exists = found && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day);
  if (!exists || !Number.isFinite(ms))
    throw new Error(`at: ${text} is no time; give 2026-11-26T10:00Z or milliseconds`);
  if (ms < 0) throw new Error(`at: ${text} lies before 1970`);
  return ms;
}

// ---- windows -----------------------------------------------------------------------------------------

/** The values of one window: how many, their mean, their squared distances from it, their sum and the newest. */
export type WindowRow = {
  windowMs: number;
  n: number;
  mean: number;
  squares: number;
  sum: number;
  last: number;
};

/**
 * A window's value with the 95 % interval of its mean (Student's t over its values, of two or more); of a sum that
 * times n. A window is complete when a later one has values; of a mean or a last value also once its time is over.
 */
export function pointsOf(
  rows: readonly WindowRow[],
  combine: BusinessMetric['combine'],
  per: WindowSize,
  nowMs: number,
): SeriesPoint[] {
  const newest = rows.at(-1)?.windowMs ?? 0;
  return rows.map(({ windowMs, n, mean, squares, sum, last }) => {
    const value = combine === 'mean' ? mean : combine === 'sum' ? sum : last;
    const half = n < 2 ? null : t975(n - 1) * Math.sqrt(squares / (n - 1) / n);
    const known = half !== null && combine === 'mean' && Number.isFinite(half);
    const over = combine !== 'sum' && windowMs + WINDOW_SIZE_MS[per] <= nowMs;
    return {
      windowMs,
      value: Number.isFinite(value) ? value : null,
      n,
      low: known ? mean - half : null,
      high: known ? mean + half : null,
      level: null,
      complete: windowMs < newest || over,
      mature: true,
    };
  });
}

/** One value a window, oldest first; windows without one are left out. */
export type Track = readonly { windowMs: number; value: number }[];

/** Longest stretch that is compared, in windows, the newest. */
const LONGEST = 4_000;

/** Both on one grid of windows, from the first to the last that both reach; null where one has no value. */
export function alignedTracks(
  model: Track,
  metric: Track,
  per: WindowSize,
): { model: (number | null)[]; metric: (number | null)[] } {
  const size = WINDOW_SIZE_MS[per];
  const fromMs = Math.max(model[0]?.windowMs ?? Infinity, metric[0]?.windowMs ?? Infinity);
  const toMs = Math.min(model.at(-1)?.windowMs ?? -Infinity, metric.at(-1)?.windowMs ?? -Infinity);
  const count = toMs < fromMs ? 0 : Math.min(LONGEST, (toMs - fromMs) / size + 1);
  const on = (track: Track): (number | null)[] => {
    const at = new Map(track.map(({ windowMs, value }) => [windowMs, value]));
    return Array.from({ length: count }, (_, place) => at.get(toMs - (count - 1 - place) * size) ?? null);
  };
  return { model: on(model), metric: on(metric) };
}

/**
 * The 0.975 quantile of Student's t: exact for one and two degrees of freedom, else the expansion around the normal
 * quantile (Abramowitz and Stegun 26.7.5), within 0.2 % from three on.
 */
export function t975(freedom: number): number {
  if (freedom === 1) return 12.706204736432095;
  if (freedom === 2) return 4.302652729911275;
  const z = NORMAL_975;
  const v = freedom;
  const [z3, z5, z7, z9] = [z ** 3, z ** 5, z ** 7, z ** 9];
  return (
    z +
    (z3 + z) / (4 * v) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * v ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v ** 3) +
    (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92_160 * v ** 4)
  );
}

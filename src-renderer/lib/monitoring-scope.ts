/**
 * What the monitoring pages look at: window size, arm, reference and a stretch of event time. It is kept in the query,
 * so that a link carries it and every tab of an endpoint shows the same. Pure.
 */
import { WINDOW_SIZE_MS, WindowSize } from '../../src-main/contract/monitoring-series.ts';
import { pathTo } from './router.ts';

/** Event time, UTC, ends on window borders; `toMs` is exclusive. */
export type TimeRange = { fromMs: number; toMs: number };

export type MonitoringScope = {
  endpoint: string;
  per: WindowSize;
  /** Null is all arms together. */
  arm: string | null;
  /** A reference's id; null is each version's active one. */
  reference: string | null;
  /** Null before the first row. */
  range: TimeRange | null;
  /** Windows from the beginning of the range to the newest row. */
  reach: number;
};

/** Oldest and newest event of the endpoint. */
export type Bounds = { firstMs: number; lastMs: number };

type Query = Readonly<Record<string, string>>;
type RangeChoice = { id: string; label: string; windows: number | null };

const DAYS = (count: number, per: WindowSize): number => (count * WINDOW_SIZE_MS.day) / WINDOW_SIZE_MS[per];

/** Counted back from the newest event; the second of each is the default. Minutes are kept for two days. */
export const RANGES: Readonly<Record<WindowSize, readonly RangeChoice[]>> = {
  minute: [
    { id: '3h', label: 'Newest 3 hours', windows: 180 },
    { id: '12h', label: 'Newest 12 hours', windows: 720 },
    { id: 'all', label: 'Two days', windows: null },
  ],
  hour: [
    { id: '2d', label: 'Newest 2 days', windows: DAYS(2, 'hour') },
    { id: '14d', label: 'Newest 14 days', windows: DAYS(14, 'hour') },
    { id: '30d', label: 'Newest 30 days', windows: DAYS(30, 'hour') },
    { id: 'all', label: '90 days', windows: null },
  ],
  day: [
    { id: '30d', label: 'Newest 30 days', windows: 30 },
    { id: '90d', label: 'Newest 90 days', windows: 90 },
    { id: 'all', label: 'Whole time', windows: null },
  ],
};
/** How long windows of a size are kept, in days; days for good. */
const KEPT_DAYS: Readonly<Record<WindowSize, number>> = {
  minute: 2,
  hour: 90,
  day: Number.POSITIVE_INFINITY,
};

const SCOPE_KEYS = ['per', 'arm', 'ref', 'range'] as const;

/**
 * The largest window that has whole spans to judge by: a level needs an hour of minutes, a day of hours or a week of days,
 * so that a new endpoint is looked at by minute, and by hour until two weeks are there.
 */
export function defaultPer(bounds: Bounds | null): WindowSize {
  if (!bounds) return 'day';
  const days = (bounds.lastMs - bounds.firstMs) / WINDOW_SIZE_MS.day;
  return days < 1 ? 'minute' : days < 14 ? 'hour' : 'day';
}

export function scopeOf(endpoint: string, query: Query, bounds: Bounds | null): MonitoringScope {
  const per = WindowSize.safeParse(query.per).data ?? defaultPer(bounds);
  const range = rangeOf(query.range, per, bounds);
  return {
    endpoint,
    per,
    arm: query.arm || null,
    reference: query.ref || null,
    range,
    reach: range && bounds ? Math.max(0, Math.ceil((bounds.lastMs - range.fromMs) / WINDOW_SIZE_MS[per])) : 0,
  };
}

/** The choice a query names: the id of one of RANGES, or `custom`. */
export function rangeChoice(text: string | undefined, per: WindowSize): string {
  if (text && readRange(text)) return 'custom';
  const known = RANGES[per].find(({ id }) => id === text);
  return (known ?? RANGES[per][1])?.id ?? 'all';
}

function rangeOf(text: string | undefined, per: WindowSize, bounds: Bounds | null): TimeRange | null {
  const size = WINDOW_SIZE_MS[per];
  const custom = text ? readRange(text) : null;
  if (custom)
    return {
      fromMs: Math.floor(custom.fromMs / size) * size,
      toMs: Math.max(Math.ceil(custom.toMs / size), Math.floor(custom.fromMs / size) + 1) * size,
    };
  if (!bounds) return null;
  const toMs = (Math.floor(bounds.lastMs / size) + 1) * size;
  const choice = RANGES[per].find(({ id }) => id === rangeChoice(text, per));
  const kept = toMs - KEPT_DAYS[per] * WINDOW_SIZE_MS.day;
  const from = Math.max(toMs - (choice?.windows ?? Number.POSITIVE_INFINITY) * size, kept);
  return { fromMs: Math.max(from, Math.floor(bounds.firstMs / size) * size), toMs };
}

/** `1363305600000-1363392000000` */
export const writeRange = ({ fromMs, toMs }: TimeRange): string => `${fromMs}-${toMs}`;

function readRange(text: string): TimeRange | null {
  const found = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  const [fromMs, toMs] = [Number(found?.[1]), Number(found?.[2])];
  return found && fromMs < toMs ? { fromMs, toMs } : null;
}

/** A page of this endpoint with the scope of the present one: `scopedPath(query, ['flight-delay'], { tab: 'features' })`. */
export function scopedPath(
  query: Query,
  segments: readonly string[],
  more: Readonly<Record<string, string | null>> = {},
): string {
  const next = new URLSearchParams();
  for (const key of SCOPE_KEYS) if (query[key]) next.set(key, query[key]);
  for (const [key, value] of Object.entries(more)) if (value !== null) next.set(key, value);
  const text = next.toString();
  const path = pathTo('monitoring', ...segments);
  return text ? `${path}?${text}` : path;
}

/** The part of a series query that the scope says. */
export const seriesScope = ({ endpoint, per, arm, reference, range }: MonitoringScope) => ({
  endpoint,
  per,
  ...(arm === null ? {} : { arm }),
  ...(reference === null ? {} : { reference }),
  ...(range === null ? {} : range),
});

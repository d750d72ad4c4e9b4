/** How numbers, dates and bins are written on axes, in readouts and in tables. Pure; all dates are UTC. */

import {
  formatCount,
  formatDate,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
} from '../lib/format.ts';

export type Unit = 'number' | 'share' | 'count' | 'ms';

const MINUS = '−';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY_MS = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const withMinus = (text: string): string => text.replace(/^-/, MINUS);

/** Decimals that a tick distance needs: 0.25 → 2, 0.1 → 1, 5 → 0. */
export function decimalsFor(increment: number): number {
  if (!(increment > 0)) return 0;
  for (let decimals = 0; decimals < 10; decimals++) {
    const scaled = increment * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 10;
}

function compact(value: number, increment: number): string {
  const size = Math.max(Math.abs(value), Math.abs(increment));
  for (const [limit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const) {
    if (value === 0 && size >= limit) return '0';
    const scale = limit === 1e4 ? 1e3 : limit;
    if (size >= limit) return `${(value / scale).toFixed(decimalsFor(increment / scale))}${suffix}`;
  }
  if (value !== 0 && size < 1e-4) return value.toExponential(0);
  return value.toFixed(decimalsFor(increment));
}

/** Labels of a value axis whose ticks are `increment` apart. */
export function tickLabel(value: number, increment: number, unit: Unit): string {
  if (unit === 'share') return withMinus(`${(value * 100).toFixed(decimalsFor(increment * 100))} %`);
  if (unit === 'ms' && Math.max(Math.abs(value), increment) >= 1000)
    return withMinus(`${(value / 1000).toFixed(decimalsFor(increment / 1000))} s`);
  return withMinus(compact(value, increment));
}

/** One value in a readout or a table, its unit beside it. */
export function readValue(value: number | null | undefined, unit: Unit): string {
  if (value !== null && value !== undefined && Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '∞';
  if (value === Number.NEGATIVE_INFINITY) return `${MINUS}∞`;
  switch (unit) {
    case 'share':
      return withMinus(formatPercent(value, Math.abs(value ?? 1) < 0.1 ? 2 : 1));
    case 'count':
      return withMinus(formatCount(value));
    case 'ms':
      return formatDuration(value);
    case 'number':
      return withMinus(formatNumber(value));
  }
}

const two = (value: number): string => String(value).padStart(2, '0');
const dayMonth = (date: Date): string => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;

/**
 * Labels of a time axis: the coarse part (day, year) only where it changes, on a second line, so that labels stay
 * narrow and never run into each other.
 */
export function timeTickLabels(splits: readonly number[], increment: number): string[] {
  let coarse = '';
  return splits.map((ms) => {
    const date = new Date(ms);
    const [fine, next] =
      increment >= 28 * DAY_MS
        ? [MONTHS[date.getUTCMonth()] ?? '', String(date.getUTCFullYear())]
        : increment >= DAY_MS
          ? [dayMonth(date), String(date.getUTCFullYear())]
          : increment >= MINUTE
            ? [`${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`, dayMonth(date)]
            : [`${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`, ''];
    const label = next === coarse || next === '' ? fine : `${fine}\n${next}`;
    coarse = next;
    return label;
  });
}

/** A moment for a readout: `3 Feb 2001`, with the time of day where it is not midnight. */
export const readTime = (ms: number): string =>
  ms % DAY_MS === 0 ? formatDate(ms, true) : formatDateTime(ms, true);

/** Labels of a live axis, counted back from now: `−1 min`, `−30 s`, `now`. */
export function agoLabel(ms: number): string {
  if (ms < 500) return 'now';
  const seconds = Math.round(ms / SECOND);
  return seconds % 60 === 0 ? `${MINUS}${seconds / 60} min` : `${MINUS}${seconds} s`;
}

/** Labels of an axis of time since a start: `0`, `250 ms`, `45 s`, `1 min 30 s`, `2 h`, `3 d`. */
export function durationTicks(ms: number, increment: number): string {
  if (ms === 0) return '0';
  if (ms < 0) return `${MINUS}${durationTicks(-ms, increment)}`;
  if (increment < SECOND) return ms < SECOND ? `${ms} ms` : `${(ms / SECOND).toFixed(1)} s`;
  const parts = [
    [Math.floor(ms / DAY_MS), 'd'],
    [Math.floor((ms % DAY_MS) / HOUR), 'h'],
    [Math.floor((ms % HOUR) / MINUTE), 'min'],
    [Math.round((ms % MINUTE) / SECOND), 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

export type Bin = { label: string; lower: number | null; upper: number | null };

/**
 * Bin names from their edges: `< 5`, `5 – 12`, `≥ 40`; a single value where both edges meet; the given label for
 * categories. All edges of one chart get the same number of decimals, as few as keep them apart.
 */
export function binLabels(given: readonly Bin[]): string[] {
  const bins = given.map((bin) => ({ ...bin, upper: atomEnd(bin) }));
  const sorted = bins
    .flatMap((bin) => [bin.lower, bin.upper])
    .filter((edge): edge is number => edge !== null && Number.isFinite(edge))
    .sort((a, b) => a - b);
  // The end of a single value is the same edge as the value.
  const edges = sorted.filter((edge, i) => i === 0 || !isSame(sorted[i - 1] ?? 0, edge));
  const write = edgeWriter(edges);
  return bins.map((bin) => {
    const lower = bin.lower !== null && Number.isFinite(bin.lower) ? bin.lower : null;
    const upper = bin.upper !== null && Number.isFinite(bin.upper) ? bin.upper : null;
    if (lower === null && upper === null) return bin.label;
    if (lower === null) return `< ${write(upper ?? 0)}`;
    if (upper === null) return `≥ ${write(lower)}`;
    if (lower === upper) return write(lower);
    return `${write(lower)} – ${write(upper)}`;
  });
}

/** A single heavy value is a bin up to the next number there is: both ends are read as that value. */
function atomEnd({ lower, upper }: Bin): number | null {
  if (lower === null || upper === null || !Number.isFinite(upper - lower)) return upper;
  return isSame(lower, upper) ? lower : upper;
}

/** A single precision number and the next one there is lie 1.2e-7 of it apart. */
const SAME = 2.5e-7;
const isSame = (a: number, b: number): boolean =>
  Number.isFinite(b - a) && b - a <= Math.max(Math.abs(a), 1e-300) * SAME;

function edgeWriter(edges: readonly number[]): (edge: number) => string {
  const largest = Math.max(0, ...edges.map(Math.abs));
  if (largest >= 1e7 || (largest > 0 && largest < 1e-3)) return (edge) => withMinus(formatNumber(edge, 3));
  for (let decimals = 0; decimals <= 6; decimals++) {
    const texts = edges.map((edge) => edge.toFixed(decimals));
    const apart = new Set(texts).size === edges.length;
    const close = edges.every(
      (edge, i) => Math.abs(Number(texts[i]) - edge) <= 0.02 * smallestStep(edges, i),
    );
    if (apart && (close || decimals >= 3)) return (edge) => withMinus(edge.toFixed(decimals));
  }
  return (edge) => withMinus(formatNumber(edge));
}

function smallestStep(edges: readonly number[], at: number): number {
  const here = edges[at] ?? 0;
  const before = edges[at - 1];
  const after = edges[at + 1];
  const steps = [before, after].filter((edge) => edge !== undefined).map((edge) => Math.abs(edge - here));
  return steps.length > 0 ? Math.min(...steps) : Math.max(1, Math.abs(here));
}

/**
 * What a rule's condition says of each window of a series. Windows of which nothing can be said are left out: no rows,
 * too few, not over, labels still to come, a value that is no number, nothing to compare with. Pure.
 */
import type { AlertCondition } from '../../../contract/alerts.ts';
import { type Series, type SeriesPoint, WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';

/** `between`: past the way out of the condition and not past the way in, so that nothing changes. */
export type Verdict = {
  windowMs: number;
  /** In the series' unit; of a burn rate the rate over the long span. */
  value: number;
  /** What it was held against. */
  limit: number;
  n: number;
  state: 'breach' | 'clear' | 'between';
};

/** How much nearer to the good side the way out lies than the way in. */
const BACK = 0.2;
/** A share below this counts as this where it is compared as a ratio: a doubling of next to nothing is nothing. */
export const LEAST_SHARE = 0.01;
/** So does a number of rows below this: of three rows an hour, none is no news. */
export const LEAST_ROWS = 10;
const WEEK_MS = 7 * 86_400_000;

type Rule = { condition: AlertCondition; minN: number };
type Judge = (
  point: SeriesPoint,
  at: ReadonlyMap<number, SeriesPoint>,
) => Omit<Verdict, 'windowMs' | 'n'> | null;

/** Oldest first. `series.points` in any order. */
export function judge(series: Series, { condition, minN }: Rule): Verdict[] {
  const floor = Math.max(minN, series.minN);
  const usable = series.points
    .filter((point) => isUsable(point, floor))
    .toSorted((left, right) => left.windowMs - right.windowMs);
  const at = new Map(usable.map((point) => [point.windowMs, point]));
  const one = judgeOf(condition, series);
  return usable.flatMap((point) => {
    const found = one(point, at);
    return found ? [{ windowMs: point.windowMs, n: point.n, ...found }] : [];
  });
}

/** `too-few` is said of drift before its first whole span too: of two days of a week every feature with weather in it drifted. */
const isUsable = ({ complete, mature, n, value, level }: SeriesPoint, floor: number): boolean =>
  complete && mature && level !== 'too-few' && n >= floor && value !== null && Number.isFinite(value);

function judgeOf(condition: AlertCondition, series: Series): Judge {
  if (condition.kind === 'threshold') return thresholdJudge(condition);
  if (condition.kind === 'change') return changeJudge(condition, series);
  return burnJudge(condition, series);
}

function thresholdJudge(condition: Extract<AlertCondition, { kind: 'threshold' }>): Judge {
  const { direction, value: limit } = condition;
  const exit = exitOf(condition);
  const sign = direction === 'above' ? 1 : -1;
  return ({ value }) => {
    const found = value as number;
    const breach = sign * found > sign * limit;
    return {
      value: found,
      limit,
      state: breach ? 'breach' : sign * found <= sign * exit ? 'clear' : 'between',
    };
  };
}

/** A fifth nearer to the good side, unless the rule says. */
export const exitOf = ({ direction, value, exit }: Extract<AlertCondition, { kind: 'threshold' }>): number =>
  exit ?? value - (direction === 'above' ? 1 : -1) * BACK * Math.abs(value);

function changeJudge(condition: Extract<AlertCondition, { kind: 'change' }>, series: Series): Judge {
  const { from, direction, by, relative } = condition;
  const back = from === 'week-before' ? WEEK_MS : series.span * WINDOW_SIZE_MS[series.per];
  const scale = (base: number) => (relative ? Math.max(Math.abs(base), leastOf(series.unit)) : 1);
  return ({ windowMs, value }, at) => {
    const base = from === 'reference' ? series.reference : (at.get(windowMs - back)?.value ?? null);
    if (base === null || !Number.isFinite(base) || scale(base) === 0) return null;
    const found = value as number;
    const moved = (found - base) / scale(base);
    const size = direction === 'up' ? moved : direction === 'down' ? -moved : Math.abs(moved);
    const way = direction === 'either' ? Math.sign(moved) || 1 : direction === 'up' ? 1 : -1;
    const state = size > by ? 'breach' : size <= by * (1 - BACK) ? 'clear' : 'between';
    return { value: found, limit: base + way * by * scale(base), state };
  };
}

const leastOf = (unit: Series['unit']): number =>
  unit === 'share' ? LEAST_SHARE : unit === 'count' ? LEAST_ROWS : 0;

/**
 * Burn rate (SRE Workbook, chapter 5): the share of bad rows over what the objective allows, in a long and in a short
 * span at once. A point of a series stands for `span` windows, so every span-th is taken and none counted twice; both
 * spans are at least one point.
 */
function burnJudge(condition: Extract<AlertCondition, { kind: 'burn-rate' }>, series: Series): Judge {
  const { objective, rate, longWindows, shortWindows, minEvents } = condition;
  const size = WINDOW_SIZE_MS[series.per];
  const burn = (windowMs: number, windows: number, at: ReadonlyMap<number, SeriesPoint>) => {
    let rows = 0;
    let bad = 0;
    for (let back = 0; back < windows; back += series.span) {
      const point = at.get(windowMs - back * size);
      if (!point) continue;
      rows += point.n;
      bad += point.n * badShare(point.value as number, series.good);
    }
    return { rows, rate: rows === 0 ? 0 : bad / rows / (1 - objective) };
  };
  return ({ windowMs }, at) => {
    const short = burn(windowMs, shortWindows, at);
    if (short.rows < minEvents) return null;
    const long = burn(windowMs, longWindows, at);
    // The short span ends an alert soon after it is over, which is what it is for.
    const breach = long.rate > rate && short.rate > rate;
    const clear = short.rate <= rate * (1 - BACK) || long.rate <= rate * (1 - BACK);
    return { value: long.rate, limit: rate, state: breach ? 'breach' : clear ? 'clear' : 'between' };
  };
}

const badShare = (value: number, good: Series['good']): number => (good === 'higher' ? 1 - value : value);

/**
 * Of rows served, a window that is not there is a window without rows. The time after the newest row counts while its
 * rows are of now: of a replay of the past, silence says nothing. `nowMs` may lie before what was seen (a clock that
 * went back); then nothing is added.
 */
export function withSilence(series: Series, nowMs: number): Series {
  const size = WINDOW_SIZE_MS[series.per];
  const points = series.points.toSorted((left, right) => left.windowMs - right.windowMs);
  const newest = points.at(-1);
  // How many rows there are is known of few as of many.
  const whole = { ...series, minN: 0 };
  if (!newest) return whole;
  const filled: SeriesPoint[] = [];
  const silent = (windowMs: number): SeriesPoint => ({
    ...{ windowMs, value: 0, n: 0, low: null, high: null, level: null, complete: true, mature: true },
  });
  // A point of several windows tells of rows until its last one is over.
  const until = (from: number, to: number) => {
    for (let at = from + series.span * size; at < to && filled.length < MOST_SILENT; at += size)
      filled.push(silent(at));
  };
  for (const [place, point] of points.entries()) {
    if (place > 0) until((points[place - 1] as SeriesPoint).windowMs, point.windowMs);
    filled.push(point);
  }
  const present = Math.floor(nowMs / size) * size;
  if (present - newest.windowMs > LIVE_MS) return { ...whole, points: filled };
  if (newest.windowMs < present) filled[filled.length - 1] = { ...newest, complete: true };
  until(newest.windowMs, present);
  return { ...whole, points: filled };
}

const LIVE_MS = WEEK_MS;
const MOST_SILENT = 20_000;

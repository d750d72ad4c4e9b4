/** Which part of which series a rule needs, and why none of it could be judged. Pure. */
import type { AlertRuleInput } from '../../../contract/alerts.ts';
import { LatheError } from '../../../contract/errors.ts';
import {
  type Series,
  type SeriesQuery,
  type SeriesRef,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../contract/monitoring-series.ts';
import type { AlertRecord } from './alerts.store.ts';

/** Windows that are judged again each time: how far back late rows and labels count. */
const LOOK_BACK: Readonly<Record<WindowSize, number>> = { minute: 240, hour: 336, day: 60 };
/** Before an open alert's window there must be room to see it fire again. */
const ROOM = 2;

export const seriesOf = (series: SeriesRef, subject: string): SeriesRef =>
  'feature' in series && subject !== '' ? { ...series, feature: subject } : series;

export const queryOf = (
  endpoint: string,
  input: AlertRuleInput,
  series: SeriesRef,
  fromMs: number | null,
): SeriesQuery => ({
  ...{ endpoint, series, per: input.per },
  ...(input.arm === null ? {} : { arm: input.arm }),
  ...(input.slice === null ? {} : { slice: input.slice }),
  ...(fromMs === null ? {} : { fromMs }),
});

/**
 * From where windows are judged, and from where they are needed for that. The first time as much as the series gives.
 * An alert that opened near the beginning of the range, or before it, is taken to go on from its window.
 */
export function rangeOf(
  input: AlertRuleInput,
  judgedToMs: number | null,
  open: AlertRecord | null,
): { askFromMs: number | null; judgeFromMs: number } {
  if (judgedToMs === null) return { askFromMs: null, judgeFromMs: 0 };
  const { per, condition, forWindows, keepWindows } = input;
  const size = WINDOW_SIZE_MS[per];
  let judgeFromMs = judgedToMs - (LOOK_BACK[per] + forWindows + keepWindows) * size;
  const room = (forWindows + ROOM) * size;
  if (open && open.windowMs < judgeFromMs + room) judgeFromMs = Math.max(judgeFromMs, open.windowMs + size);
  const before =
    condition.kind === 'burn-rate'
      ? condition.longWindows * size
      : condition.kind === 'change' && condition.from !== 'reference'
        ? 8 * 86_400_000
        : 0;
  return { askFromMs: Math.max(0, judgeFromMs - before), judgeFromMs };
}

export const problemOf = (thrown: unknown): string =>
  thrown instanceof LatheError ? thrown.message : 'Its series could not be read; Lathe tries again.';

/** Why no window of a series could be judged. */
export function whyNothing(series: Series, { condition, minN }: AlertRuleInput): string {
  const floor = Math.max(minN, series.minN);
  if (condition.kind === 'change' && condition.from === 'reference' && series.reference === null)
    return 'The reference has no value to compare with.';
  const valued = series.points.filter(({ value }) => value !== null && Number.isFinite(value));
  if (valued.length === 0) return 'There is nothing to judge yet.';
  const over = valued.filter(({ complete }) => complete);
  if (over.length === 0) return 'Its first window is not over.';
  const mature = over.filter((point) => point.mature);
  if (mature.length === 0) return 'Too few of the labels have come.';
  const most = Math.max(...mature.map(({ n }) => n));
  if (most < floor) return `Too few rows: at most ${most} in a window, and ${floor} are needed.`;
  if (mature.every(({ level }) => level === 'too-few'))
    return `Its first ${series.span} ${series.per}s are not over.`;
  return 'What it is to be compared with is not there yet.';
}

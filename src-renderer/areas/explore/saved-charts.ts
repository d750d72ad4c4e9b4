/** Charts as they are kept in a saved view: which one, and how each is set up. */
import { useCallback } from 'react';
import type { Range } from '../../charts/curve.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { type ExploreState, putExplore, USUAL_EXPLORE, useExplore } from './explore-state.ts';

export type SavedCharts = { view: string | null; metric: string | null; set: ExploreState };

/** What is shown now, and a function that shows what was saved; that may come from another version. */
export function useSavedCharts(experiment: string): [SavedCharts, (saved: unknown) => void] {
  const { query } = useLocation();
  const set = useExplore(experiment);
  const open = useCallback(
    (saved: unknown) => {
      const { view, metric, set: kept } = readCharts(saved);
      putExplore(experiment, kept);
      setQuery({ view, metric });
    },
    [experiment],
  );
  return [{ view: query.view ?? null, metric: query.metric ?? null, set }, open];
}

/** What is missing or of a wrong kind is as usual. */
export function readCharts(saved: unknown): SavedCharts {
  const { view, metric, set } = { view: null, metric: null, set: null, ...asObject(saved) };
  const parts = asObject(set);
  return {
    view: isText(view) ? view : null,
    metric: isText(metric) ? metric : null,
    set: {
      lines: fitted(USUAL_EXPLORE.lines, LINES, parts.lines),
      parallel: fitted(USUAL_EXPLORE.parallel, PARALLEL, parts.parallel),
      scatter: fitted(USUAL_EXPLORE.scatter, SCATTER, parts.scatter),
      bars: fitted(USUAL_EXPLORE.bars, { metric: orNull(isText), groupBy: orNull(isText) }, parts.bars),
      importance: fitted(USUAL_EXPLORE.importance, { metric: orNull(isText) }, parts.importance),
      strip: isFlag(parts.strip) ? parts.strip : USUAL_EXPLORE.strip,
    },
  };
}

type Check<T> = (value: unknown) => value is T;
type Checks<T> = { [Key in keyof T]: Check<T[Key]> };

const isText: Check<string> = (value) => typeof value === 'string';
const isFlag: Check<boolean> = (value) => typeof value === 'boolean';
const isRange: Check<Range> = (value): value is Range =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1];
const between =
  (least: number, most: number): Check<number> =>
  (value): value is number =>
    typeof value === 'number' && value >= least && value <= most;
const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);
const oneOf =
  <T extends string>(...names: T[]): Check<T> =>
  (value): value is T =>
    names.some((name) => name === value);
const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);
const recordOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value): value is Readonly<Record<string, T>> =>
    typeof value === 'object' && value !== null && Object.values(value).every(check);

const LINES: Checks<ExploreState['lines']> = {
  x: isText,
  smoothing: between(0, 0.99),
  logX: isFlag,
  logY: isFlag,
  clip: isFlag,
  groupBy: orNull(isText),
  line: oneOf('mean', 'median'),
  band: oneOf('min-max', 'std', 'none'),
  most: between(1, 1000),
  search: isText,
  folded: orNull(listOf(isText)),
  zooms: recordOf(isRange),
  list: isFlag,
  pinned: listOf(isText),
};
const PARALLEL: Checks<ExploreState['parallel']> = {
  axes: orNull(listOf(isText)),
  color: orNull(isText),
  log: recordOf(isFlag),
  brushes: recordOf(isRange),
};
const SCATTER: Checks<ExploreState['scatter']> = {
  x: orNull(isText),
  y: orNull(isText),
  color: orNull(isText),
  logX: orNull(isFlag),
  logY: orNull(isFlag),
  trend: isFlag,
};

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function fitted<T extends object>(usual: T, checks: Checks<T>, given: unknown): T {
  const kept = asObject(given);
  const made = { ...usual };
  for (const key in checks) {
    const value = kept[key];
    if (checks[key](value)) made[key] = value;
  }
  return made;
}

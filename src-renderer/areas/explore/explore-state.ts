/** What a person has set up in an experiment's charts; it outlives leaving the page and coming back. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Range } from '../../charts/curve.ts';
import type { GroupBand, GroupLine } from '../../charts/curve-groups.ts';
import type { ColumnId } from '../../lib/run-columns.ts';

export type LinesState = {
  /** `step`, `time`, `relative`, or `m:` and the name of a metric. */
  x: string;
  smoothing: number;
  logX: boolean;
  logY: boolean;
  clip: boolean;
  groupBy: ColumnId | null;
  line: GroupLine;
  band: GroupBand;
  /** How many runs are drawn when none is selected. */
  most: number;
  search: string;
  /** Sections that are folded; null until somebody folds or unfolds one. */
  folded: readonly string[] | null;
  /** Shown stretch of x by metric. */
  zooms: Readonly<Record<string, Range>>;
  /** Whether the list of runs stands beside the charts. */
  list: boolean;
  /** Runs and groups that stand out. */
  pinned: readonly string[];
};

export type ParallelState = {
  /** Null: the usual ones. */
  axes: readonly ColumnId[] | null;
  color: ColumnId | null;
  /** Logarithmic or not, where that was chosen. */
  log: Readonly<Record<ColumnId, boolean>>;
  /** Shares of the axis, from the bottom up. */
  brushes: Readonly<Record<ColumnId, Range>>;
};

export type ScatterState = {
  x: ColumnId | null;
  y: ColumnId | null;
  color: ColumnId | null;
  /** Null: as the values suggest. */
  logX: boolean | null;
  logY: boolean | null;
  trend: boolean;
};

export type BarsState = { metric: ColumnId | null; groupBy: ColumnId | null };

export type ExploreState = {
  lines: LinesState;
  parallel: ParallelState;
  scatter: ScatterState;
  bars: BarsState;
  importance: { metric: ColumnId | null };
  /** Whether selected runs are drawn below the table. */
  strip: boolean;
};

export const USUAL_EXPLORE: ExploreState = {
  lines: {
    x: 'step',
    smoothing: 0,
    logX: false,
    logY: false,
    clip: false,
    groupBy: null,
    line: 'mean',
    band: 'min-max',
    most: 50,
    search: '',
    folded: null,
    zooms: {},
    list: true,
    pinned: [],
  },
  parallel: { axes: null, color: null, log: {}, brushes: {} },
  scatter: { x: null, y: null, color: null, logX: null, logY: null, trend: true },
  bars: { metric: null, groupBy: null },
  importance: { metric: null },
  strip: true,
};

const states = new Map<string, ExploreState>();
const listeners = new Set<() => void>();

type Part = Exclude<keyof ExploreState, 'strip'>;
export type ChangePart<Name extends Part> = (patch: Partial<ExploreState[Name]>) => void;

function write(experiment: string, patch: Partial<ExploreState>): void {
  states.set(experiment, { ...(states.get(experiment) ?? USUAL_EXPLORE), ...patch });
  for (const listener of listeners) listener();
}

/** One chart's settings and the function that changes them. */
export function useExplorePart<Name extends Part>(
  experiment: string,
  part: Name,
): [ExploreState[Name], ChangePart<Name>] {
  const state = useSyncExternalStore(subscribe, () => (states.get(experiment) ?? USUAL_EXPLORE)[part]);
  const change = useCallback<ChangePart<Name>>(
    (patch) => {
      const present = (states.get(experiment) ?? USUAL_EXPLORE)[part];
      write(experiment, { [part]: { ...present, ...patch } });
    },
    [experiment, part],
  );
  return [state, change];
}

export function useStrip(experiment: string): [boolean, (strip: boolean) => void] {
  const strip = useSyncExternalStore(subscribe, () => (states.get(experiment) ?? USUAL_EXPLORE).strip);
  const change = useCallback((next: boolean) => write(experiment, { strip: next }), [experiment]);
  return [strip, change];
}

/** All settings of an experiment's charts. */
export const useExplore = (experiment: string): ExploreState =>
  useSyncExternalStore(subscribe, () => states.get(experiment) ?? USUAL_EXPLORE);

export const putExplore = (experiment: string, state: ExploreState): void => write(experiment, state);

/** For links that lead from one chart into another with something chosen. */
export function changeExplore<Name extends Part>(
  experiment: string,
  part: Name,
  patch: Partial<ExploreState[Name]>,
): void {
  const present = (states.get(experiment) ?? USUAL_EXPLORE)[part];
  write(experiment, { [part]: { ...present, ...patch } });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

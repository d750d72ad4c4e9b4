/**
 * A feature over time: for each window the scores and shares of the span that ends with it. Spans slide: a pane is added
 * when it comes into the span and taken away when it leaves, so that a year costs no more than its panes.
 */
import { type Baseline, binCounts, scoresOf } from './drift.rules.ts';
import {
  addStretch,
  deviation,
  type Moments,
  mergeMoments,
  presentOf,
  type StoredPane,
  type StoredStretch,
  totalOf,
} from './pane.rules.ts';
import type { Grid } from './profile.rules.ts';

/** What is known of a feature's span; null values are NaN. `present` are numbers, or values of a category. */
export const FIELDS = [
  'n',
  'present',
  'psi',
  'js',
  'ks',
  'chi2',
  'mean',
  'deviation',
  'missing',
  'notFinite',
  'wrongType',
  'outOfRange',
  'unseen',
  'min',
  'max',
  'cells',
] as const;
export type Field = (typeof FIELDS)[number];

export type GridCells = Pick<Grid, 'kind' | 'size' | 'missing' | 'wrongType'> & {
  /** −1 where the kind has no such cell. */
  above: number;
  notFinite: number;
  unseen: number;
  origin: number;
};

export const cellsOf = (grid: Grid): GridCells => ({
  ...{ kind: grid.kind, size: grid.size, missing: grid.missing, wrongType: grid.wrongType },
  above: grid.kind === 'numeric' ? grid.above : -1,
  notFinite: grid.kind === 'numeric' ? grid.notFinite : -1,
  unseen: grid.kind === 'categorical' ? grid.unseen : -1,
  origin: grid.kind === 'numeric' ? grid.origin : 0,
});

export type Timeline = {
  /** FIELDS.length numbers for each window. */
  facts: Float64Array;
  /** For each window as many counts as there are bins: of its span, and of itself alone. Null unless asked for. */
  spanBins: Float64Array | null;
  ownBins: Float64Array | null;
};

const PLACE = Object.fromEntries(FIELDS.map((field, at) => [field, at])) as Record<Field, number>;

/** One number of a span's FIELDS. */
export const fact = (facts: Float64Array, field: Field): number => facts[PLACE[field]] as number;

/**
 * A window's arms and versions, added up, to be taken away when it leaves the span: those with most cells filled as
 * counts, the others as they are stored.
 */
type Window = { windowMs: number; moments: Moments; counts: Float64Array | null; panes: StoredStretch[] };

/**
 * The timeline of one feature over `windows`, which rise, from panes that are told in their order of time and reach back
 * over the first window's span. Those of another grid are passed over.
 */
export function timelineOf(
  { cells, baseline }: { cells: GridCells; baseline: Baseline },
  windows: readonly number[],
  spanMs: number,
  withBins: boolean,
): { add(windowMs: number, pane: StoredPane): void; done(): Timeline } {
  const bins = baseline.bins.length;
  const counts = new Float64Array(cells.size);
  const binned = new Float64Array(bins);
  const facts = new Float64Array(windows.length * FIELDS.length);
  const spanBins = withBins ? new Float64Array(windows.length * bins) : null;
  const ownBins = withBins ? new Float64Array(windows.length * bins) : null;
  const own = new Float64Array(withBins ? cells.size : 0);
  const inSpan: Window[] = [];
  /** Counts of windows that have left, to be used again. */
  const spare: Float64Array[] = [];
  let newest: Window | null = null;
  let next = 0;

  /** Nothing more comes of the newest window. */
  function seal(): void {
    if (newest?.counts) addAll(counts, newest.counts, 1);
    newest = null;
  }

  function leave({ counts: own, panes }: Window): void {
    for (const pane of panes) addStretch(counts, pane, -1);
    if (!own) return;
    addAll(counts, own, -1);
    spare.push(own.fill(0));
  }

  function ownCounts({ counts: dense, panes }: Window): Float64Array {
    own.fill(0);
    if (dense) own.set(dense);
    for (const pane of panes) addStretch(own, pane, 1);
    return own;
  }

  /** Works out what the next window is told by its span. */
  function close(): void {
    const windowMs = windows[next] as number;
    while (inSpan[0] && inSpan[0].windowMs <= windowMs - spanMs) leave(inSpan.shift() as Window);
    const moments = noMoments();
    for (const window of inSpan) mergeMoments(moments, window.moments);
    binCounts(baseline, counts, binned);
    writeFacts(facts, next * FIELDS.length, cells, baseline, counts, binned, moments);
    spanBins?.set(binned, next * bins);
    const last = inSpan.at(-1);
    if (ownBins && last?.windowMs === windowMs)
      ownBins.set(binCounts(baseline, ownCounts(last), binned), next * bins);
    next += 1;
  }

  /** Closes the windows before. */
  function closeUntil(windowMs: number): void {
    if (newest && newest.windowMs < windowMs) seal();
    while (next < windows.length && (windows[next] as number) < windowMs) close();
  }

  return {
    add(windowMs, pane) {
      closeUntil(windowMs);
      if (next === windows.length) return;
      if (!newest) {
        newest = { windowMs, moments: noMoments(), counts: null, panes: [] };
        inSpan.push(newest);
      }
      // A filled cell takes two bytes or more.
      if (pane.to - pane.from > cells.size) {
        newest.counts ??= spare.pop() ?? new Float64Array(cells.size);
        if (!addStretch(newest.counts, pane, 1)) return;
      } else {
        if (!addStretch(counts, pane, 1)) return;
        newest.panes.push({ form: pane.form, counts: pane.counts, from: pane.from, to: pane.to });
      }
      mergeMoments(newest.moments, pane);
    },
    done() {
      closeUntil(Number.POSITIVE_INFINITY);
      return { facts, spanBins, ownBins };
    },
  };
}

function addAll(into: Float64Array, counts: Float64Array, times: 1 | -1): void {
  for (let cell = 0; cell < into.length; cell++)
    into[cell] = (into[cell] as number) + times * (counts[cell] as number);
}

const noMoments = (): Moments => ({
  ...{ sum: 0, squares: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
});

/** FIELDS of a span's counts, into `facts` from `at` on. */
function writeFacts(
  facts: Float64Array,
  at: number,
  cells: GridCells,
  baseline: Baseline,
  counts: Float64Array,
  binned: Float64Array,
  moments: Moments,
): void {
  const n = totalOf(binned);
  const present = presentOf(cells, counts, n);
  const numeric = cells.kind === 'numeric';
  const scores = scoresOf(baseline, counts, binned);
  const of = (cell: number) => (cell < 0 ? 0 : (counts[cell] as number));
  const set = (field: Field, value: number) => {
    facts[at + PLACE[field]] = value;
  };
  let filled = 0;
  for (let cell = 0; cell < counts.length; cell++) if ((counts[cell] as number) > 0) filled += 1;
  set('n', n);
  set('present', present);
  set('psi', scores.psi);
  set('js', scores.js);
  set('ks', scores.ks ?? Number.NaN);
  set('chi2', scores.chi2);
  set('mean', numeric && present > 0 ? moments.sum / present : Number.NaN);
  set('deviation', (numeric ? deviation(moments, present, cells.origin) : null) ?? Number.NaN);
  set('missing', of(cells.missing));
  set('notFinite', of(cells.notFinite));
  set('wrongType', of(cells.wrongType));
  set('outOfRange', numeric ? of(0) + of(cells.above) : 0);
  set('unseen', of(cells.unseen));
  set('min', moments.min);
  set('max', moments.max);
  set('cells', filled);
}

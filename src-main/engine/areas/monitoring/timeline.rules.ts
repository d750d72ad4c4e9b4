/**
 * A feature over time: for each window the scores and shares of the span that ends with it. Spans slide: a pane is added
 * when it comes into the span and taken away when it leaves, so that a year costs no more than its panes.
 */
import { type Baseline, binCounts, scoresOf } from './drift.rules.ts';
import { addStored, deviation, type Moments, mergeMoments, presentOf, totalOf } from './pane.rules.ts';
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
export type SpanFacts = Readonly<Record<Field, number>>;

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

export type TimedPane = { windowMs: number; moments: Moments; form: number; counts: Uint8Array };

export type Timeline = {
  /** FIELDS.length numbers for each window. */
  facts: Float64Array;
  /** For each window as many counts as there are bins: of its span, and of itself alone. Null unless asked for. */
  spanBins: Float64Array | null;
  ownBins: Float64Array | null;
};

/** `panes` and `windows` rise in time; `panes` reach back over the first window's span. Those of another grid are passed over. */
export function timelineOf(
  feature: { cells: GridCells; baseline: Baseline },
  panes: readonly TimedPane[],
  windows: readonly number[],
  spanMs: number,
  withBins: boolean,
): Timeline {
  const { cells, baseline } = feature;
  const bins = baseline.bins.length;
  const counts = new Float64Array(cells.size);
  const facts = new Float64Array(windows.length * FIELDS.length);
  const spanBins = withBins ? new Float64Array(windows.length * bins) : null;
  const ownBins = withBins ? new Float64Array(windows.length * bins) : null;
  // A window's arms and versions are added up once, and added and taken away as one.
  const inSpan: Window[] = [];
  let next = 0;
  for (let at = 0; at < windows.length; at++) {
    const windowMs = windows[at] as number;
    for (; (panes[next]?.windowMs ?? Number.POSITIVE_INFINITY) <= windowMs; ) {
      const window = emptyWindow(cells.size, (panes[next] as TimedPane).windowMs);
      for (; panes[next]?.windowMs === window.windowMs; next++) addPane(window, panes[next] as TimedPane);
      inSpan.push(window);
      addAll(counts, window.counts, 1);
    }
    while (inSpan[0] && inSpan[0].windowMs <= windowMs - spanMs)
      addAll(counts, (inSpan.shift() as Window).counts, -1);
    const moments = noMoments();
    for (const window of inSpan) mergeMoments(moments, window.moments);
    const binned = binCounts(baseline, counts);
    const found = factsOf(cells, baseline, counts, binned, moments);
    for (let field = 0; field < FIELDS.length; field++)
      facts[at * FIELDS.length + field] = found[FIELDS[field] as Field];
    spanBins?.set(binned, at * bins);
    const own = inSpan.at(-1);
    if (own?.windowMs === windowMs) ownBins?.set(binCounts(baseline, own.counts), at * bins);
  }
  return { facts, spanBins, ownBins };
}

type Window = { windowMs: number; counts: Float64Array; moments: Moments };

const noMoments = (): Moments => ({
  ...{ sum: 0, squares: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
});

const emptyWindow = (size: number, windowMs: number): Window => ({
  windowMs,
  counts: new Float64Array(size),
  moments: noMoments(),
});

/** Passed over when it is of another grid. */
function addPane(window: Window, pane: TimedPane): void {
  if (addStored(window.counts, pane, 1)) mergeMoments(window.moments, pane.moments);
}

function addAll(into: Float64Array, counts: Float64Array, times: 1 | -1): void {
  for (let cell = 0; cell < into.length; cell++)
    into[cell] = (into[cell] as number) + times * (counts[cell] as number);
}

export function factsOf(
  cells: GridCells,
  baseline: Baseline,
  counts: ArrayLike<number>,
  binned: ArrayLike<number>,
  moments: Moments,
): SpanFacts {
  const n = totalOf(counts);
  const present = presentOf(cells, counts);
  const numeric = cells.kind === 'numeric';
  const scores = scoresOf(baseline, counts, binned);
  const of = (cell: number) => (cell < 0 ? 0 : (counts[cell] as number));
  let filled = 0;
  for (let cell = 0; cell < counts.length; cell++) if ((counts[cell] as number) > 0) filled += 1;
  return {
    n,
    present,
    psi: scores.psi,
    js: scores.js,
    ks: scores.ks ?? Number.NaN,
    chi2: scores.chi2,
    mean: numeric && present > 0 ? moments.sum / present : Number.NaN,
    deviation: (numeric ? deviation(moments, present, cells.origin) : null) ?? Number.NaN,
    missing: of(cells.missing),
    notFinite: of(cells.notFinite),
    wrongType: of(cells.wrongType),
    outOfRange: numeric ? of(0) + of(cells.above) : 0,
    unseen: of(cells.unseen),
    min: moments.min,
    max: moments.max,
    cells: filled,
  };
}

const PLACE = Object.fromEntries(FIELDS.map((field, at) => [field, at])) as Record<Field, number>;

/** One number of a span's FIELDS. */
export const fact = (facts: Float64Array, field: Field): number => facts[PLACE[field]] as number;

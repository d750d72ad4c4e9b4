/**
 * Performance without labels over time (cbpe.rules.ts), on a reader thread. Scores are read as probabilities, calibrated on
 * labelled rows of the same version: those of the reference where it has scores and labels, else those that were served
 * first, up to BASIS_ROWS and at most half of them, of windows whose labels are in. What is estimated there is no forecast,
 * and the notes say so.
 */

import type { EstimatedMetric, SeriesPoint } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import {
  type CbpeFit,
  ESTIMATED_METRICS,
  type Estimated,
  type Estimates,
  type Expected,
  fitCbpe,
  isRank,
} from './cbpe.rules.ts';
import { addExpected, estimateOfCounts, estimateOfExpected, expectedOfStored } from './cbpe-bins.rules.ts';
import {
  addWindow,
  type CohortRange,
  type CohortWindow,
  hoursOf,
  readSum,
  readWindows,
  type ScoreWindow,
} from './cohort-read.ts';
import { type Age, type SpanRange, scoreSpans } from './cohort-spans.ts';
import { type CohortSums, emptyCohort } from './cohorts.rules.ts';
import { ALL_ROWS } from './cohorts.store.ts';
import { addScores, packLists } from './counts.rules.ts';
import { isMature } from './delays.rules.ts';
import { histogramOf } from './figures.rules.ts';
import { type LabelledScores, rowsOf, SCORE_BINS } from './ranks.rules.ts';

/** What calibration is learned from, by version; `threshold` decides the predicted class. */
export type Basis = {
  age: Age;
  versions: Record<string, { threshold: number; reference: LabelledScores | null }>;
};

export type EstimateQuery = SpanRange & { metric: EstimatedMetric; basis: Basis };

const HOUR_MS = 3_600_000;
/** Labelled rows that a calibration is learned from, and the fewest of each class that one can be learned from. */
const BASIS_ROWS = 5_000;
const FEWEST = 30;
/** More are drawn evenly from the histogram: the fit takes no longer for a busy first day. */
const MOST_ROWS = 20_000;

type Fit = {
  fit: CbpeFit;
  threshold: number /** Served rows up to here taught it; null for a reference. */;
  untilMs: number | null;
  rows: number;
};

/** By version; null where too few labels have come. */
type Known = ReadonlyMap<string, Fit | null>;

/** Fits of this thread; a handful of versions are looked at. */
const fits = new Map<string, CbpeFit>();
const KEPT_FITS = 32;

function fitOf(rows: LabelledScores, key: string, threshold: number): CbpeFit {
  const known = fits.get(key);
  if (known) return known;
  if (fits.size >= KEPT_FITS) fits.clear();
  const fit = fitCbpe(rows, threshold);
  fits.set(key, fit);
  return fit;
}

/** By version; null where too few labels have come. */
export function fitsOf(db: Database, endpointId: number, basis: Basis): Map<string, Fit | null> {
  const found = new Map<string, Fit | null>();
  for (const [version, { threshold, reference }] of Object.entries(basis.versions)) {
    if (reference) {
      const key = `${endpointId} ${version} ${threshold} reference ${digest(reference)}`;
      const fit = fitOf(reference, key, threshold);
      found.set(version, { fit, threshold, untilMs: null, rows: reference.scores.length });
      continue;
    }
    const { sum, untilMs } = firstLabelled(db, endpointId, version, basis.age);
    const [positives, negatives] = [countOf(sum.positive), countOf(sum.negative)];
    if (Math.min(positives, negatives) < FEWEST) {
      found.set(version, null);
      continue;
    }
    const key = `${endpointId} ${version} ${threshold} ${packLists([sum.positive, sum.negative])?.toString('base64')}`;
    const fit = fitOf(drawn(sum, positives + negatives), key, threshold);
    found.set(version, { fit, threshold, untilMs, rows: positives + negatives });
  }
  return found;
}

/** A reference is known by its rows: how many, and their first and last. */
const digest = ({ scores, truths }: LabelledScores): string =>
  `${scores.length} ${scores[0]} ${scores.at(-1)} ${truths.reduce((sum, truth) => sum + truth, 0)}`;

const STRETCH_MS = 7 * 24 * HOUR_MS;

/** The oldest hours whose labels are in, as many as are learned from. Which they are is told by counts; only theirs are read whole. */
function firstLabelled(db: Database, endpointId: number, version: string, age: Age) {
  const range = { endpointId, slice: ALL_ROWS, arm: null, version, sizeMs: HOUR_MS };
  const mature: CohortWindow[] = [];
  let rows = 0;
  // Of a long time the first weeks have enough.
  const all = hoursOf(db, endpointId);
  for (let { fromMs } = all; fromMs < all.toMs && rows < 2 * BASIS_ROWS; fromMs += STRETCH_MS)
    for (const window of readWindows(db, { ...range, fromMs, toMs: fromMs + STRETCH_MS, detail: 'none' })) {
      const { windowMs, sums } = window;
      if (!isMature(sums, { ageMs: age.nowMs - windowMs - HOUR_MS, p90Ms: age.p90Ms })) continue;
      mature.push(window);
      rows += sums.scored;
    }
  const enough = Math.min(BASIS_ROWS, rows / 2);
  const chosen = new Set<number>();
  let taught = 0;
  for (const { windowMs, sums } of mature) {
    if (taught >= enough) break;
    taught += sums.scored;
    chosen.add(windowMs);
  }
  const sum = emptyCohort('labelled');
  const [fromMs, untilMs] = [Math.min(...chosen), Math.max(...chosen) + HOUR_MS];
  if (chosen.size > 0)
    for (const window of readWindows(db, { ...range, fromMs, toMs: untilMs, detail: 'labelled' }))
      if (chosen.has(window.windowMs)) addWindow(sum, window);
  return { sum, untilMs };
}

function countOf(counts: Float64Array): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += counts[bin] as number;
  return sum;
}

/** The rows that the histogram stands for, or a share of each of its bins. */
function drawn(sum: CohortSums, n: number): LabelledScores {
  const { positive, negative } = histogramOf(sum);
  if (n <= MOST_ROWS) return rowsOf({ positive, negative });
  const share = (counts: Float64Array) => counts.map((count) => Math.round((count * MOST_ROWS) / n));
  return rowsOf({ positive: share(positive), negative: share(negative) });
}

export type Estimation = { points: SeriesPoint[]; notes: string[] };

export function readEstimated(db: Database, query: EstimateQuery): Estimation {
  const known = fitsOf(db, query.endpointId, query.basis);
  const points: SeriesPoint[] = [];
  const shown = new Set<string>();
  const all = isRank(query.metric) ? rankSpans(db, query, known) : shareSpans(db, query, known);
  for (const { windowMs, complete, parts } of all) {
    const { values, versions, n } = combined(parts);
    for (const version of versions) shown.add(version);
    const found = values[query.metric];
    points.push({
      ...{ windowMs, value: found?.value ?? null, n, low: found?.low ?? null, high: found?.high ?? null },
      ...{ level: null, complete, mature: true },
    });
  }
  return { points, notes: notesOf(shown, known) };
}

/** A version's scored rows, and what is estimated of them; null where too few labels have come. */
type Part = { version: string; n: number; values: Estimates | null };
type PointParts = { windowMs: number; complete: boolean; parts: Part[] };

/** Ranks need all scores of the span together. */
function* rankSpans(db: Database, query: EstimateQuery, known: Known): Generator<PointParts> {
  const { windows, points } = scoreSpans(db, query);
  const metrics = [query.metric];
  const lists = new Map<string, Float64Array>();
  const add = ({ version, scores }: ScoreWindow, times: 1 | -1) => {
    const all = lists.get(version) ?? new Float64Array(SCORE_BINS);
    addScores(scores, { all, positive: NONE, negative: NONE }, times);
    lists.set(version, all);
  };
  let [first, next] = [0, 0];
  for (const { from, to, ...point } of points) {
    for (; next < to; next++) add(windows[next] as ScoreWindow, 1);
    for (; first < from; first++) add(windows[first] as ScoreWindow, -1);
    yield { ...point, parts: partsOf(lists, known, metrics) };
  }
}
const NONE = new Float64Array(0);

/** What shares are told from adds up, so that each window is gone through once. */
function* shareSpans(db: Database, query: EstimateQuery, known: Known): Generator<PointParts> {
  const metrics = [query.metric];
  const { windows, points } = scoreSpans(db, query);
  const expected = windows.map(({ version, scores }) => {
    const fit = known.get(version);
    return expectedOfStored(fit?.fit ?? null, scores, fit?.threshold ?? 0);
  });
  for (const { from, to, ...point } of points) {
    const sums = new Map<string, Expected>();
    for (let at = from; at < to; at++) {
      const { version } = windows[at] as ScoreWindow;
      const one = expected[at] as Expected;
      const sum = sums.get(version);
      if (sum) addExpected(sum, one);
      else sums.set(version, { ...one });
    }
    yield {
      ...point,
      parts: [...sums].map(([version, sum]) => {
        const fit = known.get(version);
        const values = fit && sum.n > 0 ? estimateOfExpected(fit.fit, sum, metrics) : null;
        return { version, n: sum.n, values };
      }),
    };
  }
}

function partsOf(
  lists: ReadonlyMap<string, Float64Array>,
  known: Known,
  metrics: readonly EstimatedMetric[],
): Part[] {
  return [...lists].map(([version, all]) => {
    const n = countOf(all);
    const fit = known.get(version);
    const values = fit && n > 0 ? estimateOfCounts(fit.fit, all, fit.threshold, metrics) : null;
    return { version, n, values };
  });
}

/** Of the whole range at once. */
export function estimateOver(
  db: Database,
  range: CohortRange,
  basis: Basis,
): { values: Estimates; notes: string[] } {
  const known = fitsOf(db, range.endpointId, basis);
  const lists = new Map<string, Float64Array>();
  for (const version of known.keys())
    if (range.version === null || range.version === version)
      lists.set(version, readSum(db, { ...range, version }, 'all').all);
  const { values, versions } = combined(partsOf(lists, known, ESTIMATED_METRICS));
  return { values, notes: notesOf(new Set(versions), known) };
}

export type SliceEstimatesQuery = Omit<CohortRange, 'slice'> & {
  metric: EstimatedMetric;
  basis: Basis;
  /** Their numbers. */
  slices: readonly number[];
};
export type SliceEstimate = { n: number; inside: Estimated | null; rest: Estimated | null };

/** Each slice in its order beside the rest of the rows. */
export function readSliceEstimates(
  db: Database,
  { metric, basis, slices, ...range }: SliceEstimatesQuery,
): SliceEstimate[] {
  const known = fitsOf(db, range.endpointId, basis);
  const versions = [...known.keys()].filter((version) => range.version === null || range.version === version);
  const listsOf = (slice: number) =>
    new Map(versions.map((version) => [version, readSum(db, { ...range, slice, version }, 'all').all]));
  const told = (lists: ReadonlyMap<string, Float64Array>) => combined(partsOf(lists, known, [metric]));
  const all = listsOf(ALL_ROWS);
  return slices.map((slice) => {
    const inside = listsOf(slice);
    const rest = new Map(
      versions.map((version) => [
        version,
        (all.get(version) ?? NONE).map((n, bin) => n - (inside.get(version)?.[bin] ?? 0)),
      ]),
    );
    const { n, values } = told(inside);
    return { n, inside: values[metric], rest: told(rest).values[metric] };
  });
}

/** Each version by its own calibration; together weighted by their rows, and their bands as independent ones. */
function combined(all: readonly Part[]): {
  values: Estimates;
  versions: string[] /** Scored rows of all versions. */;
  n: number;
} {
  const parts = all.filter(({ n }) => n > 0);
  const versions = parts.map(({ version }) => version);
  const rows = parts.reduce((sum, { n }) => sum + n, 0);
  const estimated = parts.flatMap(({ n, values }) => (values ? [{ n, values }] : []));
  const [only] = estimated;
  // Mostly there is one version.
  if (only && estimated.length === 1) return { values: only.values, versions, n: rows };
  const values = Object.fromEntries(
    ESTIMATED_METRICS.map((metric) => {
      const told = estimated.flatMap(({ n, values: of }) => (of[metric] ? [{ n, ...of[metric] }] : []));
      const n = told.reduce((sum, each) => sum + each.n, 0);
      if (n === 0) return [metric, null];
      const value = told.reduce((sum, each) => sum + (each.n * each.value) / n, 0);
      const reach = (side: 'low' | 'high') =>
        Math.sqrt(told.reduce((sum, each) => sum + ((each.n * (each[side] - each.value)) / n) ** 2, 0));
      return [
        metric,
        { value, low: Math.max(0, value - reach('low')), high: Math.min(1, value + reach('high')) },
      ];
    }),
  ) as Estimates;
  return { values, versions, n: rows };
}

function notesOf(versions: ReadonlySet<string>, known: Known): string[] {
  const notes = [...versions].sort().map((version) => {
    const fit = known.get(version);
    if (!fit)
      return `Version ${version} has too few labels to learn from (${FEWEST} of each class), so that nothing is estimated for it.`;
    const how = fit.fit.need.needed ? 'calibrated' : 'used as they are';
    return fit.untilMs === null
      ? `Version ${version}: scores are ${how}, learned from ${fit.rows} labelled rows of the reference.`
      : `Version ${version}: scores are ${how}, learned from the first ${fit.rows} labelled predictions, up to ${new Date(fit.untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC. Before then the estimate has seen the labels.`;
  });
  if (versions.size > 1) notes.push('Versions are weighted by their rows.');
  notes.push(
    'Estimated from the scores alone (CBPE), with a band of three standard errors: it holds while a score means what it did on those rows. It cannot see that the relation of inputs to truth changed.',
  );
  return notes;
}

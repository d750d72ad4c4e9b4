/** Performance over time, of one stretch, and of slices beside each other: worked out on a reader thread. */

import type { PerformanceDetail } from '../../../contract/monitoring.ts';
import type { EstimatedMetric, PerformanceMetric, SeriesPoint } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { type CohortRange, newestWindow, readErrors, readSum } from './cohort-read.ts';
import { type Age, type SpanRange, spans } from './cohort-spans.ts';
import {
  addCohort,
  addLabel,
  type CohortSums,
  type DetailOf,
  emptyChange,
  emptyCohort,
  sumsOf,
} from './cohorts.rules.ts';
import { isMature } from './delays.rules.ts';
import { type Basis, estimateOver } from './estimate-job.ts';
import { detailOf, type Figure, figureOf, histogramOf, metricsOf } from './figures.rules.ts';
import { type Decision, labelEffect } from './judging.rules.ts';
import { calibrationCurve, calibrationOf, type LabelledScores } from './ranks.rules.ts';

export type PerformanceQuery = SpanRange & { metric: PerformanceMetric };
/** Of those that are not mature, whether they are once as old as most labels are late. */
export type PerformancePoint = SeriesPoint & { ripens: boolean };

export function readPerformance(db: Database, query: PerformanceQuery): PerformancePoint[] {
  const { metric } = query;
  const points: PerformancePoint[] = [];
  for (const { windowMs, complete, byVersion } of spans(db, query, detailOf(metric))) {
    const sum = total(byVersion, detailOf(metric));
    if (sum.predictions === 0) continue;
    points.push({
      ...{ windowMs, ...figureOf(sum, metric), level: null, complete },
      mature: isMature(sum, null),
      ripens: isMature(sum, { ageMs: 0, p90Ms: 0 }),
    });
  }
  return points;
}

/** Rows of each window. */
export function readVolume(db: Database, query: SpanRange): SeriesPoint[] {
  return [...spans(db, { ...query, span: 1 }, 'none')].map(({ windowMs, complete, byVersion }) => {
    const n = total(byVersion, 'none').predictions;
    return { ...{ windowMs, value: n, n, low: null, high: null, level: null, complete }, mature: true };
  });
}

/** Mostly there is one version. */
function total(parts: ReadonlyMap<string, CohortSums>, detail: DetailOf): CohortSums {
  const [only] = parts.values();
  if (parts.size === 1 && only) return only;
  const sum = emptyCohort(detail);
  for (const part of parts.values()) addCohort(sum, part);
  return sum;
}

export type DetailQuery = CohortRange & {
  /** The slice's bit in the rows; null for all rows. */
  bit: number | null;
  task: Decision['task'];
  threshold: number;
  age: Age;
  /** By version; see estimate-job.ts. Null where nothing is to be estimated. */
  basis: Basis | null;
  reference: Partial<Record<PerformanceMetric, number>>;
};

export function readDetail(db: Database, query: DetailQuery): PerformanceDetail {
  const { task, threshold, age } = query;
  const sums = readSum(db, query, 'both');
  const estimated = query.basis && task === 'binary' ? estimateOver(db, query, query.basis) : null;
  const errors = task === 'regression' ? readErrors(db, query) : { n: 0, errors: [] };
  const { tp, fp, fn, tn } = sums;
  const newestMs = Math.min(query.toMs, (newestWindow(db, query.endpointId) ?? 0) + 3_600_000);
  const notes = [...(estimated?.notes ?? [])];
  if (errors.n > 0 && errors.n < sums.errors.n)
    notes.push(`The histogram of errors shows the newest ${errors.n} of ${sums.errors.n} labelled rows.`);
  return {
    task: task === 'binary' ? 'binary-classification' : task,
    predictions: sums.predictions,
    labelled: sums.labelled,
    mature: isMature(sums, { ageMs: age.nowMs - newestMs, p90Ms: age.p90Ms }),
    metrics: metricsOf(task).map((metric) => {
      const { value, low, high } = figureOf(sums, metric);
      const guess = estimated?.values[metric as EstimatedMetric] ?? null;
      return { metric, value, low, high, reference: query.reference[metric] ?? null, estimated: guess };
    }),
    confusion: task === 'binary' ? { tp, fp, fn, tn, threshold } : null,
    calibration: task === 'binary' ? calibrationCurve(calibrationOf(histogramOf(sums))) : [],
    errors: errors.errors,
    notes,
  };
}

/** What the reference's own labelled scores come to. */
export function readReference(
  _db: Database,
  { rows: { scores, truths }, decision }: { rows: LabelledScores; decision: Decision },
): Partial<Record<PerformanceMetric, number>> {
  const change = emptyChange();
  for (const [at, score] of scores.entries()) {
    const truth = { label: String(truths[at]), byEntity: false, delayMs: null };
    addLabel(change, labelEffect(decision, { label: null, score }, truth), 1);
  }
  const sums = sumsOf(change);
  const found: Partial<Record<PerformanceMetric, number>> = {};
  for (const metric of metricsOf(decision.task)) {
    const { value } = figureOf(sums, metric);
    if (value !== null) found[metric] = value;
  }
  return found;
}

export type CompareQuery = {
  endpointId: number;
  metric: PerformanceMetric;
  /** Numbers of the slices. */
  slices: readonly number[];
  /** The newest stretch of this length where no time is given. */
  spanMs: number;
  fromMs: number | null;
  toMs: number | null;
  arm: string | null;
  version: string | null;
};
export type ComparedRows = {
  predictions: number;
  labelled: number;
  now: Figure;
  /** The rows outside of it. */
  rest: Figure;
  /** In the same length of time before. */
  before: Figure;
  beforeLabelled: number;
};

const HOUR_MS = 3_600_000;

/** The slices in their order, and all rows. */
export function readComparison(
  db: Database,
  { endpointId, metric, slices, arm, version, ...when }: CompareQuery,
): { rows: ComparedRows[]; all: ComparedRows } {
  const newest = newestWindow(db, endpointId);
  const toMs = when.toMs ?? (newest ?? 0) + HOUR_MS;
  const fromMs = when.fromMs ?? Math.max(0, toMs - when.spanMs);
  const detail = detailOf(metric);
  const sum = (slice: number, from: number, to: number) =>
    readSum(db, { endpointId, slice, fromMs: Math.max(0, from), toMs: to, arm, version }, detail);
  const everything = sum(0, fromMs, toMs);
  const compared = (slice: number): ComparedRows => {
    const inside = slice === 0 ? everything : sum(slice, fromMs, toMs);
    const before = sum(slice, 2 * fromMs - toMs, fromMs);
    const rest = emptyCohort(detail);
    addCohort(rest, everything);
    addCohort(rest, inside, -1);
    return {
      ...{ predictions: inside.predictions, labelled: inside.labelled },
      now: figureOf(inside, metric),
      rest: figureOf(rest, metric),
      before: figureOf(before, metric),
      beforeLabelled: before.labelled,
    };
  };
  return { rows: slices.map(compared), all: compared(0) };
}

/** Series of quality with labels and without, and the quality of one stretch in full. Sums are read on the reader threads. */

import type { PerformanceDetail } from '../../../contract/monitoring.ts';
import {
  type EstimatedMetric,
  type PerformanceMetric,
  type Series,
  type SeriesQuery,
  SPANS,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../contract/monitoring-series.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Estimated } from './cbpe.rules.ts';
import type { CohortReads } from './cohort-reads.ts';
import type { Slicer } from './cohort-turn.ts';
import { ALL_ROWS } from './cohorts.store.ts';
import type { Basis } from './estimate-job.ts';
import { goodOf, unitOf } from './figures.rules.ts';
import type { Decision } from './judging.rules.ts';
import type { WatchPlan } from './plans.ts';
import type { LabelledScores } from './ranks.rules.ts';
import type { SliceScore } from './slice-scores-job.ts';

type Ports = {
  endpoint(name: string): EndpointRecord;
  plan(model: string, version: string): WatchPlan;
  slicer: Slicer;
  reads: CohortReads;
  labelled: ((model: string, version: string) => Promise<LabelledScores | null>) | undefined;
};

export type DetailWanted = {
  endpoint: string;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  arm?: string | undefined;
  version?: string | undefined;
  slice?: string | undefined;
};

/** Windows from which on a range is shared. */
const LONG = 500;
/** Fewer labelled rows than this say nothing. */
const LEAST = 30;
/** Windows that are looked at when nothing is said. */
const WINDOWS = { hour: 336, day: 366 } as const;

const areApart = (a: Estimated, b: Estimated): boolean => a.high < b.low || b.high < a.low;

export type SliceEstimatesWanted = {
  endpoint: string;
  metric: EstimatedMetric;
  per: WindowSize;
  arm: string | null;
  windowMs: number;
  /** Their numbers. */
  slices: readonly number[];
};

export function createPerformance({ endpoint, plan, slicer, reads, labelled }: Ports) {
  const { ask, lateness } = reads;

  /** What is asked of the sums; minutes are answered by the hour, as quality is counted so. */
  function rangeOf({ endpoint: name, per, slice, arm, ...when }: SeriesQuery) {
    const record = endpoint(name);
    const size: Exclude<WindowSize, 'minute'> = per === 'day' ? 'day' : 'hour';
    const sizeMs = WINDOW_SIZE_MS[size];
    const nowMs = reads.now(record.id);
    const toMs = when.toMs ?? nowMs;
    return {
      record,
      size,
      nowMs,
      range: {
        endpointId: record.id,
        slice: slice === undefined ? ALL_ROWS : slicer.find(record.id, slice).number,
        fromMs: when.fromMs ?? Math.max(0, Math.floor(toMs / sizeMs - WINDOWS[size] + 1) * sizeMs),
        toMs: toMs + 1,
        ...{ arm: arm ?? null, version: null, sizeMs, span: SPANS[size] },
      },
    };
  }

  type Ranged = ReturnType<typeof rangeOf>;
  const frame = (
    query: SeriesQuery,
    { size, record }: Ranged,
    how: Pick<Series, 'unit' | 'good' | 'reference' | 'points' | 'notes'>,
  ): Series => ({
    ...{ series: query.series, per: size, span: SPANS[size], minN: LEAST, warnAt: null, alertAt: null },
    version: record.arms.length === 1 ? (record.arms[0]?.version ?? null) : null,
    ...how,
    notes: [
      ...(query.per === 'minute' ? ['Quality is counted by the hour: these are hours.'] : []),
      ...how.notes,
    ],
  });

  /** Rows of a reference never change, and theirs are many: what they come to is asked for once. */
  const judged = new WeakMap<LabelledScores, Promise<Partial<Record<PerformanceMetric, number>>>>();
  function figuresOf(rows: LabelledScores, decision: Decision) {
    const known = judged.get(rows);
    if (known) return known;
    const asking = ask('reference', { rows, decision });
    judged.set(rows, asking);
    asking.catch(() => judged.delete(rows));
    return asking;
  }

  /** Of the arm's version, else of the one that most of the traffic is meant for. A slice has none: its rows are not told apart there. */
  async function referenceFigure(
    record: EndpointRecord,
    { arm, slice }: SeriesQuery,
    metric: PerformanceMetric,
  ): Promise<number | null> {
    const version = (record.arms.find(({ key }) => key === arm) ?? record.arms[0])?.version;
    if (!labelled || slice !== undefined || version === undefined) return null;
    const rows = await labelled(record.model, version);
    if (!rows) return null;
    return (await figuresOf(rows, plan(record.model, version).decision))[metric] ?? null;
  }

  async function basisOf(record: EndpointRecord, nowMs: number): Promise<Basis> {
    const found: Basis['versions'] = {};
    for (const version of await ask('versions', { endpointId: record.id })) {
      const { task, threshold } = plan(record.model, version).decision;
      if (task !== 'binary') continue;
      found[version] = { threshold, reference: (await labelled?.(record.model, version)) ?? null };
    }
    // Only where served rows are learned from is it asked which of them have their labels.
    const learns = Object.values(found).some(({ reference }) => reference === null);
    return { age: { nowMs, p90Ms: learns ? (await lateness(record.id)).p90Ms : null }, versions: found };
  }

  /** A long range is shared between the reader threads, by time. */
  function inParts<Range extends Ranged['range'], Found>(
    range: Range,
    read: (part: Range) => Promise<Found>,
  ): Promise<Found[]> {
    const { fromMs, toMs, sizeMs } = range;
    if ((toMs - fromMs) / sizeMs < LONG) return Promise.all([read(range)]);
    const middleMs = Math.floor((fromMs + toMs) / 2 / sizeMs) * sizeMs;
    return Promise.all([
      read({ ...range, toMs: middleMs }),
      // Of a point's span the windows before the range are read too.
      read({ ...range, fromMs: middleMs }),
    ]);
  }

  async function performance(query: SeriesQuery): Promise<Series> {
    if (query.series.of !== 'performance') throw new Error(`${query.series.of} is no performance`);
    const { metric } = query.series;
    const ranged = rangeOf(query);
    const { record, nowMs, range } = ranged;
    const [parts, reference, { p90Ms }] = await Promise.all([
      inParts(range, (part) => ask('performance', { ...part, metric })),
      referenceFigure(record, query, metric),
      lateness(record.id),
    ]);
    const isOld = (windowMs: number) => p90Ms !== null && nowMs - windowMs - range.sizeMs >= p90Ms;
    const points = parts.flat().map(({ ripens, ...point }) => ({
      ...point,
      mature: point.mature || (ripens && isOld(point.windowMs)),
    }));
    const notes = ['By the time of the prediction, over the rows that have a label.'];
    if (query.slice !== undefined) notes.push('Of the rows in the slice.');
    if (points.some(({ mature }) => !mature))
      notes.push('Where labels are still to come, those that came early may not be like the rest.');
    return frame(query, ranged, { unit: unitOf(metric), good: goodOf(metric), reference, points, notes });
  }

  async function estimated(query: SeriesQuery): Promise<Series> {
    if (query.series.of !== 'estimated') throw new Error(`${query.series.of} is no estimate`);
    const { metric } = query.series;
    const ranged = rangeOf(query);
    const basis = await basisOf(ranged.record, ranged.nowMs);
    const none = Object.keys(basis.versions).length === 0;
    const parts = none
      ? [{ points: [], notes: ['Only the performance of binary models can be estimated from their scores.'] }]
      : await inParts(ranged.range, (range) => ask('estimated', { ...range, metric, basis }));
    const points = parts.flatMap((part) => part.points);
    const notes = [...new Set(parts.flatMap((part) => part.notes))];
    const reference = await referenceFigure(ranged.record, query, metric);
    return frame(query, ranged, { unit: unitOf(metric), good: goodOf(metric), reference, points, notes });
  }

  async function volume(query: SeriesQuery): Promise<Series> {
    const ranged = rangeOf(query);
    const points = await ask('volume', ranged.range);
    const notes = ['Logged rows of the slice.'];
    const series = frame(query, ranged, { unit: 'count', good: 'neither', reference: null, points, notes });
    return { ...series, span: 1, minN: 0 };
  }

  return {
    /** For monitoring.addSeries. `volume` is for queries that name a slice. */
    sources: { performance, estimated, volume },
    /** Estimates by slice over the span that ends with the window; none of what is not binary. */
    async sliceEstimates(wanted: SliceEstimatesWanted): Promise<Omit<SliceScore, 'name'>[]> {
      const { endpoint: name, metric, per, arm, windowMs, slices } = wanted;
      const at = { endpoint: name, per, ...(arm === null ? {} : { arm }) };
      const { record, nowMs, range } = rangeOf({ ...at, series: { of: 'estimated', metric } });
      const { sizeMs, span, endpointId } = range;
      const basis = await basisOf(record, nowMs);
      if (Object.keys(basis.versions).length === 0) return [];
      const found = await ask('sliceEstimates', {
        ...{ endpointId, arm, version: null, metric, basis, slices },
        ...{ fromMs: Math.max(0, windowMs - (span - 1) * sizeMs), toMs: windowMs + sizeMs },
      });
      return found.map(({ n, inside, rest }) => ({
        ...{ n, tooFew: n < LEAST, value: n < LEAST ? null : (inside?.value ?? null) },
        rest: rest?.value ?? null,
        apart: n >= LEAST && inside !== null && rest !== null && areApart(inside, rest),
      }));
    },
    /** All of the time where none is given. */
    async detail(wanted: DetailWanted): Promise<PerformanceDetail> {
      const record = endpoint(wanted.endpoint);
      const { nowMs, p90Ms } = await lateness(record.id);
      const age = { nowMs, p90Ms };
      const version = wanted.version ?? record.arms[0]?.version ?? '';
      const { task, threshold } = plan(record.model, version).decision;
      const slice = wanted.slice === undefined ? null : slicer.find(record.id, wanted.slice);
      const rows = task === 'binary' ? await labelled?.(record.model, version) : null;
      const reference = rows && slice === null ? await figuresOf(rows, { task, threshold }) : {};
      return ask('detail', {
        ...{ endpointId: record.id, slice: slice?.number ?? ALL_ROWS, bit: slice?.bit ?? null },
        fromMs: wanted.fromMs ?? 0,
        toMs: wanted.toMs ?? Number.MAX_SAFE_INTEGER,
        ...{ arm: wanted.arm ?? null, version: wanted.version ?? null },
        ...{ task, threshold, age, reference },
        basis: task === 'binary' ? await basisOf(record, nowMs) : null,
      });
    },
  };
}

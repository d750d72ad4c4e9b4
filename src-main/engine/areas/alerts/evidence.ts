/** What is known when an alert opens. It is kept with the alert as it was; a part that cannot be had is left empty. */
import type { AlertEvidence, AlertRuleInput, SlicesWhy } from '../../../contract/alerts.ts';
import type { FeatureDetail, FeatureDrift } from '../../../contract/monitoring.ts';
import {
  type EstimatedMetric,
  type PerformanceMetric,
  type Series,
  type SeriesQuery,
  type SeriesRef,
  SPANS,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../contract/monitoring-series.ts';
import type { SliceRow } from '../../../contract/slices.ts';
import type { Logger } from '../../../platform/log.ts';
import type { SlicedSeries, SliceScore } from '../monitoring/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Changes } from './changes.ts';
import { judge } from './judge.rules.ts';

export type EvidenceDeps = {
  series(query: SeriesQuery): Promise<Series>;
  /** Every watched feature with its newest score, the prediction among them. */
  drift(input: { endpoint: string; per: WindowSize; arm?: string }): Promise<FeatureDrift[]>;
  feature(input: {
    endpoint: string;
    feature: string;
    per: WindowSize;
    windowMs?: number;
    arm?: string;
  }): FeatureDetail | Promise<FeatureDetail>;
  /** Slices beside the rest of the traffic. */
  sliceRows(input: {
    endpoint: string;
    metric: PerformanceMetric;
    per: WindowSize;
    fromMs: number;
    toMs: number;
    arm?: string;
  }): Promise<SliceRow[]>;
  /** Estimates without labels by slice over the span that ends with the window. */
  sliceEstimates(input: {
    endpoint: string;
    metric: EstimatedMetric;
    per: WindowSize;
    arm: string | null;
    windowMs: number;
  }): Promise<SliceScore[]>;
  /** One input by slice over the span that ends with the window; null where no row of it is logged. */
  sliceScores(input: {
    endpoint: string;
    series: SlicedSeries;
    per: WindowSize;
    arm: string | null;
    windowMs: number;
  }): Promise<SliceScore[] | null>;
};

type Ask = {
  record: EndpointRecord;
  rule: AlertRuleInput;
  /** With the feature in it, where the rule names all. */
  ref: SeriesRef;
  series: Series;
  windowMs: number;
  nowMs: number;
};

type Sliced = Pick<AlertEvidence, 'slices' | 'slicesOf' | 'slicesWhy'>;
const none = (slicesWhy: SlicesWhy): Sliced => ({ slices: [], slicesOf: null, slicesWhy });
const some = (found: readonly SliceScore[], slicesOf: SeriesRef | null = null): Sliced =>
  found.length === 0
    ? none('no-slices')
    : { slices: found.map(({ n, ...score }) => ({ ...score, labelled: n })), slicesOf, slicesWhy: null };

const PSI = 'lathe.psi.frozen@1';
const POINTS = 90;
const FEATURES = 5;
const CHANGES = 20;
const CHANGES_OF_MS = 14 * 86_400_000;

export function createEvidence(deps: EvidenceDeps, changes: Changes, log: Logger) {
  async function part<T>(what: string, empty: T, work: () => Promise<T> | T): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      log.warn({ err: thrown, what }, 'a part of an alert’s evidence could not be had');
      return empty;
    }
  }
  const armOf = (arm: string | null) => (arm === null ? {} : { arm });

  /** The feature the alert is about first, then those that had moved most by its window: newer ones are another story. */
  async function features({ record, rule, ref, windowMs }: Ask): Promise<AlertEvidence['features']> {
    const where = { endpoint: record.name, per: rule.per, ...armOf(rule.arm) };
    const own = 'feature' in ref ? ref.feature : null;
    const scored: { feature: string; value: number | null }[] = [];
    for (const { feature, trend } of await deps.drift(where))
      scored.push({
        feature,
        value:
          trend.find((each) => each.windowMs === windowMs)?.value ??
          (await scoreAt(where, feature, windowMs)),
      });
    const moved = scored
      .filter(({ feature, value }) => feature === own || value !== null)
      .toSorted((left, right) => (right.value ?? 0) - (left.value ?? 0));
    const chosen = [
      ...moved.filter(({ feature }) => feature === own),
      ...moved.filter(({ feature }) => feature !== own),
    ].slice(0, FEATURES);
    const found: AlertEvidence['features'] = [];
    for (const { feature } of chosen) {
      const detail = await deps.feature({ ...where, feature, windowMs });
      const score = detail.scores.find(({ method }) => method === PSI);
      if (!score) continue;
      const bins = detail.distribution.map(({ label, lower, upper, reference, current }) => ({
        ...{ label, lower, upper, reference, current },
      }));
      found.push({ feature, score: score.value, level: score.level, n: score.n, bins });
    }
    return found;
  }

  /** Of a window that the newest scores do not reach back to, or that is not over. */
  async function scoreAt(
    { endpoint, per, arm }: { endpoint: string; per: WindowSize; arm?: string },
    feature: string,
    windowMs: number,
  ): Promise<number | null> {
    const { points } = await deps.series({
      ...{ endpoint, per, series: { of: 'drift', feature, method: PSI } },
      ...(arm === undefined ? {} : { arm }),
      ...{ fromMs: windowMs, toMs: windowMs + WINDOW_SIZE_MS[per] },
    });
    return points.find((point) => point.windowMs === windowMs)?.value ?? null;
  }

  /** `moved`: the features of the evidence, the one that had moved most first. */
  async function slices(ask: Ask, moved: AlertEvidence['features']): Promise<Sliced> {
    const { record, rule, ref, windowMs } = ask;
    if (ref.of === 'drift' || ref.of === 'quality' || ref.of === 'mean') return ofTheLog(ask, ref, null);
    if (ref.of === 'drifted-share') {
      const [most] = moved;
      if (!most) return none('not-told');
      const own = { of: 'drift', feature: most.feature, method: PSI } as const;
      return ofTheLog(ask, own, own);
    }
    if (ref.of === 'estimated') {
      const { metric } = ref;
      const { per, arm } = rule;
      return some(await deps.sliceEstimates({ endpoint: record.name, metric, per, arm, windowMs }));
    }
    if (ref.of !== 'performance') return none('not-told');
    const size = WINDOW_SIZE_MS[rule.per];
    const rows = await deps.sliceRows({
      ...{ endpoint: record.name, metric: ref.metric, per: rule.per, ...armOf(rule.arm) },
      ...{ fromMs: Math.max(0, windowMs - (SPANS[rule.per] - 1) * size), toMs: windowMs + size },
    });
    return some(
      rows.flatMap(({ slice, value, rest, labelled, apart }) =>
        slice ? [{ name: slice.name, value, rest, n: labelled, apart, tooFew: false }] : [],
      ),
    );
  }

  /** Of one input; counts are not kept by slice, so the logged rows are looked at. */
  async function ofTheLog(
    { record, rule, windowMs }: Ask,
    series: SlicedSeries,
    slicesOf: SeriesRef | null,
  ): Promise<Sliced> {
    const { per, arm } = rule;
    const found = await deps.sliceScores({ endpoint: record.name, series, per, arm, windowMs });
    return found === null ? none('not-logged') : some(found, slicesOf);
  }

  async function arms({ record, rule, ref, windowMs }: Ask): Promise<AlertEvidence['arms']> {
    if (ref.of === 'business') return [];
    const found: AlertEvidence['arms'] = [];
    for (const { key, version } of record.arms) {
      if (rule.arm !== null && rule.arm !== key) continue;
      const series = await deps.series({
        ...{ endpoint: record.name, series: ref, per: rule.per, arm: key },
        ...(rule.slice === null ? {} : { slice: rule.slice }),
        ...{ fromMs: windowMs, toMs: windowMs + WINDOW_SIZE_MS[rule.per] },
      });
      const point = series.points.find((each) => each.windowMs === windowMs);
      const { value = null, low = null, high = null, n = 0 } = point ?? {};
      found.push({ arm: key, version, value, low, high, n });
    }
    return found;
  }

  return async (ask: Ask): Promise<AlertEvidence> => {
    const { record, series, windowMs, nowMs } = ask;
    const moved = await part('features', [], () => features(ask));
    return {
      points: series.points
        .filter((point) => point.windowMs <= windowMs)
        .slice(-POINTS)
        .map((point) => ({
          ...{ windowMs: point.windowMs, value: point.value, n: point.n },
          low: point.low,
          high: point.high,
        })),
      reference: series.reference,
      features: moved,
      ...(await part('slices', none('not-read'), () => slices(ask, moved))),
      arms: await part('arms', [], () => arms(ask)),
      changes: await part('changes', [], async () =>
        // Other alerts are what it did, not what was done to it: many at once would hide the change of the route.
        (await changes.of(record, nowMs - CHANGES_OF_MS, nowMs + 1))
          .filter(({ kind }) => kind !== 'alert')
          .slice(0, CHANGES),
      ),
      rollback: await part('rollback', null, () => {
        const fromMs = crossingOf(ask);
        return changes.rollback(record, { fromMs, toMs: fromMs + WINDOW_SIZE_MS[ask.rule.per], nowMs });
      }),
    };
  };
}

/** The first of the windows in a row that passed the limit before it fired. */
function crossingOf({ series, rule, windowMs }: Ask): number {
  let firstMs = windowMs;
  const before = judge(series, rule).filter((verdict) => verdict.windowMs <= windowMs);
  for (const { windowMs: atMs, state } of before.toReversed()) {
    if (state !== 'breach') break;
    firstMs = atMs;
  }
  return firstMs;
}

export type Evidence = ReturnType<typeof createEvidence>;

/**
 * Anything over time: what panes give is worked out here, and other areas add what is theirs. A point stands for the
 * span that ends with its window, but for the rows served, which are the window's own.
 */
import { LatheError } from '../../../contract/errors.ts';
import {
  type QualityMeasure,
  type Series,
  type SeriesPoint,
  type SeriesQuery,
  SPANS,
  THRESHOLDS,
  WINDOW_SIZE_MS,
} from '../../../contract/monitoring-series.ts';
import { NORMAL_975 } from '../../statistics/gamma.ts';
import { chanceOf, PSI_METHOD } from './drift.rules.ts';
import { missingOf, orNull, referenceMissing, scoresBy, share } from './drift.ts';
import { QUALITY_MIN_N } from './findings.rules.ts';
import { wilson } from './performance.rules.ts';
import { SCORE_FIELDS } from './scores.rules.ts';
import { type Field, fact } from './timeline.rules.ts';
import type { createTimelines, View } from './timelines.ts';
import { featureOf, type Sight, type Wanted } from './views.ts';

type Of = SeriesQuery['series']['of'];
/** Computes series of one kind, asked through `monitoring.series`. */
export type SeriesSource = (query: SeriesQuery) => Promise<Series>;

type Ports = {
  sight(wanted: Wanted): Promise<Sight>;
  timelines: ReturnType<typeof createTimelines>;
};
type Ref<O extends Of> = Extract<SeriesQuery['series'], { of: O }>;

/** Points of one answer; windows without rows between them are filled in up to as many. */
const MAX_POINTS = 4_500;
/** Share of drifted inputs from which on the whole is said to have drifted: Evidently's rule for data sets, and before it. */
const SHARE_WARN = 0.3;
const SHARE_ALERT = 0.5;

export function createSeries({ sight, timelines }: Ports) {
  const added = new Map<Of, SeriesSource>();

  async function own(query: SeriesQuery): Promise<Series> {
    const { series } = query;
    if (query.slice !== undefined)
      throw new LatheError('LATHE_INPUT_INVALID', { reason: `${series.of} is not kept by slice` });
    const seen = await sight(query);
    switch (series.of) {
      case 'drift':
        return drift(query, seen, series);
      case 'drifted-share':
        return driftedShare(query, seen);
      case 'quality':
        return quality(query, seen, series);
      case 'mean':
        return mean(query, seen, series);
      case 'volume':
        return volume(query, seen);
      default:
        throw new LatheError('LATHE_INPUT_INVALID', { reason: `there is no series of ${series.of} here` });
    }
  }

  async function drift(query: SeriesQuery, seen: Sight, ref: Ref<'drift'>): Promise<Series> {
    const feature = featureOf(seen, ref.feature);
    const { method } = ref;
    const [scores = []] = await scoresBy(timelines, seen, [feature], seen.windows, method);
    const notes = [`Compared with ${seen.referenceTitle}.`];
    if (method === 'lathe.ks.frozen@1')
      notes.push(
        feature.baseline.kind === 'numeric'
          ? `Taken at the edges of the grid: the exact distance is at most ${round(feature.baseline.ksBound)} larger.`
          : 'This method is of numbers: a category has no order.',
      );
    if (method === 'lathe.chi2.frozen@1')
      notes.push('With many rows, p is small also for differences that do not matter.');
    return {
      ...frame(query, seen, { unit: 'score', good: method === 'lathe.chi2.frozen@1' ? 'higher' : 'lower' }),
      reference: method === 'lathe.chi2.frozen@1' ? 1 : 0,
      minN: feature.baseline.minN[method],
      ...THRESHOLDS[method],
      notes,
      points: seen.windows.map((windowMs, at) => {
        const score = scores[at];
        const chance = score ? chanceOf(feature.baseline, method, score.n) : null;
        return {
          ...point(seen, windowMs, score?.value ?? null, score?.n ?? 0),
          level: score?.level ?? null,
          ...(chance === null ? {} : { chance }),
        };
      }),
    };
  }

  async function driftedShare(query: SeriesQuery, seen: Sight): Promise<Series> {
    const inputs = seen.view.features.filter(({ kind }) => kind !== 'prediction');
    const scores = await timelines.scores(seen.view, seen.view.features, 'psi-warns', seen.windows);
    const placed = seen.view.features.flatMap(({ kind, baseline }, index) =>
      kind === 'prediction' ? [] : [{ at: SCORE_FIELDS * index, minN: baseline.minN[PSI_METHOD] }],
    );
    return {
      ...frame(query, seen, { unit: 'share', good: 'lower' }),
      ...{ reference: 0, warnAt: SHARE_WARN, alertAt: SHARE_ALERT },
      minN: Math.max(0, ...inputs.map(({ baseline }) => baseline.minN[PSI_METHOD])),
      notes: [
        `Inputs whose population stability index is 0.1 or more, of those of ${inputs.length} that have rows enough.`,
      ],
      points: seen.windows.map((windowMs, at) => {
        const own = scores[at] as Float64Array;
        const whole = seen.isWhole(windowMs);
        let [known, drifted, n] = [0, 0, 0];
        for (const { at: place, minN } of placed) {
          const rows = own[place] as number;
          if (rows > n) n = rows;
          // As levelOf says: below, it is on too few.
          if (!whole || rows < minN) continue;
          known += 1;
          drifted += own[place + 1] as number;
        }
        return point(seen, windowMs, known === 0 ? null : drifted / known, n);
      }),
    };
  }

  async function quality(query: SeriesQuery, seen: Sight, ref: Ref<'quality'>): Promise<Series> {
    const feature = featureOf(seen, ref.feature);
    const facts = await factsOf(seen, feature);
    const ofNone = ref.measure === 'missing' || ref.measure === 'not-finite';
    return {
      ...frame(query, seen, { unit: 'share', good: 'lower' }),
      reference: referenceShare(feature, ref.measure),
      minN: QUALITY_MIN_N,
      notes: ofNone && feature.reference.missing > 0 ? [NAN_IS_MISSING] : [],
      points: seen.windows.map((windowMs, at) => {
        const own = facts[at] as Float64Array;
        const n = fact(own, 'n');
        const count = ref.measure === 'missing' ? missingOf(feature, own) : fact(own, MEASURES[ref.measure]);
        const interval = wilson(count, n);
        return { ...point(seen, windowMs, n > 0 ? count / n : null, n), ...(interval ?? {}) };
      }),
    };
  }

  async function mean(query: SeriesQuery, seen: Sight, ref: Ref<'mean'>): Promise<Series> {
    const feature = featureOf(seen, ref.feature);
    const facts = await factsOf(seen, feature);
    return {
      ...frame(query, seen, { unit: 'value', good: 'neither' }),
      reference: feature.reference.kind === 'numeric' ? feature.reference.mean : null,
      minN: QUALITY_MIN_N,
      notes: feature.reference.kind === 'numeric' ? [] : ['A category has no mean.'],
      points: seen.windows.map((windowMs, at) => {
        const own = facts[at] as Float64Array;
        const n = fact(own, 'present');
        const value = orNull(fact(own, 'mean'));
        const half = (NORMAL_975 * fact(own, 'deviation')) / Math.sqrt(n);
        const known = value !== null && Number.isFinite(half);
        return {
          ...point(seen, windowMs, value, n),
          low: known ? value - half : null,
          high: known ? value + half : null,
        };
      }),
    };
  }

  function volume(query: SeriesQuery, seen: Sight): Series {
    const byWindow = new Map(seen.rows.map(({ windowMs, rows }) => [windowMs, rows]));
    const size = WINDOW_SIZE_MS[query.per];
    const [first, last] = [seen.windows[0], seen.windows.at(-1)];
    const windows =
      first === undefined || last === undefined || (last - first) / size > MAX_POINTS
        ? seen.windows
        : Array.from({ length: (last - first) / size + 1 }, (_, at) => first + at * size);
    return {
      ...frame(query, seen, { unit: 'count', good: 'neither' }),
      span: 1,
      points: windows.map((windowMs) => {
        const rows = byWindow.get(windowMs) ?? 0;
        return point(seen, windowMs, rows, rows);
      }),
    };
  }

  const factsOf = async (seen: Sight, feature: View['features'][number]): Promise<Float64Array[]> =>
    (await timelines.facts(seen.view, [feature], seen.windows)).get(feature.name) ?? [];

  return {
    /** What another area computes; it is asked before this one, so that it may take part of a kind. */
    add: (of: Of, source: SeriesSource): void => void added.set(of, source),
    read: (query: SeriesQuery): Promise<Series> => {
      const source = added.get(query.series.of);
      // Slices are theirs who keep them.
      if (source && (query.series.of !== 'volume' || query.slice !== undefined)) return source(query);
      return own(query);
    },
  };
}

const NAN_IS_MISSING =
  'The reference has missing values, and counts NaN and infinities among them: so do the missing values here.';
const MEASURES: Readonly<Record<QualityMeasure, Field>> = {
  missing: 'missing',
  'not-finite': 'notFinite',
  'wrong-type': 'wrongType',
  'out-of-range': 'outOfRange',
  unseen: 'unseen',
};

function referenceShare(feature: View['features'][number], measure: QualityMeasure): number | null {
  const { reference, baseline } = feature;
  if (measure === 'missing' || measure === 'not-finite') return referenceMissing(feature);
  if (measure === 'out-of-range' && reference.kind === 'numeric')
    return share(reference.below + reference.above, baseline.referenceN);
  return 0;
}

const frame = (
  query: SeriesQuery,
  seen: Sight,
  how: Pick<Series, 'unit' | 'good'>,
): Omit<Series, 'points'> => ({
  ...{ series: query.series, per: query.per, span: SPANS[query.per], ...how },
  ...{ reference: null, minN: 0, warnAt: null, alertAt: null, version: seen.version, notes: [] },
});

const point = (seen: Sight, windowMs: number, value: number | null, n: number): SeriesPoint => ({
  ...{ windowMs, value, n, low: null, high: null, level: null },
  ...{ complete: seen.isComplete(windowMs), mature: true },
});

const round = (value: number): number => Number(value.toPrecision(2));

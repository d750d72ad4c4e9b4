/** What is told of drift: every feature's newest score with its trend, and one feature in detail. */
import type { DriftScore, FeatureDetail, FeatureDrift } from '../../../contract/monitoring.ts';
import type { FrozenMethod } from '../../../contract/monitoring-series.ts';
import { type Baseline, levelOf, METHODS, scoreBy } from './drift.rules.ts';
import { totalOf } from './pane.rules.ts';
import { SCORE_FIELDS } from './scores.rules.ts';
import { FIELDS, fact } from './timeline.rules.ts';
import type { createTimelines, View } from './timelines.ts';
import { featureOf, type Sight } from './views.ts';

/** Bars of a picture of the distribution over time. */
const PICTURE_WINDOWS = 120;

type Timelines = ReturnType<typeof createTimelines>;
type Feature = View['features'][number];

/** Null where the method does not fit the feature. */
export function scoreOf(
  feature: Pick<Feature, 'baseline'>,
  facts: Float64Array,
  method: FrozenMethod,
  whole: boolean,
): DriftScore | null {
  const ks = fact(facts, 'ks');
  const scores = {
    ...{ psi: fact(facts, 'psi'), js: fact(facts, 'js'), chi2: fact(facts, 'chi2') },
    ks: Number.isNaN(ks) ? null : ks,
  };
  const value = scoreBy(scores, method);
  if (value === null) return null;
  return judged(feature.baseline, method, value, fact(facts, 'n'), whole);
}

function judged(
  baseline: Pick<Baseline, 'minN'>,
  method: FrozenMethod,
  value: number,
  n: number,
  whole: boolean,
): DriftScore {
  const minN = baseline.minN[method];
  return { method, value, n, minN, level: levelOf(method, value, n, minN, whole) };
}

/** By feature and window. What needs the cells reads all of them, the rest what is merged to bins. */
export async function scoresBy(
  timelines: Timelines,
  { view, isWhole }: Sight,
  features: readonly Feature[],
  windows: readonly number[],
  method: FrozenMethod,
): Promise<(DriftScore | null)[][]> {
  if (method === 'lathe.ks.frozen@1') {
    const facts = await timelines.facts(view, features, windows);
    return features.map((feature) =>
      (facts.get(feature.name) ?? []).map((each, at) =>
        scoreOf(feature, each, method, isWhole(windows[at] as number)),
      ),
    );
  }
  const scores = await timelines.scores(view, features, method, windows);
  return features.map(({ baseline }, index) =>
    scores.map((each, at) => {
      const [n, value] = each.subarray(SCORE_FIELDS * index);
      return judged(baseline, method, value as number, n as number, isWhole(windows[at] as number));
    }),
  );
}

export async function driftOverview(
  timelines: Timelines,
  sight: Sight,
  method: FrozenMethod,
  newest: number,
): Promise<FeatureDrift[]> {
  const windows = sight.windows.filter(sight.isComplete).slice(-newest);
  const { features } = sight.view;
  if (features.length === 0) return [];
  const [byFeature, facts] = await Promise.all([
    scoresBy(timelines, sight, features, windows, method),
    timelines.facts(sight.view, features, windows.slice(-1)),
  ]);
  return features.map((feature, index) => {
    const scores = byFeature[index] ?? [];
    const latest = facts.get(feature.name)?.[0];
    return {
      feature: feature.name,
      kind: feature.kind,
      latest: scores.at(-1) ?? null,
      latestWindowMs: scores.at(-1) ? (windows.at(-1) ?? null) : null,
      trend: scores.flatMap((score, at) =>
        score
          ? [{ windowMs: windows[at] as number, value: score.value, n: score.n, level: score.level }]
          : [],
      ),
      missingShare: latest ? share(missingOf(feature, latest), fact(latest, 'n')) : 0,
      referenceMissingShare: referenceMissing(feature),
    };
  });
}

/** `windowMs` may be the incomplete newest window; without it the newest complete one is shown. */
export async function driftDetail(
  timelines: Timelines,
  sight: Sight,
  name: string,
  method: FrozenMethod,
  windowMs: number | undefined,
): Promise<FeatureDetail> {
  const feature = featureOf(sight, name);
  const complete = sight.windows.filter(sight.isComplete);
  const selected = windowMs ?? complete.at(-1) ?? null;
  const pictured = complete.slice(-PICTURE_WINDOWS);
  const binned = [...new Set([...pictured, ...(selected === null ? [] : [selected])])].sort((a, b) => a - b);
  const [facts, picture] = await Promise.all([
    timelines.facts(sight.view, [feature], complete),
    timelines.binned(sight.view, feature, binned),
  ]);
  const { baseline } = feature;
  const bins = baseline.bins.length;
  const countsAt = (of: Float64Array | null, at: number) => of?.subarray(at * bins, (at + 1) * bins) ?? [];
  const at = selected === null ? -1 : binned.indexOf(selected);
  const current = at < 0 ? new Float64Array(bins) : countsAt(picture.spanBins, at);
  // Bins that hold anything on any side.
  const shown = baseline.bins.flatMap((_, bin) => {
    const live = binned.some(
      (_, each) => ((picture.spanBins as Float64Array)[each * bins + bin] as number) > 0,
    );
    return (baseline.reference[bin] as number) > 0 || live ? [bin] : [];
  });
  const shares = (of: ArrayLike<number>, n: number) => shown.map((bin) => share(of[bin] as number, n));
  const reference = shares(baseline.reference, baseline.referenceN);
  const now = shares(current, totalOf(current));
  const span = at < 0 ? null : spanAt(picture.facts, at);
  return {
    feature: feature.name,
    kind: feature.kind,
    windows: (facts.get(name) ?? []).flatMap((each, index) => {
      const score = scoreOf(feature, each, method, sight.isWhole(complete[index] as number));
      if (!score) return [];
      return [
        {
          windowMs: complete[index] as number,
          score,
          mean: orNull(fact(each, 'mean')),
          present: fact(each, 'present'),
          missingShare: share(missingOf(feature, each), fact(each, 'n')),
        },
      ];
    }),
    selectedWindowMs: selected,
    distribution: shown.map((bin, index) => ({
      ...(baseline.bins[bin] as (typeof baseline.bins)[number]),
      reference: reference[index] as number,
      current: now[index] as number,
    })),
    overTime: pictured.map((each) => {
      const own = countsAt(picture.ownBins, binned.indexOf(each));
      const n = totalOf(own);
      return { windowMs: each, n, shares: shares(own, n) };
    }),
    scores:
      span === null || selected === null
        ? []
        : METHODS.flatMap((each) => scoreOf(feature, span, each, sight.isWhole(selected)) ?? []),
    referenceMean: feature.reference.kind === 'numeric' ? feature.reference.mean : null,
    referenceN: baseline.referenceN,
    referenceTitle: sight.referenceTitle,
  };
}

export const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const referenceMissing = (feature: Pick<Feature, 'baseline' | 'reference'>): number =>
  share(feature.reference.missing, feature.baseline.referenceN);

/**
 * Rows of a span without the feature. A reference counts NaN and infinities as missing, so where it has any they are counted so
 * here too: a tensor of floats has no other way to say that there is no value.
 */
export const missingOf = (feature: Pick<Feature, 'reference'>, facts: Float64Array): number =>
  fact(facts, 'missing') + (feature.reference.missing > 0 ? fact(facts, 'notFinite') : 0);

function spanAt(facts: Float64Array, at: number): Float64Array {
  const width = FIELDS.length;
  return facts.subarray(at * width, (at + 1) * width);
}

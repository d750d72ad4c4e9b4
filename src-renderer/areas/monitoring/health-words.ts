/** What is going on with an endpoint, in one sentence and what goes with it. Pure. */
import type { FeatureDrift, FeatureQuality } from '../../../src-main/contract/monitoring.ts';
import type {
  DriftLevel,
  Series,
  SeriesPoint,
  WindowSize,
} from '../../../src-main/contract/monitoring-series.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { SPAN_WORD, seriesTitle, valueText, windowText } from '../../lib/series-words.ts';
import { featureTitle, worstFirst } from './psi.ts';

export type HealthFacts = {
  per: WindowSize;
  /** How the drift score is called: PSI. */
  score: string;
  features: readonly FeatureDrift[];
  quality: readonly FeatureQuality[];
  /** Realised, and estimated without labels; null while they load or where there is none. */
  performance: Series | null;
  estimated: Series | null;
};

export type HealthWords = {
  tone: 'ok' | 'warn' | 'bad' | 'neutral';
  headline: string;
  details: string[];
  /** The feature that the headline is about. */
  feature: string | null;
};

/** Of an endpoint without any prediction. */
export const NOTHING_SEEN: HealthWords = {
  ...{ tone: 'neutral', headline: 'No prediction has been seen yet.' },
  ...{ details: [], feature: null },
};

export function healthWords(facts: HealthFacts): HealthWords {
  const inputs = facts.features.filter(({ kind }) => kind !== 'prediction');
  const score = facts.features.find(({ kind }) => kind === 'prediction');
  const quality = performanceWords(facts);
  const drift = driftWords(inputs, facts);
  const data = dataWords(facts.quality);
  const prediction = predictionWords(score, facts);
  const rest = (...words: (string | null | undefined)[]) =>
    words.filter((text): text is string => Boolean(text));

  if (quality.kind === 'worse')
    return {
      tone: 'bad',
      headline: quality.text ?? '',
      details: rest(drift.text, data.text, prediction),
      feature: drift.feature,
    };
  if (data.level === 'critical')
    return {
      tone: 'bad',
      headline: data.text ?? '',
      details: rest(drift.text, quality.text, prediction),
      feature: data.feature,
    };
  if (drift.level === 'large' || drift.level === 'moderate')
    return {
      tone: drift.level === 'large' ? 'bad' : 'warn',
      headline: drift.text ?? '',
      details: rest(quality.text, data.text, prediction),
      feature: drift.feature,
    };
  if (data.level === 'warning')
    return {
      tone: 'warn',
      headline: data.text ?? '',
      details: rest(drift.text, quality.text, prediction),
      feature: data.feature,
    };
  if (inputs.length === 0)
    return {
      tone: 'neutral',
      headline: 'Drift cannot be told yet: no served version has a reference.',
      details: rest(quality.text),
      feature: null,
    };
  return {
    tone: drift.level === 'stable' ? 'ok' : 'neutral',
    headline: drift.text ?? '',
    details: rest(quality.text, prediction),
    feature: null,
  };
}

type Judged = { level: DriftLevel; text: string | null; feature: string | null };

function driftWords(inputs: readonly FeatureDrift[], { per, score }: HealthFacts): Judged {
  const judged = inputs.filter(({ latest }) => latest && latest.level !== 'too-few');
  const [worst] = worstFirst(judged);
  if (!worst?.latest) {
    const latest = inputs.flatMap((input) => input.latest ?? []);
    const floor = Math.max(0, ...latest.map(({ minN }) => minN));
    const text =
      latest.length === 0
        ? `The inputs cannot be judged yet: the first whole ${per} is not over.`
        : latest.some(({ n, minN }) => n < minN)
          ? `Too few rows to judge the inputs yet: ${formatCount(floor)} of ${SPAN_WORD[per]} are needed.`
          : `The inputs cannot be judged yet: that takes ${SPAN_WORD[per]}.`;
    return { level: 'too-few', text: inputs.length > 0 ? text : null, feature: null };
  }
  const { level, value } = worst.latest;
  if (level === 'stable')
    return {
      level,
      text: `Nothing has drifted: ${judged.length === 1 ? 'the input is' : `all ${judged.length} inputs are`} stable over the newest ${SPAN_WORD[per]}.`,
      feature: null,
    };
  const since = sinceOf(worst.trend, level);
  const others = judged.filter(({ latest }) => latest?.level === level).length - 1;
  const with_ = others > 0 ? `, and ${plural(others, 'more input')} with it` : '';
  return {
    level,
    text: `${featureTitle(worst)} ${level === 'large' ? 'has drifted' : 'has moved'}: ${score} ${valueText(value, 'score')}, ${level}${since === null ? '' : ` since ${windowText(since, per)}`}${with_}.`,
    feature: worst.feature,
  };
}

function predictionWords(score: FeatureDrift | undefined, { per, score: name }: HealthFacts): string | null {
  const level = score?.latest?.level;
  if (!score?.latest || level === 'too-few') return null;
  if (level === 'stable') return 'The predictions have not moved.';
  const since = sinceOf(score.trend, score.latest.level);
  return `The predictions have moved too: ${name} ${valueText(score.latest.value, 'score')}, ${level}${since === null ? '' : ` since ${windowText(since, per)}`}.`;
}

const GRAVITY = { warning: 1, critical: 2 } as const;

function dataWords(features: readonly FeatureQuality[]) {
  const found = features
    .flatMap(({ feature, kind, finding }) => (finding ? [{ feature, kind, ...finding }] : []))
    .sort((a, b) => GRAVITY[b.level] - GRAVITY[a.level]);
  const [worst] = found;
  if (!worst) return { level: null, text: null, feature: null };
  const text = `${featureTitle(worst)}: ${worst.text.charAt(0).toLowerCase()}${worst.text.slice(1)}`;
  const more = found.length - 1;
  return {
    level: worst.level,
    text: more > 0 ? `${text} ${plural(more, 'more input')} with findings.` : text,
    feature: worst.feature,
  };
}

type PerformanceWords = { kind: 'worse' | 'held' | 'unknown'; text: string | null };

function performanceWords({ per, performance, estimated }: HealthFacts): PerformanceWords {
  if (!performance) return { kind: 'unknown', text: null };
  const title = seriesTitle(performance.series);
  const last = lastFinal(performance);
  if (!last) {
    const guess = estimated ? estimateWords(estimated) : null;
    const coming = performance.points.some(({ n }) => n > 0);
    const why = coming ? 'labels are still coming' : 'no labels have come';
    return {
      kind: 'unknown',
      text: `Whether quality is affected cannot be told yet: ${why}.${guess ? ` ${guess}` : ''}`,
    };
  }
  const write = (value: number | null) => valueText(value, performance.unit);
  const known = performance.reference;
  if (known === null)
    return {
      kind: 'unknown',
      text: `${title} is ${write(last.value)}; the reference has no labels to compare it with.`,
    };
  if (isWorse(last, performance)) {
    const since = worseSince(performance);
    const verb = performance.good === 'lower' ? 'risen' : 'fallen';
    return {
      kind: 'worse',
      text: `${title} has ${verb} to ${write(last.value)} from ${write(known)} on the reference${since === null ? '' : `, since ${windowText(since, per)}`}.`,
    };
  }
  if (last.low === null || last.high === null)
    return { kind: 'held', text: `${title} is ${write(last.value)}; the reference has ${write(known)}.` };
  const inside = last.low <= known && known <= last.high;
  return {
    kind: 'held',
    text: inside
      ? `Quality is not affected as far as labels tell: ${title.toLowerCase()} is ${write(last.value)} (${write(last.low)} to ${write(last.high)}), the reference has ${write(known)}.`
      : `Quality is not worse: ${title.toLowerCase()} is ${write(last.value)}, the reference has ${write(known)}.`,
  };
}

function estimateWords(estimated: Series): string | null {
  const last = estimated.points.findLast(({ value, complete }) => value !== null && complete);
  if (!last) return null;
  const write = (value: number | null) => valueText(value, estimated.unit);
  const known = estimated.reference === null ? '' : ` (the reference has ${write(estimated.reference)})`;
  return `Without labels it is estimated at ${write(last.value)}${known}.`;
}

const isFinal = (point: SeriesPoint, { minN }: Series): boolean =>
  point.value !== null && point.complete && point.mature && point.n >= minN;

const lastFinal = (series: Series): SeriesPoint | null =>
  series.points.findLast((point) => isFinal(point, series)) ?? null;

/** Its whole interval lies on the bad side of the reference. */
function isWorse(point: SeriesPoint, { good, reference }: Series): boolean {
  if (reference === null || point.low === null || point.high === null) return false;
  if (good === 'higher') return point.high < reference;
  return good === 'lower' && point.low > reference;
}

/** Where the present run of worse windows begins; windows that cannot be judged are passed over. */
function worseSince(series: Series): number | null {
  let since: number | null = null;
  for (const point of series.points.toReversed()) {
    if (!isFinal(point, series)) continue;
    if (!isWorse(point, series)) break;
    since = point.windowMs;
  }
  return since;
}

const RANK = { 'too-few': 0, stable: 1, moderate: 2, large: 3 } as const;

/** Where the present run at this level or above begins; windows without a level are passed over. */
export function sinceOf(
  trend: readonly Pick<FeatureDrift['trend'][number], 'windowMs' | 'level'>[],
  level: DriftLevel,
): number | null {
  let since: number | null = null;
  for (const point of trend.toReversed()) {
    if (point.level === 'too-few') continue;
    if (RANK[point.level] < RANK[level]) break;
    since = point.windowMs;
  }
  return since;
}

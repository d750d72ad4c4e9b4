/**
 * Which drifted features go with a change in quality: Pearson's r, over windows, between a feature's drift score and the distance of the
 * quality from its reference, as NannyML's `CorrelationRanker` has it. With its interval (Fisher 1921) and p value, and only
 * over enough windows: with the usual ten, an r of 0.6 can be chance. A relation is no cause.
 */
import type { RankedFeature } from '../../../contract/monitoring.ts';
import { studentTwoSided } from '../../statistics/beta.ts';
import { NORMAL_975 } from '../../statistics/gamma.ts';

/** Fewer windows say nothing. */
export const LEAST_WINDOWS = 8;
/** Over the windows that have both; r is null below LEAST_WINDOWS, or when either never changes. */
export function relation(
  one: readonly (number | null)[],
  two: readonly (number | null)[],
): Pick<RankedFeature, 'windows' | 'r' | 'low' | 'high' | 'p'> {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const [at, x] of one.entries()) {
    const y = two[at] ?? null;
    if (x === null || y === null) continue;
    xs.push(x);
    ys.push(y);
  }
  const windows = xs.length;
  const r = windows < LEAST_WINDOWS ? null : pearson(xs, ys);
  if (r === null) return { windows, r: null, low: null, high: null, p: null };
  const half = NORMAL_975 / Math.sqrt(windows - 3);
  const degrees = windows - 2;
  const t = r * Math.sqrt(degrees / (1 - r * r));
  return {
    windows,
    r,
    low: Math.tanh(Math.atanh(r) - half),
    high: Math.tanh(Math.atanh(r) + half),
    p: Number.isFinite(t) ? studentTwoSided(t, degrees) : 0,
  };
}

/** Null when either list never changes. */
export function pearson(xs: readonly number[], ys: readonly number[]): number | null {
  const meanX = mean(xs);
  const meanY = mean(ys);
  let [xx, yy, xy] = [0, 0, 0];
  for (const [at, x] of xs.entries()) {
    const dx = x - meanX;
    const dy = (ys[at] as number) - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  // What is left of a constant after rounding is not a change.
  if (xx <= tiny(meanX, xs.length) || yy <= tiny(meanY, ys.length)) return null;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const tiny = (level: number, n: number): number => n * (4 * Number.EPSILON * level) ** 2;

/** A feature's drift, by the same windows as the quality. */
export type DriftHistory = {
  feature: string;
  scores: readonly (number | null)[];
  levels: readonly RankedFeature['level'][];
};

/**
 * Highest r first; features without one after them, those with more alerts first.
 * @param reference quality on the reference; the mean over the windows where it is not known
 */
export function rankFeatures(
  features: readonly DriftHistory[],
  quality: readonly (number | null)[],
  reference: number | null,
): RankedFeature[] {
  const known = quality.filter((value) => value !== null);
  const from = reference ?? mean(known);
  const distance = quality.map((value) => (value === null ? null : Math.abs(value - from)));
  return features
    .map(
      ({ feature, scores, levels }): RankedFeature => ({
        feature,
        score: scores.at(-1) ?? null,
        level: levels.at(-1) ?? null,
        ...relation(scores, distance),
        alerts: levels.filter((level) => level === 'moderate' || level === 'large').length,
      }),
    )
    .sort(
      (one, two) =>
        (two.r ?? Number.NEGATIVE_INFINITY) - (one.r ?? Number.NEGATIVE_INFINITY) ||
        two.alerts - one.alerts ||
        (one.feature < two.feature ? -1 : 1),
    );
}

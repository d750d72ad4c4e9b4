/** What a row of the features table shows, and which rows are shown. Pure. */
import type { FeatureDrift, FeatureQuality, RankedFeature } from '../../../src-main/contract/monitoring.ts';
import { lowerIsGraver } from './psi.ts';

export type FeatureRow = {
  drift: FeatureDrift;
  quality: FeatureQuality | null;
  ranked: RankedFeature | null;
};

export type FeatureFilter = { text: string; show: 'all' | 'drifted' | 'findings' };

export function featureRows(
  drift: readonly FeatureDrift[],
  quality: readonly FeatureQuality[],
  ranked: readonly RankedFeature[],
): FeatureRow[] {
  const qualities = new Map(quality.map((one) => [one.feature, one]));
  const ranks = new Map(ranked.map((one) => [one.feature, one]));
  return drift.map((one) => ({
    drift: one,
    quality: qualities.get(one.feature) ?? null,
    ranked: ranks.get(one.feature) ?? null,
  }));
}

export const isDrifted = ({ latest }: FeatureDrift): boolean =>
  latest?.level === 'moderate' || latest?.level === 'large';

export function filterRows(rows: readonly FeatureRow[], { text, show }: FeatureFilter): FeatureRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    ({ drift, quality }) =>
      drift.feature.toLowerCase().includes(wanted) &&
      (show === 'all' || (show === 'drifted' ? isDrifted(drift) : (quality?.finding ?? null) !== null)),
  );
}

const RANK = { large: 3, moderate: 2, stable: 1, 'too-few': 0 } as const;

/** For sorting by severity: the level first, then the score; null without one. */
export const severityOf = ({ latest }: FeatureDrift): number | null =>
  latest ? RANK[latest.level] * 1e6 + (lowerIsGraver(latest.method) ? -latest.value : latest.value) : null;

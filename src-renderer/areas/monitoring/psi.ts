/** Drift scores in order of gravity. Pure. */
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';

/** Limits of the usual PSI convention: below the first stable, from the second large. */
export const MODERATE = 0.1;
export const LARGE = 0.25;
const RANK = { large: 3, moderate: 2, stable: 1, 'too-few': 0 } as const;

/** Worst first: by level, then by score; features without a score last. */
export function worstFirst(features: readonly FeatureDrift[]): FeatureDrift[] {
  const key = ({ latest }: FeatureDrift) => (latest ? RANK[latest.level] * 1e6 + latest.value : -1);
  return [...features].sort((a, b) => key(b) - key(a) || a.feature.localeCompare(b.feature));
}

/** Where a score is heading: its change over the last `windows` windows; null with too little behind it. */
export function trendOf({ trend }: FeatureDrift, windows = 7): number | null {
  const known = trend.filter(({ level }) => level !== 'too-few');
  const last = known.at(-1);
  const before = known.at(-1 - windows);
  return last && before ? last.value - before.value : null;
}

/** The engine calls the score of a model `$prediction`; people do not. */
export const featureTitle = ({ feature, kind }: Pick<FeatureDrift, 'feature' | 'kind'>): string =>
  kind === 'prediction' ? 'prediction score' : feature;

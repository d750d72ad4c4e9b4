/** Drift scores in order of gravity. Pure. */
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { type FrozenMethod, THRESHOLDS } from '../../../src-main/contract/monitoring-series.ts';
import { formatFixed } from '../../lib/format.ts';

/** From here on large, by the usual convention. */
export const LARGE = THRESHOLDS['lathe.psi.frozen@1'].alertAt;
const RANK = { large: 3, moderate: 2, stable: 1, 'too-few': 0 } as const;

/** Worst first: by level, then by score; features without a score last. */
export function worstFirst(features: readonly FeatureDrift[]): FeatureDrift[] {
  const key = ({ latest }: FeatureDrift) => (latest ? RANK[latest.level] * 1e6 + latest.value : -1);
  return [...features].sort((a, b) => key(b) - key(a) || a.feature.localeCompare(b.feature));
}

/** The engine calls the score of a model `$prediction`; people do not. */
export const featureTitle = ({ feature, kind }: Pick<FeatureDrift, 'feature' | 'kind'>): string =>
  kind === 'prediction' ? 'prediction score' : feature;

/** Of a test's p value less is graver; of all other scores more. */
export const lowerIsGraver = (method: string): boolean => method === 'lathe.chi2.frozen@1';

/** A score with three decimals, so that columns line up; a p value of next to nothing is not written as none. */
export const scoreText = (value: number, method: string): string =>
  lowerIsGraver(method) && value < 0.001 ? '< 0.001' : formatFixed(value, 3);

/** p values are drawn by their powers of ten, down to one in a million. */
const TINY_P = 6;
export const LEAST_P = 10 ** -TINY_P;

/** How tall a score's bar is, as a share of its strip: twice the limit of a large one fills it. */
export const tallOf = (value: number, method: FrozenMethod): number => {
  if (lowerIsGraver(method)) return Math.min(1, -Math.log10(Math.max(value, 1e-12)) / TINY_P);
  return Math.min(1, value / (2 * THRESHOLDS[method].alertAt));
};

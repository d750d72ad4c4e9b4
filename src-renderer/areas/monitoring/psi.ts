/** The drift score taken apart, so that a number on the screen can be explained. Pure. */
import type { FeatureDetail, FeatureDrift } from '../../../src-main/contract/monitoring.ts';

/** Limits of the usual PSI convention: below the first stable, from the second large. */
export const MODERATE = 0.1;
export const LARGE = 0.25;
/** Shares below this count as this much, as in the engine's `lathe.psi.frozen@1`. */
const FLOOR = 1e-4;

export type Term = { label: string; reference: number; current: number; term: number };

/** PSI = Σ (r − c) · ln(r / c): one term per bin, largest first. */
export function psiTerms(
  bins: FeatureDetail['distribution'],
  labels: readonly string[],
): { terms: Term[]; sum: number } {
  const terms = bins
    .map((bin, i) => {
      const r = Math.max(bin.reference, FLOOR);
      const c = Math.max(bin.current, FLOOR);
      return {
        label: labels[i] ?? bin.label,
        reference: bin.reference,
        current: bin.current,
        term: (r - c) * Math.log(r / c),
      };
    })
    .sort((a, b) => b.term - a.term);
  return { terms, sum: terms.reduce((total, { term }) => total + term, 0) };
}

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

/** Pearson's chi-square and the Z test of two shares, as Evidently 0.7 has them. Both give a two-sided p value. */
import { chiSquareTail, normalTwoSided } from '../../../statistics/gamma.ts';
import type { Binned } from './bins.ts';

/**
 * The reference scaled to the current side's size is what is expected: χ² = Σ (O − E)² / E with one degree of freedom less
 * than values. A value that the reference never had makes it infinite, and p 0.
 */
export function chiSquareP({ reference, current, referenceN, currentN }: Binned): number {
  if (reference.length < 2) return 1;
  const scale = currentN / referenceN;
  let sum = 0;
  for (let at = 0; at < reference.length; at++) {
    const expected = (reference[at] as number) * scale;
    if (expected === 0) return 0;
    sum += ((current[at] as number) - expected) ** 2 / expected;
  }
  return chiSquareTail(sum, reference.length - 1);
}

/**
 * The share of rows that do not have the first value, with the pooled standard error. The p value is 1 when both sides have
 * one and the same value throughout.
 */
export function zTestP({ reference, current, referenceN, currentN }: Binned): number {
  if (reference.length < 2) return 1;
  const one = (referenceN - (reference[0] as number)) / referenceN;
  const two = (currentN - (current[0] as number)) / currentN;
  const pooled = (one * referenceN + two * currentN) / (referenceN + currentN);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / referenceN + 1 / currentN));
  return normalTwoSided((one - two) / error);
}

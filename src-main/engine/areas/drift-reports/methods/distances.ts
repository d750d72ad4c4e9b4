/** Distances between two sides: over their bins, and of sorted numbers. Formulas as in Evidently 0.7 and SciPy. */
import type { Binned } from './bins.ts';

/** Population stability index Σ (r − c) ln(r / c), over shares with filled zeros that are not normalised again. */
export function psi(bins: Binned): number {
  const r = filledShares(bins.reference, bins.referenceN);
  const c = filledShares(bins.current, bins.currentN);
  let sum = 0;
  for (let at = 0; at < r.length; at++) {
    const one = r[at] as number;
    const two = c[at] as number;
    sum += (one - two) * Math.log(one / two);
  }
  return sum;
}

/** Kullback–Leibler divergence Σ p ln(p / q) of the current side from the reference p, after filling zeros and normalising. */
export function klDivergence(bins: Binned): number {
  const p = filledShares(bins.reference, bins.referenceN);
  const q = filledShares(bins.current, bins.currentN);
  const all = total(p);
  const other = total(q);
  let sum = 0;
  for (let at = 0; at < p.length; at++) {
    const one = (p[at] as number) / all;
    sum += one * Math.log(one / ((q[at] as number) / other));
  }
  return Math.max(0, sum);
}

/** Jensen–Shannon distance √(½ KL(p‖m) + ½ KL(q‖m)), m = (p + q) / 2, natural logarithm: 0 to √ln 2 = 0.8326. */
export function jensenShannon({ reference, current, referenceN, currentN }: Binned): number {
  let sum = 0;
  for (let at = 0; at < reference.length; at++) {
    const p = (reference[at] as number) / referenceN;
    const q = (current[at] as number) / currentN;
    const middle = (p + q) / 2;
    if (p > 0) sum += p * Math.log(p / middle);
    if (q > 0) sum += q * Math.log(q / middle);
  }
  return Math.sqrt(Math.max(0, sum) / 2);
}

/** Shares at or below it are filled below themselves, others by it. */
const FILL = 0.0001;

/** Shares of a side; an empty bin gets a small share, which depends on the side's smallest one. */
function filledShares(counts: Float64Array, n: number): Float64Array {
  const shares = counts.map((count) => count / n);
  let smallest = Number.POSITIVE_INFINITY;
  for (const share of shares) if (share > 0 && share < smallest) smallest = share;
  const fill = smallest <= FILL ? smallest / 1e6 : FILL;
  for (let at = 0; at < shares.length; at++) if (shares[at] === 0) shares[at] = fill;
  return shares;
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** A spread smaller than this is not divided by. */
const LEAST_SPREAD = 0.001;

/** W₁ in standard deviations (population) of the reference, which count as at least 0.001. */
export const wassersteinNormed = (reference: Float64Array, current: Float64Array): number =>
  wasserstein(reference, current) / Math.max(deviationOf(reference), LEAST_SPREAD);

/**
 * W₁ = ∫ |F⁻¹(u) − G⁻¹(u)| du of two sorted lists, which is ∫ |F − G|. The steps of u follow from the sizes alone, so that
 * no branch depends on the data: four times as fast as walking along the values.
 */
function wasserstein(one: Float64Array, two: Float64Array): number {
  const n = one.length;
  const m = two.length;
  let left = 0;
  let right = 0;
  /** u · n · m, a whole number. */
  let u = 0;
  let sum = 0;
  while (left < n && right < m) {
    const leftEnd = (left + 1) * m;
    const rightEnd = (right + 1) * n;
    const end = Math.min(leftEnd, rightEnd);
    sum += Math.abs((one[left] as number) - (two[right] as number)) * (end - u);
    if (leftEnd === end) left += 1;
    if (rightEnd === end) right += 1;
    u = end;
  }
  return sum / n / m;
}

function deviationOf(values: Float64Array): number {
  const mean = total(values) / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return Math.sqrt(squares / values.length);
}

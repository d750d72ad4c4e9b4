/**
 * The two-sample Kolmogorov–Smirnov test: two-sided p as SciPy's `ks_2samp` with method "auto" gives it. Exact while neither
 * side has more than 10,000 rows, by counting lattice paths (Hodges 1958, The significance probability of the Smirnov
 * two-sample test); above, the one-sample distribution with round(nm / (n + m)) rows stands in (kolmogorov.ts).
 */
import { halfToEven } from '../../../statistics/rounding.ts';
import { kolmogorovTail } from './kolmogorov.ts';
import { endOfRun, least } from './samples.ts';

const MOST_EXACT = 10_000;

/** Of two sorted lists, neither empty. */
export function ksTest(one: Float64Array, two: Float64Array): { statistic: number; p: number } {
  const n = one.length;
  const m = two.length;
  const exact = Math.max(n, m) <= MOST_EXACT;
  let left = 0;
  let right = 0;
  let statistic = 0;
  /** |F − G| · n · m, a whole number: for the exact p no rounding may decide whether two steps tie. */
  let crossed = 0;
  while (left < n && right < m) {
    const value = least(one, left, two, right);
    if (one[left] === value) left = endOfRun(one, left);
    if (two[right] === value) right = endOfRun(two, right);
    statistic = Math.max(statistic, Math.abs(left / n - right / m));
    if (exact) crossed = Math.max(crossed, Math.abs(left * m - right * n));
  }
  // When both sides have the same odd size, how a half is rounded shows in the third digit.
  const asymptotic = (distance: number) => kolmogorovTail(halfToEven((n * m) / (n + m)), distance);
  if (!exact) return { statistic, p: asymptotic(statistic) };
  const divisor = greatestDivisor(n, m);
  const steps = crossed / divisor;
  if (steps === 0) return { statistic, p: 1 };
  const p = n === m ? equalSizes(n, steps) : unequalSizes(n, m, divisor, steps);
  // SciPy takes a p that rounding has put above 1 for a failure, and so falls back; as it rounds in the same way, so does this.
  return { statistic, p: p <= 1 ? p : asymptotic((steps * divisor) / (n * m)) };
}

/** 2 Σ (−1)ᵏ⁺¹ C(2n, n − kh) / C(2n, n), each term a factor of the one before. */
function equalSizes(n: number, h: number): number {
  let p = 0;
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let ratio = 1;
    for (let j = 0; j < h; j++) ratio = ((n - k * h - j) * ratio) / (n + k * h + j + 1);
    p = ratio * (1 - p);
  }
  return 2 * p;
}

/**
 * The share of paths from (0, 0) to (m, n) that leave the band |i · n′ − j · m′| < h, by the share of those that have left
 * it on the way to each point: [i · A(i−1, j) + j · A(i, j−1)] / (i + j), and 1 outside. Sums of what is positive: nothing cancels.
 */
function unequalSizes(one: number, two: number, divisor: number, h: number): number {
  const m = Math.max(one, two);
  const n = Math.min(one, two);
  const rise = n / divisor;
  const run = m / divisor;
  const left = new Float64Array(n + 1).fill(1);
  // Nobody has left on the way along the first edge, as long as it is inside.
  left.fill(0, 0, Math.min(Math.ceil(h / run), n + 1));
  let first = 0;
  for (let i = 1; i <= m; i++) {
    const from = Math.max(0, Math.floor((i * rise - h) / run) + 1);
    const to = Math.min(n, Math.ceil((i * rise + h) / run) - 1);
    if (to < from) return 1;
    while (first < from) left[first++] = 1;
    let before = from === 0 ? 0 : 1;
    for (let j = from; j <= to; j++) {
      before = (i * (left[j] as number) + j * before) / (i + j);
      left[j] = before;
    }
  }
  return left[n] as number;
}

function greatestDivisor(one: number, two: number): number {
  return two === 0 ? one : greatestDivisor(two, one % two);
}

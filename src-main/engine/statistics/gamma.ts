/**
 * The gamma function and what follows from it: chi-square and normal tails, binomial and Poisson terms (Abramowitz & Stegun
 * 6.5, 26.4; Loader 2000, Fast and Accurate Computation of Binomial Probabilities). Tails are right to about 1e-12, relatively.
 */

/** Lanczos's approximation with g = 7 and nine terms (Godfrey's coefficients): about 15 digits for x > 0. */
const LANCZOS = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
] as const;

/** The 0.975 quantile of the normal distribution: half the width of a 95 % interval, in standard errors. */
export const NORMAL_975 = 1.959963984540054;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  let sum: number = LANCZOS[0];
  for (let at = 1; at < LANCZOS.length; at++) sum += (LANCZOS[at] as number) / (z + at);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln Γ(n + 1) − (n + ½) ln n + n − ½ ln 2π: what Stirling's formula leaves, for n > 0 (DLMF 5.11.1). */
export function stirlingRest(n: number): number {
  if (n < 15) return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI;
  const square = 1 / (n * n);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188))))) / n;
}

/** x ln(x / m) + m − x for x, m > 0, without the cancellation that the plain form has near x = m. */
export function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = difference / (x + m);
  const square = v * v;
  let sum = difference * v;
  let term = 2 * x * v;
  for (let at = 1; at < 1000; at++) {
    term *= square;
    const next = sum + term / (2 * at + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** e^(−m) mˣ / Γ(x + 1) for x > 0, m > 0. */
function poissonTerm(x: number, m: number): number {
  return Math.exp(-stirlingRest(x) - deviance(x, m)) / Math.sqrt(2 * Math.PI * x);
}

const STEPS = 100_000;
const TINY = 1e-300;

/** Q(a, x) = Γ(a, x) / Γ(a) for a > 0, x ≥ 0: the series below a + 1, Lentz's continued fraction above. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const front = a * poissonTerm(a, x);
  if (front === 0) return x < a ? 1 : 0;
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let at = 1; at < STEPS && term > sum * Number.EPSILON; at++) {
      term *= x / (a + at);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let at = 1; at < STEPS; at++) {
    const numerator = -at * (at - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < Number.EPSILON) break;
  }
  return front * fraction;
}

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** P(χ² with `degrees` degrees of freedom ≥ x). */
export const chiSquareTail = (x: number, degrees: number): number => upperGamma(degrees / 2, x / 2);

/** P(|Z| ≥ z) of a standard normal Z: erfc(z / √2). */
export const normalTwoSided = (z: number): number => upperGamma(0.5, (z * z) / 2);

/** C(n, k) pᵏ (1 − p)ⁿ⁻ᵏ for whole 0 ≤ k ≤ n, in Loader's form: right to about 1e-14, also for n of a million. */
export function binomialTerm(k: number, n: number, p: number): number {
  const q = 1 - p;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (q <= 0) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const rest =
    stirlingRest(n) - stirlingRest(k) - stirlingRest(n - k) - deviance(k, n * p) - deviance(n - k, n * q);
  return Math.exp(rest) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

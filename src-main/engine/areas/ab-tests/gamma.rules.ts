/** The chi-square distribution's upper tail, by the incomplete gamma function (Abramowitz & Stegun 6.5, 26.4). */

/** Lanczos's approximation with g = 7 and nine terms (Godfrey's coefficients): about 15 digits for x > 0. */
const LANCZOS = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
] as const;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  let sum: number = LANCZOS[0];
  for (let at = 1; at < LANCZOS.length; at++) sum += (LANCZOS[at] as number) / (z + at);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const STEPS = 10_000;
const TINY = 1e-300;

/** Q(a, x) = Γ(a, x) / Γ(a) for a > 0, x ≥ 0: the series below a + 1, Lentz's continued fraction above. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
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

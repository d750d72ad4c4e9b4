/**
 * Beta distributions, for the rates of things that happen or not. A rate of which e of n happened, and nothing was
 * known before, is Beta(1 + e, 1 + n − e) (Bayes; Gelman and others, Bayesian Data Analysis, §2.4). Pure.
 */
export type Trials = { happened: number; of: number };

/** Intervals of Simpson's rule; between them the density is as good as a parabola. */
const INTERVALS = 400;
/** Standard deviations around the mean beyond which nothing is left that counts. */
const REACH = 12;

/**
 * P(one's rate > other's rate + margin) = ∫ f_other(p) · (1 − F_one(p + margin)) dp, by Simpson's rule. Without a
 * margin it is the known closed sum for P(B > A).
 */
export function probabilityHigher(one: Trials, other: Trials, margin: number): number {
  const a = 1 + other.happened;
  const b = 1 + other.of - other.happened;
  const mean = a / (a + b);
  const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const low = Math.max(1e-12, mean - REACH * deviation);
  const high = Math.min(1 - 1e-12, mean + REACH * deviation);
  const top = logDensity(mean, a, b);
  let sum = 0;
  let whole = 0;
  for (let at = 0; at <= INTERVALS; at++) {
    const p = low + ((high - low) * at) / INTERVALS;
    const weight = at === 0 || at === INTERVALS ? 1 : at % 2 === 1 ? 4 : 2;
    const density = weight * Math.exp(logDensity(p, a, b) - top);
    whole += density;
    sum += density * (1 - betaCdf(p + margin, 1 + one.happened, 1 + one.of - one.happened));
  }
  return sum / whole;
}

const logDensity = (p: number, a: number, b: number): number =>
  (a - 1) * Math.log(p) + (b - 1) * Math.log1p(-p);

/** The regularised incomplete beta function I_x(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on its own side of the mean.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** Of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let value = d;
  // It takes about √max(a, b) rounds.
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-10) break;
  }
  return value;
}

/** Stirling's series (DLMF 5.11.1) from 10 on, and Γ(x) = Γ(x + 1) / x below. */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 10) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/**
 * Beta distributions, for the rates of things that happen or not. A rate of which e of n happened, and nothing was
 * known before, is Beta(1 + e, 1 + n − e) (Bayes; Gelman and others, Bayesian Data Analysis, §2.4). Pure.
 */
import { betaCdf } from '../../statistics/beta.ts';

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

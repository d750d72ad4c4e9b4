/**
 * Thompson sampling as weights: an arm's share is the probability that its mean reward is the highest (Thompson 1933;
 * Chapelle & Li 2011), kept above a floor. Rewards of 0 and 1: a Beta(1 + successes, 1 + failures) posterior. Real
 * rewards: normal-gamma, whose mean is Student's t (Murphy 2007). The probability is ∫ fᵢ Πⱼ≠ᵢ Fⱼ, added up over a
 * grid that is fine where any arm's density is: no random numbers, the same rewards always give the same weights.
 */
import { logGamma } from '../../statistics/gamma.ts';

/** Rewards of one arm: how many, their sum, their squares' sum. Binary: `y` counts successes. */
export type ArmRewards = { n: number; y: number; yy: number };

type Posterior = { density(x: number): number; points: readonly number[] };

const FULL = 10_000;
/** Points of the grid for each arm. */
const POINTS = 240;
/** How far the grid reaches: sinh of it, in scales of the posterior. */
const TAIL = 7;

/** The probability of each arm to have the highest mean reward; they add up to 1. */
export function bestProbabilities(arms: readonly ArmRewards[], reward: 'binary' | 'real'): number[] {
  const posteriors = reward === 'binary' ? arms.map(betaPosterior) : realPosteriors(arms);
  if (posteriors === null) return arms.map(() => 1 / arms.length);
  const grid = [...new Set(posteriors.flatMap(({ points }) => points))].sort((a, b) => a - b);
  const densities = posteriors.map(({ density }) => grid.map(density));
  const cumulative = densities.map((values) => accumulate(grid, values));
  const raw = densities.map((values, arm) => {
    const others = values.map((value, at) =>
      cumulative.reduce(
        (product, cdf, other) => (other === arm ? product : product * (cdf[at] as number)),
        value,
      ),
    );
    return accumulate(grid, others, false).at(-1) ?? 0;
  });
  const total = raw.reduce((sum, value) => sum + value, 0);
  return total > 0 ? raw.map((value) => value / total) : arms.map(() => 1 / arms.length);
}

/** Weights in basis points that add up to 10,000: `floor` for each arm, the rest by its probability to be the best. */
export function banditWeights(probabilities: readonly number[], floor: number): number[] {
  const kept = Math.min(floor, Math.floor(FULL / probabilities.length));
  const rest = FULL - kept * probabilities.length;
  const exact = probabilities.map((probability) => kept + rest * probability);
  const weights = exact.map(Math.floor);
  let left = FULL - weights.reduce((sum, weight) => sum + weight, 0);
  const byRemainder = exact
    .map((value, at) => ({ at, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  for (const { at } of byRemainder) {
    if (left <= 0) break;
    weights[at] = (weights[at] as number) + 1;
    left -= 1;
  }
  return weights;
}

const EVEN = Array.from({ length: 65 }, (_, at) => at / 64);

function betaPosterior({ n, y }: ArmRewards): Posterior {
  const a = 1 + y;
  const b = 1 + n - y;
  const front = logGamma(a + b) - logGamma(a) - logGamma(b);
  const mean = a / (a + b);
  const scale = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const points = around(mean, scale).filter((x) => x > 0 && x < 1);
  // 0 · ln 0 is 0 here: a posterior without failures is highest at 1.
  const power = (exponent: number, log: number) => (exponent === 0 ? 0 : exponent * log);
  const density = (x: number) => Math.exp(front + power(a - 1, Math.log(x)) + power(b - 1, Math.log1p(-x)));
  return { density, points: [...EVEN, ...points] };
}

/** Null before there is any spread to speak of. The prior is worth one reward of what all arms got together. */
function realPosteriors(arms: readonly ArmRewards[]): Posterior[] | null {
  const n = arms.reduce((sum, arm) => sum + arm.n, 0);
  if (n < 2) return null;
  const mean = arms.reduce((sum, arm) => sum + arm.y, 0) / n;
  const variance = Math.max(0, arms.reduce((sum, arm) => sum + arm.yy, 0) / n - mean * mean);
  if (!(variance > 0)) return null;
  return arms.map((arm) => {
    const own = arm.n > 0 ? arm.y / arm.n : mean;
    const squares = arm.n > 0 ? Math.max(0, arm.yy - arm.n * own * own) : 0;
    const kappa = 1 + arm.n;
    const alpha = 1 + arm.n / 2;
    const beta = variance + squares / 2 + (arm.n * (own - mean) ** 2) / (2 * kappa);
    const centre = (mean + arm.n * own) / kappa;
    return student(2 * alpha, centre, Math.sqrt(beta / (alpha * kappa)));
  });
}

function student(degrees: number, centre: number, scale: number): Posterior {
  const front =
    logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log(degrees * Math.PI) - Math.log(scale);
  const density = (x: number) =>
    Math.exp(front - ((degrees + 1) / 2) * Math.log1p(((x - centre) / scale) ** 2 / degrees));
  return { density, points: around(centre, scale) };
}

/** Close together at the centre, wide apart in the tails. */
const around = (centre: number, scale: number): number[] =>
  Array.from({ length: POINTS }, (_, at) => centre + scale * Math.sinh(TAIL * ((2 * at) / (POINTS - 1) - 1)));

/** The integral up to each point, by trapezoids; scaled to end at 1 unless told otherwise. */
function accumulate(grid: readonly number[], values: readonly number[], scaled = true): number[] {
  const sums = [0];
  for (let at = 1; at < grid.length; at++) {
    const width = (grid[at] as number) - (grid[at - 1] as number);
    sums.push((sums[at - 1] as number) + (width * ((values[at] as number) + (values[at - 1] as number))) / 2);
  }
  const total = sums.at(-1) ?? 0;
  return scaled && total > 0 ? sums.map((sum) => sum / total) : sums;
}

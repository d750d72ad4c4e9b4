/**
 * Isotonic regression of labels on scores by pooling adjacent violators (Ayer and others 1955), as scikit-learn's
 * `IsotonicRegression(out_of_bounds="clip")`: equal scores are averaged first, and between two steps it is linear.
 */

/** Knots in ascending order; before the first and after the last it is level. */
export type Isotonic = { x: Float64Array; y: Float64Array };

/** Scores nearer than this count as one. */
const SAME = 1e-15;

/** @param scores ascending, at least one */
export function fitIsotonic(scores: Float64Array, labels: ArrayLike<number>): Isotonic {
  const x: number[] = [];
  const sums: number[] = [];
  const weights: number[] = [];
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] as number;
    const last = x.length - 1;
    if (last >= 0 && score - (x[last] as number) < SAME) {
      sums[last] = (sums[last] as number) + (labels[at] as number);
      weights[last] = (weights[last] as number) + 1;
    } else {
      x.push(score);
      sums.push(labels[at] as number);
      weights.push(1);
    }
  }
  return knots(x, pooled(sums, weights));
}

/** The nondecreasing values nearest to sums / weights, in weighted squares. */
function pooled(sums: readonly number[], weights: readonly number[]): Float64Array {
  const blockSum: number[] = [];
  const blockWeight: number[] = [];
  const blockEnd: number[] = [];
  for (let at = 0; at < sums.length; at++) {
    let sum = sums[at] as number;
    let weight = weights[at] as number;
    while (blockSum.length > 0) {
      const beforeSum = blockSum.at(-1) as number;
      const beforeWeight = blockWeight.at(-1) as number;
      if (beforeSum * weight < sum * beforeWeight) break;
      sum += beforeSum;
      weight += beforeWeight;
      blockSum.pop();
      blockWeight.pop();
      blockEnd.pop();
    }
    blockSum.push(sum);
    blockWeight.push(weight);
    blockEnd.push(at + 1);
  }
  const y = new Float64Array(sums.length);
  let from = 0;
  for (let block = 0; block < blockSum.length; block++) {
    const to = blockEnd[block] as number;
    y.fill((blockSum[block] as number) / (blockWeight[block] as number), from, to);
    from = to;
  }
  return y;
}

/** Leaves out what lies inside of a level stretch. */
function knots(x: readonly number[], y: Float64Array): Isotonic {
  const kept: number[] = [];
  for (let at = 0; at < x.length; at++)
    if (at === 0 || at === x.length - 1 || y[at] !== y[at - 1] || y[at] !== y[at + 1]) kept.push(at);
  return {
    x: Float64Array.from(kept, (at) => x[at] as number),
    y: Float64Array.from(kept, (at) => y[at] as number),
  };
}

export function isotonicAt({ x, y }: Isotonic, score: number): number {
  const last = x.length - 1;
  if (score <= (x[0] as number)) return y[0] as number;
  if (score >= (x[last] as number)) return y[last] as number;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) <= score) low = middle;
    else high = middle;
  }
  const from = x[low] as number;
  const level = y[low] as number;
  const slope = ((y[high] as number) - level) / ((x[high] as number) - from);
  return level + slope * (score - from);
}

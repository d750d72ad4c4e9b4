/**
 * How much of a metric's order over runs one param alone explains. Ranks, not values: neither an outlier nor a
 * logarithmic param changes the answer.
 *
 * Numbers: Spearman's rho, Pearson's correlation of ranks, equal values sharing their mean rank (C. Spearman, 1904,
 * "The proof and measurement of association between two things"). Importance is rho².
 *
 * Categories: the share of the variance of the metric's ranks that lies between the groups. That is H / (n - 1) with
 * Kruskal and Wallis' H corrected for ties (1952, "Use of ranks in one-criterion variance analysis"). Groups explain
 * something by chance, one run each explains all, so importance is Kelley's epsilon² (1935, "An unbiased correlation
 * ratio measure"), 1 - (1 - share) * (n - 1) / (n - groups), and 0 where that is negative or n equals groups.
 */

/** Ranks from 1; equal values have the mean of theirs. No NaN. */
export function ranksOf(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  const ranks = new Map<number, number>();
  for (let at = 0; at < sorted.length; ) {
    const begin = at;
    const value = sorted[at] as number;
    while (at < sorted.length && sorted[at] === value) at++;
    ranks.set(value, (begin + 1 + at) / 2);
  }
  return values.map((value) => ranks.get(value) as number);
}

/** Pearson's correlation, -1 to 1; 0 when either does not vary. */
export function correlationOf(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [da, db] = [(a[at] as number) - meanA, (b[at] as number) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  if (aa === 0 || bb === 0) return 0;
  return Math.min(1, Math.max(-1, ab / Math.sqrt(aa * bb)));
}

/** Epsilon² of `values`' ranks over `groups` numbered 0 to `count` - 1, 0 to 1. */
export function explainedByGroups(values: Float64Array, groups: Uint32Array, count: number): number {
  const n = values.length;
  if (n <= count || count < 2) return 0;
  const ranks = ranksOf(values);
  const overall = (n + 1) / 2;
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  let total = 0;
  for (let at = 0; at < n; at++) {
    const from = (ranks[at] as number) - overall;
    const group = groups[at] as number;
    total += from * from;
    sums[group] = (sums[group] as number) + from;
    sizes[group] = (sizes[group] as number) + 1;
  }
  if (total === 0) return 0;
  let between = 0;
  for (let group = 0; group < count; group++)
    if (sizes[group]) between += (sums[group] as number) ** 2 / (sizes[group] as number);
  return Math.min(1, Math.max(0, 1 - ((1 - between / total) * (n - 1)) / (n - count)));
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The summary of a metric's history that the runs table sorts by. It depends on the set of points alone: the
 * order in which they come, and how often a client repeats one, change nothing (except the last digits of
 * `sum`, because floating-point addition is not associative).
 *
 * "Last" is MLflow's: the greatest (step, timestamp, value). Least and greatest leave NaN out; among equal
 * values the smallest step is kept.
 */
export type Point = { step: number; timestampMs: number; value: number };

export type SeriesSummary = {
  n: number;
  last: Point | null;
  min: { value: number; step: number } | null;
  max: { value: number; step: number } | null;
  sum: number;
};

export const EMPTY_SERIES: SeriesSummary = { n: 0, last: null, min: null, max: null, sum: 0 };

/** The summary with one more point, which was not in it before. */
export function withPoint(summary: SeriesSummary, added: Point): SeriesSummary {
  // SQLite does not tell -0 from 0, so neither does the summary.
  const point = Object.is(added.value, -0) ? { ...added, value: 0 } : added;
  const { value, step } = point;
  const counted = { ...summary, n: summary.n + 1, last: later(summary.last, point) };
  if (Number.isNaN(value)) return counted;
  const { min, max } = summary;
  return {
    ...counted,
    sum: summary.sum + value,
    min: !min || value < min.value || (value === min.value && step < min.step) ? { value, step } : min,
    max: !max || value > max.value || (value === max.value && step < max.step) ? { value, step } : max,
  };
}

/** NaN is below every number, so that the order is total. */
function later(a: Point | null, b: Point): Point {
  if (!a || b.step !== a.step) return !a || b.step > a.step ? b : a;
  if (b.timestampMs !== a.timestampMs) return b.timestampMs > a.timestampMs ? b : a;
  if (Number.isNaN(a.value)) return b;
  return b.value > a.value ? b : a;
}

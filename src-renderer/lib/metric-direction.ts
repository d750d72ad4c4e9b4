export type Direction = 'higher' | 'lower' | null;

const LOWER =
  /loss|error|brier|rmse|mse|mae|mape|perplexity|latency|(^|[_./-])(time|seconds|duration)([_./-]|$)|regret|divergence/i;
const HIGHER = /acc|auc|f1|precision|recall|r2|score|bleu|rouge|iou|map\b|ndcg|reward|throughput/i;

/** Whether more or less of a metric is better, by its name; null where the name does not say. */
export function directionOf(metric: string): Direction {
  if (LOWER.test(metric)) return 'lower';
  return HIGHER.test(metric) ? 'higher' : null;
}

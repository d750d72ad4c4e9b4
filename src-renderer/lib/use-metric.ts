import type { PerformanceMetric } from '../../src-main/contract/monitoring-series.ts';
import { useData } from './query.ts';
import { useLocation } from './router.ts';

/** Metrics by the task; the first is shown where none is chosen. */
const CLASSIFICATION: readonly PerformanceMetric[] = [
  'accuracy',
  'roc-auc',
  'average-precision',
  'precision',
  'recall',
  'specificity',
  'f1',
  'log-loss',
  'brier',
  'calibration-error',
];
const REGRESSION: readonly PerformanceMetric[] = ['rmse', 'mae', 'bias', 'mape', 'r2'];

/** The metric that the query names, of those that fit the model's task. */
export function useMetric(endpoint: string): {
  metric: PerformanceMetric;
  choices: readonly PerformanceMetric[];
} {
  const { query } = useLocation();
  const detail = useData(
    ['monitoring', 'performanceDetail', endpoint],
    (rpc, signal) => rpc.monitoring.performanceDetail({ endpoint }, { signal }),
    { keep: true },
  );
  const choices = detail.data?.task === 'regression' ? REGRESSION : CLASSIFICATION;
  return { metric: choices.find((one) => one === query.metric) ?? choices[0] ?? 'accuracy', choices };
}

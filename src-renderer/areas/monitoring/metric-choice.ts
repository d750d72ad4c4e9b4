import type { PerformanceMetric } from '../../../src-main/contract/monitoring-series.ts';

/** Metrics by the task; the first is shown where none is chosen. */
export const CLASSIFICATION: readonly PerformanceMetric[] = [
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
export const REGRESSION: readonly PerformanceMetric[] = ['rmse', 'mae', 'bias', 'mape', 'r2'];

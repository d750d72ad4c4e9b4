/** Every figure of quality from one set of sums. */
import type { PerformanceMetric, Series } from '../../../contract/monitoring-series.ts';
import { type CohortSums, type DetailOf, regressionSums } from './cohorts.rules.ts';
import { binaryMetrics, type Measured, regressionMetrics } from './metrics.rules.ts';
import { wilson } from './performance.rules.ts';
import {
  atLeast0,
  calibrationError,
  calibrationOf,
  emptyHistogram,
  rankFigureOf,
  type ScoreHistogram,
} from './ranks.rules.ts';

/** `n`: the labelled rows that it stands on. */
export type Figure = { value: number | null; low: number | null; high: number | null; n: number };

const METRICS_OF = {
  binary: [
    ...(['accuracy', 'precision', 'recall', 'specificity', 'f1', 'log-loss', 'brier'] as const),
    ...(['roc-auc', 'average-precision', 'calibration-error'] as const),
  ],
  regression: ['mae', 'rmse', 'bias', 'mape', 'r2'],
  other: ['accuracy'],
} as const satisfies Record<string, readonly PerformanceMetric[]>;

export const metricsOf = (task: keyof typeof METRICS_OF): readonly PerformanceMetric[] => METRICS_OF[task];

/** Whose sums are in cohort_detail. */
const DETAILED: ReadonlySet<PerformanceMetric> = new Set([
  ...(['roc-auc', 'average-precision', 'calibration-error'] as const),
  ...METRICS_OF.regression,
]);
export const detailOf = (metric: PerformanceMetric): DetailOf => (DETAILED.has(metric) ? 'labelled' : 'none');

export function figureOf(sums: CohortSums, metric: PerformanceMetric): Figure {
  const { judged, right, tp, fp, fn, tn, scored } = sums;
  switch (metric) {
    case 'accuracy': {
      const interval = wilson(right, judged);
      return figure(judged, interval && { value: right / judged, ...interval });
    }
    case 'precision':
    case 'recall':
    case 'specificity':
    case 'f1':
      return figure(tp + fp + fn + tn, binaryMetrics(sums)[metric]);
    case 'log-loss':
    case 'brier':
      return figure(scored, binaryMetrics(sums)[metric]);
    case 'roc-auc':
    case 'average-precision':
      return figure(scored, rankFigureOf(sums, metric));
    case 'calibration-error': {
      const value = calibrationError(calibrationOf(histogramOf(sums)));
      return { value, low: null, high: null, n: scored };
    }
    case 'mape':
      return figure(sums.errors.pctN, regressionMetrics(regressionSums(sums)).mape);
    default:
      return figure(sums.errors.n, regressionMetrics(regressionSums(sums))[metric]);
  }
}

const figure = (n: number, measured: Measured | null): Figure => ({
  ...(measured ?? { value: null, low: null, high: null }),
  n,
});

/** Labelled scores by class; not to be changed. */
export const histogramOf = ({
  positive,
  negative,
}: Pick<CohortSums, 'positive' | 'negative'>): ScoreHistogram =>
  positive.length === 0 ? emptyHistogram() : { positive: atLeast0(positive), negative: atLeast0(negative) };

const GOOD: Record<PerformanceMetric, Series['good']> = {
  accuracy: 'higher',
  precision: 'higher',
  recall: 'higher',
  specificity: 'higher',
  f1: 'higher',
  'log-loss': 'lower',
  brier: 'lower',
  'roc-auc': 'higher',
  'average-precision': 'higher',
  'calibration-error': 'lower',
  mae: 'lower',
  rmse: 'lower',
  bias: 'neither',
  mape: 'lower',
  r2: 'higher',
};
export const goodOf = (metric: PerformanceMetric): Series['good'] => GOOD[metric];

const SHARES: ReadonlySet<PerformanceMetric> = new Set([
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'mape',
]);
const VALUES: ReadonlySet<PerformanceMetric> = new Set(['mae', 'rmse', 'bias']);
export const unitOf = (metric: PerformanceMetric): Series['unit'] =>
  SHARES.has(metric) ? 'share' : VALUES.has(metric) ? 'value' : 'score';

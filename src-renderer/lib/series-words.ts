/** How measured things are called and written, wherever a series, a rule or an alert speaks of one. Pure. */
import type {
  DriftLevel,
  EstimatedMetric,
  PerformanceMetric,
  QualityMeasure,
  Series,
  SeriesRef,
  WindowSize,
} from '../../src-main/contract/monitoring-series.ts';
import { formatDate, formatDateTime, formatFixed, formatNumber, formatPercent } from './format.ts';

type Look = { title: string; unit: Series['unit']; good: Series['good']; help: string };

const share = (title: string, help: string): Look => ({ title, unit: 'share', good: 'higher', help });

export const METRICS: Readonly<Record<PerformanceMetric, Look>> = {
  accuracy: share('Accuracy', 'share of the labelled rows that were predicted right'),
  precision: share('Precision', 'share of those predicted positive that are'),
  recall: share('Recall', 'share of the positives that were found'),
  specificity: share('Specificity', 'share of the negatives that were left alone'),
  f1: share('F1', 'harmonic mean of precision and recall'),
  'log-loss': {
    title: 'Log loss',
    unit: 'score',
    good: 'lower',
    help: 'mean −ln of the score of what came true',
  },
  brier: {
    title: 'Brier score',
    unit: 'score',
    good: 'lower',
    help: 'mean squared distance of score and truth',
  },
  'roc-auc': {
    title: 'ROC AUC',
    unit: 'score',
    good: 'higher',
    help: 'chance that a positive scores above a negative',
  },
  'average-precision': {
    title: 'Average precision',
    unit: 'score',
    good: 'higher',
    help: 'precision over all thresholds, weighted by recall',
  },
  'calibration-error': {
    title: 'Calibration error',
    unit: 'score',
    good: 'lower',
    help: 'distance of score and share of positives, over tenths of the score',
  },
  mae: {
    title: 'Mean absolute error',
    unit: 'value',
    good: 'lower',
    help: 'mean distance of prediction and truth',
  },
  rmse: { title: 'RMSE', unit: 'value', good: 'lower', help: 'root of the mean squared error' },
  bias: { title: 'Bias', unit: 'value', good: 'neither', help: 'mean of prediction minus truth' },
  mape: { title: 'MAPE', unit: 'share', good: 'lower', help: 'mean error as a share of the truth' },
  r2: { title: 'R²', unit: 'score', good: 'higher', help: 'share of the variance that is explained' },
};

/** What can be estimated without labels. */
const ESTIMATED: readonly string[] = [
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'roc-auc',
  'average-precision',
] satisfies EstimatedMetric[];
export const isEstimated = (metric: PerformanceMetric): metric is EstimatedMetric =>
  ESTIMATED.includes(metric);

export const QUALITY: Readonly<Record<QualityMeasure, string>> = {
  missing: 'Missing values',
  'not-finite': 'Values that are no finite number',
  'wrong-type': 'Values of the wrong type',
  'out-of-range': 'Values out of the reference’s range',
  unseen: 'Categories the reference does not have',
};

export const DRIFT: Readonly<Record<string, string>> = {
  'lathe.psi.frozen@1': 'PSI',
  'lathe.js.frozen@1': 'Jensen–Shannon distance',
  'lathe.ks.frozen@1': 'KS distance',
  'lathe.chi2.frozen@1': 'Chi-square p',
};

/** `*` stands for any input in a rule; the score of a model is called $prediction. */
export const featureName = (feature: string): string =>
  feature === '*' ? 'any input' : feature === '$prediction' ? 'the prediction score' : feature;

/** "PSI of temp", "Accuracy", "Missing values of any input". */
export function seriesTitle(series: SeriesRef): string {
  switch (series.of) {
    case 'drift':
      return `${DRIFT[series.method] ?? series.method} of ${featureName(series.feature)}`;
    case 'drifted-share':
      return 'Share of inputs that drifted';
    case 'quality':
      return `${QUALITY[series.measure]} of ${featureName(series.feature)}`;
    case 'mean':
      return `Mean of ${featureName(series.feature)}`;
    case 'volume':
      return 'Rows served';
    case 'performance':
      return METRICS[series.metric].title;
    case 'estimated':
      return `${METRICS[series.metric].title}, estimated`;
    case 'business':
      return series.metric;
  }
}

/** How numbers of a series are read where only its name is at hand. */
export function unitOf(series: SeriesRef): Series['unit'] {
  switch (series.of) {
    case 'drift':
      return 'score';
    case 'drifted-share':
    case 'quality':
      return 'share';
    case 'volume':
      return 'count';
    case 'performance':
    case 'estimated':
      return METRICS[series.metric].unit;
    default:
      return 'value';
  }
}

/** A value as a person reads it: 81.3 %, 0.274, 12,345. */
export const valueText = (value: number | null | undefined, unit: Series['unit']): string =>
  (unit === 'share' ? formatPercent(value) : formatNumber(value, unit === 'score' ? 3 : 4)).replace(
    /^-/,
    '−',
  );

/** The same in a column: scores have their decimals below each other. */
export const columnText = (value: number | null | undefined, unit: Series['unit']): string =>
  unit === 'score' ? formatFixed(value, 3).replace(/^-/, '−') : valueText(value, unit);

/** The same with its sign, for differences; shares in points. */
export function differenceText(value: number | null, unit: Series['unit']): string {
  if (value === null) return valueText(null, unit);
  const size = Math.abs(value);
  const text =
    unit === 'share' ? `${formatFixed(size * 100, size < 0.001 ? 2 : 1)} points` : columnText(size, unit);
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** The unit as charts know it. */
export const chartUnit = (unit: Series['unit']): 'share' | 'count' | 'number' =>
  unit === 'share' || unit === 'count' ? unit : 'number';

export const WINDOW_WORD: Readonly<Record<WindowSize, string>> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
};

/** Which rows a point stands for: its window and those before it. */
export const SPAN_WORD: Readonly<Record<WindowSize, string>> = {
  minute: '60 minutes',
  hour: '24 hours',
  day: '7 days',
};

/** When a window begins, in UTC: days without a time of day. */
export const windowText = (ms: number | null, per: WindowSize): string =>
  per === 'day' ? formatDate(ms, true) : formatDateTime(ms, true);

/** How grave a drift is, as a word and a tone. */
export const LEVELS: Readonly<Record<DriftLevel, { word: string; tone: 'ok' | 'warn' | 'bad' | 'neutral' }>> =
  {
    stable: { word: 'stable', tone: 'ok' },
    moderate: { word: 'moderate', tone: 'warn' },
    large: { word: 'large', tone: 'bad' },
    'too-few': { word: 'too few rows', tone: 'neutral' },
  };

/** Of the catalogue in monitoring-methods.ts: quality with labels, and what is estimated without them. */
import type { EstimatedMetric, PerformanceMetric } from './monitoring-series.ts';

export type MethodExplanation = {
  title: string;
  /** As text, one line. */
  formula: string;
  /** Which rows, which bins. */
  over: string;
  /** From where on it warns, and why there. */
  threshold: string;
  limits: readonly string[];
  /** Paper, book or program. */
  source: string;
};

const LABELLED =
  'Rows predicted in the window that have a label, by the time of the prediction. A window counts as final once 80 % of its labels are in or it is older than nine tenths of the delays.';
const EARLY = 'Labels that come early are not like those that come late: a young window can mislead.';
const WILSON = 'Interval: Wilson 1927.';
const BY_RULE = 'None by itself; a rule can hold it against a number or against the reference.';
const SCORES =
  'Labelled rows of the window with a score, counted in 1,000 equal bins of it by class, so that windows add up.';

const labelled = (
  title: string,
  formula: string,
  source: string,
  limits: readonly string[] = [],
  over = LABELLED,
): MethodExplanation => ({ title, formula, over, threshold: BY_RULE, limits: [...limits, EARLY], source });

/** As testing-label-goldens.ts compares them. */
const EQUAL =
  'CBPE of NannyML 0.13.1, with its decision whether to calibrate. Estimate and thresholds are equal to it to 1e-9';
const GENUINE = 'conformance/monitoring checks it against the genuine package.';

const estimated = (title: string, formula: string, band = 'and so is the band'): MethodExplanation => ({
  title: `${title}, estimated`,
  formula: `${formula}; p = calibrated score`,
  over: 'All rows of the window with a score, labelled or not. Calibration by isotonic regression on labelled rows, where it brings held-out scores nearer to the truth.',
  threshold:
    'Mean ± 3 standard deviations of the realised figure over the reference’s chunks. The band is ± 3 standard errors of sampling.',
  limits: [
    'It holds only while the scores stay calibrated: it cannot see that the relation of inputs to labels has changed.',
    'It knows nothing of regions of the inputs that the reference does not have.',
    'A model that decides at 0.5 can never be estimated below an accuracy of one half.',
  ],
  source: `${EQUAL}, ${band}; ${GENUINE}`,
});

export const MONITORING_PERFORMANCE: Readonly<
  Record<`performance.${PerformanceMetric}` | `estimated.${EstimatedMetric}`, MethodExplanation>
> = {
  'performance.accuracy': labelled('Accuracy', '(TP + TN) / n', WILSON, [
    'With a rare class, saying "no" to all is accurate too.',
  ]),
  'performance.precision': labelled('Precision', 'TP / (TP + FP)', WILSON),
  'performance.recall': labelled('Recall', 'TP / (TP + FN)', WILSON),
  'performance.specificity': labelled('Specificity', 'TN / (TN + FP)', WILSON),
  'performance.f1': labelled(
    'F1',
    '2 TP / (2 TP + FP + FN)',
    'Interval: Wilson’s of TP / (TP + FP + FN), which F1 grows with (Hand, Christen & Kirielle 2021).',
  ),
  'performance.log-loss': labelled(
    'Log loss',
    'mean of −ln p(truth), p kept in 1e-7 to 1 − 1e-7',
    'Interval: normal, of a mean.',
    ['A few sure mistakes decide it.'],
  ),
  'performance.brier': labelled(
    'Brier score',
    'mean of (score − truth)²',
    'Brier 1950. Interval: normal, of a mean.',
  ),
  'performance.roc-auc': labelled(
    'ROC AUC',
    'share of pairs of a positive and a negative row that the score orders rightly, ties half',
    'Mann & Whitney 1947. Interval: DeLong, DeLong & Clarke-Pearson 1988.',
    ['Rows of one bin count as tied: off by at most half the share of pairs in one bin.'],
    SCORES,
  ),
  'performance.average-precision': labelled(
    'Average precision',
    'Σ (Rₖ − Rₖ₋₁) · Pₖ along falling scores',
    'As scikit-learn’s average_precision_score. Interval: Boyd, Eng & Page 2013, on the logit scale.',
    ['It hangs on how many rows are positive: two windows with other shares are not on one scale.'],
    SCORES,
  ),
  'performance.calibration-error': labelled(
    'Calibration error',
    'Σ (nₖ / n) · |share of positives − mean score| over tenths of the score',
    'Naeini, Cooper & Hauskrecht 2015.',
    ['Chance alone makes it larger than 0, the more so with few rows.'],
    SCORES,
  ),
  'performance.mae': labelled(
    'Mean absolute error',
    'mean of |prediction − truth|',
    'Interval: normal, of a mean.',
  ),
  'performance.rmse': labelled(
    'Root mean squared error',
    '√ mean of (prediction − truth)²',
    'Interval: normal, of the mean square, by the delta method.',
    ['A few large errors decide it.'],
  ),
  'performance.bias': labelled('Bias', 'mean of (prediction − truth)', 'Interval: normal, of a mean.'),
  'performance.mape': labelled(
    'Mean absolute percentage error',
    'mean of |(prediction − truth) / truth|, rows with truth 0 left out',
    'Interval: normal, of a mean.',
    ['Truths near 0 decide it.'],
  ),
  'performance.r2': labelled('R²', '1 − Σ (prediction − truth)² / Σ (truth − its mean)²', 'No interval.', [
    'A window in which the truth hardly changes has a low one, however good the model.',
  ]),
  'estimated.accuracy': estimated('Accuracy', '(Σ p of predicted positives + Σ (1 − p) of the others) / n'),
  'estimated.precision': estimated('Precision', 'mean p of predicted positives'),
  'estimated.recall': estimated('Recall', 'Σ p of predicted positives / Σ p'),
  'estimated.specificity': estimated('Specificity', 'Σ (1 − p) of predicted negatives / Σ (1 − p)'),
  'estimated.f1': estimated(
    'F1',
    'TP / (TP + ½ (FP + FN)) with TP = Σ p, FP = Σ (1 − p) of predicted positives, FN = Σ p of the others',
  ),
  'estimated.roc-auc': estimated(
    'ROC AUC',
    'area under the curve of Σ p against Σ (1 − p) along falling scores',
    'and so is the band where no scores are equal and no row of the rarer class is ordered worse than all others; else its width is within 5 % of theirs, which takes equal scores in the machine’s order and leaves that row out',
  ),
  'estimated.average-precision': estimated(
    'Average precision',
    'Σ Δrecall · precision along falling scores, with counts as Σ p',
    'but the band is only between half and twice as wide as theirs, which is resampled without a seed and differs from itself by a tenth from run to run',
  ),
};

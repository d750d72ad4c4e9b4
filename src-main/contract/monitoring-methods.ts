/**
 * "Explain this number": what every method of monitoring computes, over what, when it warns and why there, what it cannot tell, and
 * where it comes from. Read by the screens, by reports and by docs/monitoring-methods.md, which is made from it.
 */
import type { ExactMethod } from './drift-reports.ts';
import { type MethodExplanation, MONITORING_PERFORMANCE } from './monitoring-methods-performance.ts';
import type {
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  QualityMeasure,
  SeriesRef,
} from './monitoring-series.ts';

export type { MethodExplanation };

export type MethodId =
  | FrozenMethod
  | ExactMethod
  | `performance.${PerformanceMetric}`
  | `estimated.${EstimatedMetric}`
  | `quality.${QualityMeasure}`
  | 'mean'
  | 'volume'
  | 'drifted-share'
  | 'dataset-drift'
  | 'ranking'
  | 'positive-rate'
  | 'business'
  | 'correlation';

/** What explains a series' values. */
export function methodOfSeries(series: SeriesRef): MethodId {
  switch (series.of) {
    case 'drift':
      return series.method;
    case 'quality':
      return `quality.${series.measure}`;
    case 'performance':
      return `performance.${series.metric}`;
    case 'estimated':
      return `estimated.${series.metric}`;
    default:
      return series.of;
  }
}

const FROZEN_BINS =
  'The reference’s grid, merged to at most ten bins of about a tenth of the reference each, and bins below, above, for values that are missing or unreadable, and for unseen categories; rows of the span that ends with the window. The bins depend on the reference alone, so that all windows are on one scale.';
const EXACT_BINS =
  'Raw rows without missing and infinite values. Numbers with more than 20 distinct values in the reference: equal bins between the least and the largest value of both sides, as many as Sturges’ rule gives for all rows; else one bin for each value.';
const EXACT_MOVES =
  'The bins move with the current rows: scores of two reports are not on one scale, and one outlier can put nearly all rows in one bin.';
const EXACT_SMALL =
  'Only the size of the reference decides the method: with few current rows, chance alone exceeds the threshold.';
const P_LARGE =
  'With many rows it is small for differences that do not matter; look at the effect beside it.';
const EVIDENTLY =
  'Evidently 0.7.21; equal to it to 1e-9, which conformance/monitoring checks against the genuine package.';

export const MONITORING_METHODS: Readonly<Record<MethodId, MethodExplanation>> = {
  'lathe.psi.frozen@1': {
    title: 'Population stability index',
    formula:
      'PSI = Σ (r − c) · ln(r / c); r, c = shares of reference and window per bin, each at least 0.0001',
    over: FROZEN_BINS,
    threshold:
      'Moderate from 0.1, large from 0.25: the convention of credit scoring, not a theory. No level below the row count at which chance alone would reach 0.1 about one time in twenty. The shaded band “within chance” ends where chance alone stays 95 times of 100: (1/n_reference + 1/n) · χ²(0.95, filled bins − 1).',
    limits: [
      'The band takes rows for independent: of rows that hang together, chance reaches further.',
      'It sees shifts between bins, not within one.',
      'It says how much a feature moved, not whether the model minds.',
    ],
    source: 'Siddiqi 2006, Credit Risk Scorecards.',
  },
  'lathe.js.frozen@1': {
    title: 'Jensen–Shannon distance',
    formula: 'JS = √(½ Σ r · log₂(r / m) + ½ Σ c · log₂(c / m)), m = (r + c) / 2; from 0 to 1',
    over: FROZEN_BINS,
    threshold:
      'Moderate from 0.1, large from 0.2, with a least number of rows as for the stability index. The band “within chance” is that of the stability index, √(PSI / (8 ln 2)).',
    limits: ['Base 2: the score of the same name in reports has natural logarithms and ends at 0.83.'],
    source: 'Endres & Schindelin 2003, A new metric for probability distributions.',
  },
  'lathe.ks.frozen@1': {
    title: 'Kolmogorov–Smirnov distance',
    formula:
      'D = max |F(x) − G(x)| at the edges of the grid; F, G = distribution functions of reference and window',
    over: 'All cells of the reference’s grid (at most 256), of numbers that are there; rows of the span that ends with the window.',
    threshold:
      'Moderate from 0.1, large from 0.2. It is a distance, not a p value, so that it does not grow with the number of rows. The band “within chance” ends at 1.358 · √(1/n_reference + 1/n).',
    limits: ['The true distance is larger by at most the share of the largest cell, usually 0.4 %.'],
    source: 'Smirnov 1948; the bound follows from both functions rising within a cell.',
  },
  'lathe.chi2.frozen@1': {
    title: 'Chi-square test',
    formula:
      'χ² = Σ (O − E)² / E over the table of both sides by bin; p = P(χ² with bins − 1 degrees of freedom ≥ χ²)',
    over: FROZEN_BINS,
    threshold: 'Moderate below p 0.05, large below 0.001: how often chance alone would differ so much.',
    limits: [
      P_LARGE,
      'Rows of one window that hang together, such as many of one customer, make p too small.',
    ],
    source: 'Pearson 1900.',
  },
  'evidently.ks@0.7': {
    title: 'Kolmogorov–Smirnov test',
    formula:
      'p = P(D ≥ observed) when both sides are of one distribution, D = max |F(x) − G(x)|; exact up to 10,000 rows a side, else with round(nm / (n + m)) rows as for one sample',
    over: 'Raw rows of numbers, without missing and infinite ones. The default for up to 1,000 reference rows with more than 5 distinct values.',
    threshold: 'Drift when p ≤ 0.05: Evidently’s default.',
    limits: [P_LARGE, 'Many ties make p too large: the test stays on the safe side.'],
    source: `SciPy’s ks_2samp: Hodges 1958; Simard & L’Ecuyer 2011. ${EVIDENTLY}`,
  },
  'evidently.chisquare@0.7': {
    title: 'Chi-square test',
    formula:
      'χ² = Σ (O − E)² / E, O = current counts, E = reference counts · n_current / n_reference; p with values − 1 degrees of freedom',
    over: 'One bin for each value of either side. The default for up to 1,000 reference rows with more than two categories, or three to five distinct numbers.',
    threshold: 'Drift when p < 0.05: Evidently’s default.',
    limits: [
      'One row with a category that the reference never had makes p 0.',
      'The reference counts as exact, which makes p too small when it is not much larger than the current side.',
      'Categories with fewer than five expected rows make p unreliable.',
    ],
    source: `Pearson 1900. ${EVIDENTLY}`,
  },
  'evidently.z@0.7': {
    title: 'Z test of two shares',
    formula:
      'z = (p₁ − p₂) / √(P (1 − P) (1/n₁ + 1/n₂)), p₁, p₂ = shares without the first value, P = pooled; p = 2 (1 − Φ(|z|))',
    over: 'Columns with at most two distinct values. The default for them up to 1,000 reference rows.',
    threshold: 'Drift when p < 0.05: Evidently’s default.',
    limits: [P_LARGE, 'With fewer than about ten rows of either value the normal approximation is poor.'],
    source: EVIDENTLY,
  },
  'evidently.wasserstein@0.7': {
    title: 'Wasserstein distance, normed',
    formula: 'W = ∫ |F(x) − G(x)| dx / max(σ, 0.001), σ = standard deviation of the reference',
    over: 'Raw rows of numbers, without missing and infinite ones. The default above 1,000 reference rows with more than 5 distinct values.',
    threshold: 'Drift from 0.1, a tenth of a standard deviation: Evidently’s default.',
    limits: [EXACT_SMALL, 'A few far outliers in the reference make σ large and the score small.'],
    source: `SciPy’s wasserstein_distance. ${EVIDENTLY}`,
  },
  'evidently.jensenshannon@0.7': {
    title: 'Jensen–Shannon distance',
    formula: 'JS = √(½ Σ p · ln(p / m) + ½ Σ q · ln(q / m)), m = (p + q) / 2; from 0 to √ln 2 = 0.83',
    over: `${EXACT_BINS} The default above 1,000 reference rows for categories and up to five distinct numbers.`,
    threshold: 'Drift from 0.1: Evidently’s default.',
    limits: [
      EXACT_MOVES,
      EXACT_SMALL,
      'Natural logarithms: NannyML’s score of the same name is 1.2 times as large.',
    ],
    source: `Endres & Schindelin 2003. ${EVIDENTLY}`,
  },
  'evidently.psi@0.7': {
    title: 'Population stability index',
    formula:
      'PSI = Σ (r − c) · ln(r / c); empty bins count as 0.0001, or a millionth of the side’s smallest share where that is 0.0001 or less',
    over: EXACT_BINS,
    threshold: 'Drift from 0.1: Evidently’s default.',
    limits: [
      EXACT_MOVES,
      EXACT_SMALL,
      'With at most 20 distinct values in the reference and any number in the current rows, it explodes.',
    ],
    source: EVIDENTLY,
  },
  'evidently.kl_div@0.7': {
    title: 'Kullback–Leibler divergence',
    formula:
      'KL = Σ p · ln(p / q), p = reference, q = current; empty bins are filled as for the stability index, then both are normalised',
    over: EXACT_BINS,
    threshold: 'Drift from 0.1: Evidently’s default.',
    limits: [EXACT_MOVES, EXACT_SMALL, 'It is another number with the sides exchanged.'],
    source: `Kullback & Leibler 1951. ${EVIDENTLY}`,
  },
  'quality.missing': {
    ...share(
      'Missing values',
      'rows without a value of the feature, and those with NaN or an infinity where the reference has missing values',
    ),
    limits: [
      'A reference counts NaN and infinities as missing, as a tensor of floats has no other way to say that there is no value. One with nothing missing expects neither, and they count as not finite alone.',
    ],
  },
  'quality.not-finite': {
    ...share('Values that are not finite', 'rows with NaN or an infinity'),
    threshold:
      'A finding from 0.1 % on, critical from 5 %. Where the reference has missing values, only what exceeds its share of them counts, by a tenth of that share or 2 points, and by more than chance.',
    limits: ['A reference does not tell NaN from a missing value: its share of both is compared with.'],
  },
  'quality.wrong-type': share(
    'Values of a wrong type',
    'rows whose value cannot be read as what the model takes',
  ),
  'quality.out-of-range': {
    ...share('Values out of range', 'rows below the least or above the largest value of the reference'),
    limits: ['A reference of few rows has a narrow range: some new values beyond it are to be expected.'],
  },
  'quality.unseen': share('Categories never seen', 'rows with a category that the reference does not have'),
  mean: {
    title: 'Mean',
    formula: 'Σ x / n',
    over: 'Numbers of the window that are there and finite.',
    threshold: 'None by itself; a rule can hold it against the reference.',
    limits: ['One far outlier can move it.'],
    source: 'Sums kept with the counts.',
  },
  volume: {
    title: 'Rows served',
    formula: 'n',
    over: 'All rows of the window, those above the logging rate too.',
    threshold: 'None by itself.',
    limits: [],
    source: 'Counted where they are served.',
  },
  'drifted-share': {
    title: 'Share of drifted inputs',
    formula: 'inputs with a moderate or large stability index / inputs with enough rows for a level',
    over: 'The watched inputs of the version, each by its default score over the span that ends with the window.',
    threshold: 'A rule sets it; Evidently’s convention for a dataset is one half.',
    limits: ['All inputs count alike, whether the model leans on them or not.'],
    source: 'The counts on the reference’s grid.',
  },
  'dataset-drift': {
    title: 'Dataset drift',
    formula: 'drifted columns / columns with a score ≥ the share that is set',
    over: 'The columns of a report.',
    threshold: 'One half by default: Evidently’s default.',
    limits: ['With many columns and tests at 5 %, some drift by chance.'],
    source: EVIDENTLY,
  },
  ranking: {
    title: 'Relation of a feature’s drift to quality',
    formula:
      'r = Pearson’s correlation between the drift score and |quality − its reference| by window; 95 % interval by Fisher’s z; p by Student’s t',
    over: 'Windows that have both; at least 8.',
    threshold: 'None. Highest r first; one whose interval holds 0 may be chance.',
    limits: [
      'A relation is no cause.',
      'Windows follow each other: with trends in both, the interval is too narrow.',
      'Among many features some have a high r by chance.',
    ],
    source: 'As NannyML 0.13.1’s correlation ranking; Fisher 1921.',
  },
  'positive-rate': {
    title: 'Positive rate',
    formula: '(TP + FN) / n',
    over: 'Labelled rows of the arm so far that the model judged; of binary models.',
    threshold: 'None by itself.',
    limits: [
      'It is of the truth, not of what was predicted.',
      'Arms differ in it by chance; where they differ much, their accuracies are of different traffic.',
    ],
    source: 'Counted as labels come.',
  },
  business: {
    title: 'Business metric',
    formula:
      'mean, sum or last of the values of a window, as the metric is defined; of a mean: ± 1.96 · s / √n',
    over: 'Values that were pushed or imported, by the time they are about; n counts values, not rows.',
    threshold: 'None by itself; a rule can hold it against a number or against an earlier window.',
    limits: [
      'What it means is its owner’s: Lathe does not check the figures.',
      'Values come late: a young window can lack some.',
      'A sum has no interval, and grows with the number of values.',
    ],
    source: 'The values as they were pushed; docs/business-metrics.md.',
  },
  correlation: {
    title: 'Lagged correlation with a business metric',
    formula:
      'r(k) = Σ x(t) · y(t + k) / √(Σ x² · Σ y²), after both were filtered by the autoregression that fits the model’s series best',
    over: 'Windows that both have; lags up to a quarter of them.',
    threshold:
      'p below 0.05 for the strongest lag, corrected for all lags that were tried (Šidák); the interval at each lag is r ± 1.96 / √(n − |k|).',
    limits: [
      'It predicts at best; it is no proof of a cause.',
      'Below 30 windows only very strong relations stand out.',
      'Two trends always correlate, and little of that can be filtered out.',
    ],
    source:
      'Box, Jenkins, Reinsel & Ljung 2016, §12.2; order by Akaike’s criterion, as statsmodels’ ar_select_order.',
  },
  ...MONITORING_PERFORMANCE,
};

function share(title: string, of: string): MethodExplanation {
  return {
    title,
    formula: `${of} / all rows`,
    over: 'Rows of the span that ends with the window, those above the logging rate too.',
    threshold: 'None by itself; the reference’s own share stands beside it.',
    limits: [],
    source: 'Counted on the reference’s grid.',
  };
}

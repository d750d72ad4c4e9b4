/**
 * How a model's series and a business metric move together, by lag. Two series that each follow their own past correlate by
 * chance far more often than independent rows do; so the model's series is first made white by the autoregression that
 * fits it best (AIC), and the metric is filtered by the same (Box, Jenkins, Reinsel & Ljung 2016, §12.2). Then
 * r at lag k = Σ x(t) y(t + k) / √(Σ x² Σ y²) has about the standard error 1 / √(n − |k|). The largest of them is judged as the largest of all lags
 * (Šidák 1967).
 */
import type { LaggedCorrelation } from '../../../contract/business-metrics.ts';
import { NORMAL_975, normalTwoSided } from '../../statistics/gamma.ts';
import { autoregression, filtered } from './autoregression.rules.ts';

/** Series need so many windows in common for a correlation at all, and so many for one that can be trusted. */
const LEAST_WINDOWS = 12;
const GOOD_WINDOWS = 30;
/** A correlation with time itself that is called a trend. */
const TREND = 0.7;
const ALPHA = 0.05;

const NO_CAUSE =
  'A correlation is no proof of a cause: both can follow something else, such as the season or a campaign.';

/** One value per window, at equal distances, null where there is none; both lists have the same windows. */
export function laggedCorrelation(
  model: readonly (number | null)[],
  metric: readonly (number | null)[],
  maxLag: number,
): Omit<LaggedCorrelation, 'per'> {
  const both = model.map((value, at) => value !== null && (metric[at] ?? null) !== null);
  const first = both.indexOf(true);
  const last = both.lastIndexOf(true);
  const n = both.filter(Boolean).length;
  const none = (warning: string) => ({
    n,
    lags: [],
    best: null,
    prewhitening: 0,
    warnings: [warning, NO_CAUSE],
  });
  if (n < LEAST_WINDOWS)
    return none(`Only ${n} windows have both; at least ${LEAST_WINDOWS} are needed to tell anything.`);
  const xs = listOf(model.slice(first, last + 1));
  const ys = listOf(metric.slice(first, last + 1));
  const constant = isConstant(xs) ? 'The model’s series' : isConstant(ys) ? 'The business metric' : null;
  if (constant !== null) return none(`${constant} never changes, so that nothing can go with it.`);

  const fitted = autoregression(xs);
  const x = centred(filtered(xs, fitted));
  const y = centred(filtered(ys, fitted));
  const paired = x.filter((value, at) => !Number.isNaN(value + (y[at] as number))).length;
  const furthest = Math.min(maxLag, Math.floor(paired / 4));
  const lags = Array.from({ length: 2 * furthest + 1 }, (_, at) =>
    lagged(x, y, at - furthest, paired),
  ).filter((found) => found !== null);
  const best = strongest(lags, paired);
  return {
    n,
    lags,
    best,
    prewhitening: fitted.order,
    warnings: [
      ...warningsOf({ n, furthest, maxLag, gaps: xs.length - n, best }),
      ...trendWarning(xs, ys),
      NO_CAUSE,
    ],
  };
}

type Lag = LaggedCorrelation['lags'][number];

/** NaN is a window without a value. */
const listOf = (values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => value ?? Number.NaN);

function lagged(x: Float64Array, y: Float64Array, lag: number, n: number): Lag | null {
  let [xy, xx, yy] = [0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    const one = x[at] as number;
    const own = y[at] as number;
    const two = at + lag >= 0 && at + lag < y.length ? (y[at + lag] as number) : Number.NaN;
    if (!Number.isNaN(one)) xx += one * one;
    if (!Number.isNaN(own)) yy += own * own;
    if (!Number.isNaN(one * two)) xy += one * two;
  }
  if (xx === 0 || yy === 0) return null;
  const r = Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
  const half = NORMAL_975 / Math.sqrt(n - Math.abs(lag));
  return { lag, r, low: Math.max(-1, r - half), high: Math.min(1, r + half) };
}

/** The p value is that of the largest |r| of as many lags. */
function strongest(lags: readonly Lag[], n: number): LaggedCorrelation['best'] {
  let best: { lag: number; r: number; p: number } | null = null;
  for (const { lag, r } of lags) {
    const p = normalTwoSided(r * Math.sqrt(n - Math.abs(lag)));
    if (best === null || p < best.p) best = { lag, r, p };
  }
  if (best === null) return null;
  const corrected = -Math.expm1(lags.length * Math.log1p(-best.p));
  return { ...best, p: Math.min(1, corrected) };
}

function warningsOf(found: {
  n: number;
  furthest: number;
  maxLag: number;
  gaps: number;
  best: LaggedCorrelation['best'];
}): string[] {
  const { n, furthest, maxLag, gaps, best } = found;
  const warnings: string[] = [];
  if (n < GOOD_WINDOWS)
    warnings.push(
      `${n} windows are few: below ${GOOD_WINDOWS}, only a very strong relation can be told from chance.`,
    );
  if (furthest < maxLag)
    warnings.push(`Lags beyond ${furthest} windows are left out: too few windows are left for them.`);
  if (gaps > 0)
    warnings.push(
      `${gaps} windows in between lack one of the two; they are left out, which weakens the result.`,
    );
  if (best && best.p >= ALPHA)
    warnings.push(
      'No lag stands out: a correlation as strong as the best one often comes by chance among so many lags.',
    );
  else if (best && furthest > 0 && Math.abs(best.lag) === furthest)
    warnings.push('The best lag is the furthest one that was tried; the true one may lie beyond.');
  if (best && best.p < ALPHA && best.lag < 0)
    warnings.push('The business metric moves first, and the model’s series follows.');
  return warnings;
}

function trendWarning(xs: Float64Array, ys: Float64Array): string[] {
  const [one, two] = [trendOf(xs), trendOf(ys)];
  if (Math.abs(one) < TREND || Math.abs(two) < TREND) return [];
  return [
    'Both have a trend over the whole time. Two trends always correlate, and little of that can be filtered out.',
  ];
}

/** Correlation with the number of the window. */
function trendOf(values: Float64Array): number {
  const times = centred(values.map((value, at) => (Number.isNaN(value) ? value : at)));
  return lagged(times, centred(values), 0, values.length)?.r ?? 0;
}

const known = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value));

function centred(values: Float64Array): Float64Array {
  const present = known(values);
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  return values.map((value) => value - mean);
}

function isConstant(values: Float64Array): boolean {
  const present = known(values);
  return present.every((value) => value === present[0]);
}

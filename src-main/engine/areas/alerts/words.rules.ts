/** Rules and what they found, in words. Pure. */

import type { AlertCondition, AlertRuleInput } from '../../../contract/alerts.ts';
import { burnTitle } from '../../../contract/alerts.ts';
import type { Series, SeriesRef, WindowSize } from '../../../contract/monitoring-series.ts';
import { PREDICTION_FEATURE } from '../monitoring/index.ts';
import { exitOf, LEAST_ROWS, LEAST_SHARE } from './judge.rules.ts';

type Unit = Series['unit'];

const METHODS = {
  'lathe.psi.frozen@1': 'PSI',
  'lathe.js.frozen@1': 'Jensen–Shannon distance',
  'lathe.ks.frozen@1': 'KS distance',
  'lathe.chi2.frozen@1': 'chi-square score',
} as const;
const QUALITY = {
  missing: 'missing values',
  'not-finite': 'values that are NaN or infinite',
  'wrong-type': 'values of a wrong type',
  'out-of-range': 'values out of range',
  unseen: 'categories never seen',
} as const;
const METRICS = {
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  specificity: 'specificity',
  f1: 'F1',
  'log-loss': 'log loss',
  brier: 'Brier score',
  'roc-auc': 'ROC AUC',
  'average-precision': 'average precision',
  'calibration-error': 'calibration error',
  mae: 'mean absolute error',
  rmse: 'RMSE',
  bias: 'bias',
  mape: 'MAPE',
  r2: 'R²',
} as const;
const SHARES: readonly string[] = ['accuracy', 'precision', 'recall', 'specificity', 'f1', 'mape'];

/** As a sentence names it: “PSI of carrier”. */
export function measureName(series: SeriesRef): string {
  switch (series.of) {
    case 'drift':
      return `${METHODS[series.method]} of ${featureName(series.feature)}`;
    case 'drifted-share':
      return 'share of inputs that drifted';
    case 'quality':
      return `share of ${QUALITY[series.measure]} in ${featureName(series.feature)}`;
    case 'mean':
      return `mean of ${featureName(series.feature)}`;
    case 'volume':
      return 'number of rows';
    case 'performance':
      return METRICS[series.metric];
    case 'estimated':
      return `estimated ${METRICS[series.metric]}`;
    case 'business':
      return series.metric;
  }
}

export const featureName = (feature: string): string =>
  feature === '*' ? 'any input' : feature === PREDICTION_FEATURE ? 'the prediction' : feature;

/** What a series' numbers are, where no series is at hand. */
export function unitOf(series: SeriesRef): Unit {
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
      return SHARES.includes(series.metric) ? 'share' : 'score';
    default:
      return 'value';
  }
}

export function numberText(value: number, unit: Unit): string {
  if (unit === 'share') return `${trimmed(100 * value, 2)} %`;
  if (unit === 'count') return Math.round(value).toLocaleString('en-US');
  return unit === 'score' ? trimmed(value, 3) : trimmed(value, Math.abs(value) >= 1_000 ? 0 : 4);
}

/** At most so many digits after the point, and no zeros at the end. */
const trimmed = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits });

const timesText = (value: number): string => `${trimmed(value, 2)} times`;

export const windowsText = (count: number, per: WindowSize): string =>
  count === 1 ? `one ${per}` : `${count} ${per}s running`;

/** The condition after the measure: “above 0.25”, “5 points below the reference”. */
function conditionText(condition: AlertCondition, unit: Unit): string {
  if (condition.kind === 'threshold') return `${condition.direction} ${numberText(condition.value, unit)}`;
  if (condition.kind === 'burn-rate') {
    const { objective, rate, longWindows, shortWindows } = condition;
    return `burning more than ${timesText(rate)} what an objective of ${trimmed(100 * objective, 3)} % allows, over ${longWindows} and over ${shortWindows} windows`;
  }
  const { from, direction, by, relative } = condition;
  const base = { reference: 'the reference', previous: 'the time before', 'week-before': 'the week before' }[
    from
  ];
  const way = { up: 'above', down: 'below', either: 'away from' }[direction];
  const much = relative
    ? `${trimmed(100 * by, 1)} %`
    : unit === 'share'
      ? `${trimmed(100 * by, 2)} points`
      : numberText(by, unit);
  const share = ` (a share below ${trimmed(100 * LEAST_SHARE, 0)} % counts as that)`;
  const rows = ` (fewer than ${LEAST_ROWS} count as that many)`;
  const least = !relative ? '' : unit === 'share' ? share : unit === 'count' ? rows : '';
  return `more than ${much} ${way} ${base}${least}`;
}

/** “PSI of any input above 0.25 for 2 days running”. `slice` is its name. */
export function ruleText(rule: AlertRuleInput, slice: string | null): string {
  const unit = unitOf(rule.series);
  const parts = [
    `${capital(measureName(rule.series))} ${conditionText(rule.condition, unit)}`,
    rule.forWindows === 1 ? `in one ${rule.per}` : `for ${windowsText(rule.forWindows, rule.per)}`,
    ...(rule.arm === null ? [] : [`in arm ${rule.arm}`]),
    ...(slice === null ? [] : [`in the slice ${slice}`]),
  ];
  const after = [
    ...(rule.condition.kind === 'threshold' && rule.condition.exit !== null
      ? [`over again at ${numberText(exitOf(rule.condition), unit)}`]
      : []),
    ...(rule.keepWindows > 1 ? [`ends after ${windowsText(rule.keepWindows, rule.per)} without it`] : []),
    ...(rule.minN > 0 ? [`of at least ${numberText(rule.minN, 'count')} rows`] : []),
  ];
  return `${parts.join(' ')}${after.length > 0 ? `; ${after.join('; ')}` : ''}`;
}

/** `overMs`: the window that ended it, where it was over before it was seen. */
export type Found = { value: number; limit: number; n: number; windowMs: number; overMs: number | null };

/** “PSI of carrier is 0.41 on flight-delay”; “was” where it is over already. `slice` is its name. */
export function alertTitle(
  rule: AlertRuleInput,
  series: SeriesRef,
  found: Found,
  { unit, slice }: { unit: Unit; slice: string | null },
): string {
  const past = found.overMs !== null;
  const measure = `${capital(measureName(series))}${slice === null ? '' : ` of ${slice}`}`;
  if (rule.condition.kind === 'burn-rate')
    return burnTitle(measure, past, timesText(found.value), rule.endpoint);
  return `${measure} ${past ? 'was' : 'is'} ${numberText(found.value, unit)} on ${rule.endpoint}`;
}

export function alertText(
  rule: AlertRuleInput,
  found: Found,
  facts: { unit: Unit; reference: number | null; slice: string | null },
): string {
  const { unit, reference, slice } = facts;
  const { condition } = rule;
  const burn = condition.kind === 'burn-rate';
  const limit = burn ? timesText(found.limit) : numberText(found.limit, unit);
  const held = rule.forWindows === 1 ? '' : ` for ${windowsText(rule.forWindows, rule.per)}`;
  const where = [
    ...(rule.arm === null ? [] : [`arm ${rule.arm}`]),
    ...(slice === null ? [] : [`slice ${slice}`]),
  ];
  const place = where.length === 0 ? '' : ` (${where.join(', ')})`;
  const first = `The limit is ${limit}; it was passed${held}, up to the ${rule.per} of ${windowTime(found.windowMs, rule.per)}, on ${numberText(found.n, 'count')} rows${place}.`;
  // Of drift the reference is what it is measured from.
  const plain =
    reference === null || burn || rule.series.of === 'drift' || rule.series.of === 'drifted-share';
  const over =
    found.overMs === null
      ? []
      : [`It was over with the ${rule.per} of ${windowTime(found.overMs, rule.per)}, before it was seen.`];
  const beside = plain ? [] : [`On the reference it is ${numberText(reference, unit)}.`];
  return [first, ...over, ...beside].join(' ');
}

/** UTC, as fine as the window. */
export function windowTime(windowMs: number, per: WindowSize): string {
  const text = new Date(windowMs).toISOString();
  return per === 'day' ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

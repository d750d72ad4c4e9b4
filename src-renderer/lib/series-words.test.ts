import { describe, expect, test } from 'vitest';
import { PerformanceMetric, type SeriesRef } from '../../src-main/contract/monitoring-series.ts';
import {
  columnText,
  differenceText,
  isEstimated,
  METRICS,
  seriesTitle,
  unitOf,
  valueText,
  windowText,
} from './series-words.ts';

describe('series in words', () => {
  test.each<[SeriesRef, string, string]>([
    [{ of: 'drift', feature: 'temp', method: 'lathe.psi.frozen@1' }, 'PSI of temp', 'score'],
    [{ of: 'drift', feature: '*', method: 'lathe.ks.frozen@1' }, 'KS distance of any input', 'score'],
    [
      { of: 'drift', feature: '$prediction', method: 'lathe.js.frozen@1' },
      'Jensen–Shannon distance of the prediction score',
      'score',
    ],
    [{ of: 'drifted-share' }, 'Share of inputs that drifted', 'share'],
    [{ of: 'quality', feature: 'wind', measure: 'missing' }, 'Missing values of wind', 'share'],
    [{ of: 'mean', feature: 'wind' }, 'Mean of wind', 'value'],
    [{ of: 'volume' }, 'Rows served', 'count'],
    [{ of: 'performance', metric: 'log-loss' }, 'Log loss', 'score'],
    [{ of: 'estimated', metric: 'accuracy' }, 'Accuracy, estimated', 'share'],
    [{ of: 'business', metric: 'bookings' }, 'bookings', 'value'],
  ])('%o is called %s', (series, title, unit) => {
    expect(seriesTitle(series)).toBe(title);
    expect(unitOf(series)).toBe(unit);
  });

  test('every metric of the contract has words', () => {
    for (const metric of PerformanceMetric.options) expect(METRICS[metric].title).not.toBe('');
    expect(PerformanceMetric.options.filter(isEstimated)).toHaveLength(7);
  });

  test('shares are read in per cent and differ in points', () => {
    expect(valueText(0.8131, 'share')).toBe('81.3\u00a0%');
    expect(valueText(-0.25, 'score')).toBe('−0.25');
    expect(valueText(null, 'share')).toBe('–');
    expect(differenceText(-0.042, 'share')).toBe('−4.2 points');
    expect(differenceText(0.02, 'share')).toBe('+2.0 points');
    expect(columnText(0.6, 'score')).toBe('0.600');
    expect(differenceText(0.5, 'value')).toBe('+0.5');
    expect(differenceText(null, 'value')).toBe('–');
  });

  test('a day is written without a time of day, an hour with it', () => {
    const at = Date.UTC(2013, 2, 15, 7);
    expect(windowText(at, 'day')).toBe('15 Mar 2013');
    expect(windowText(at, 'hour')).toBe('15 Mar 2013, 07:00');
    expect(windowText(null, 'day')).toBe('–');
  });
});

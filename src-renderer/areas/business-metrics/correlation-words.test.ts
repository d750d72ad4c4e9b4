import { expect, test } from 'vitest';
import type { LaggedCorrelation } from '../../../src-main/contract/business-metrics.ts';
import type { SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import { bestText, keyOfSeries, lagText, seriesFromKey } from './correlation-words.ts';

test.each<SeriesRef>([
  { of: 'performance', metric: 'log-loss' },
  { of: 'drift', feature: 'dep: hour', method: 'lathe.psi.frozen@1' },
  { of: 'mean', feature: '$prediction' },
  { of: 'volume' },
  { of: 'drifted-share' },
])('%o survives in a link', (series) => {
  expect(seriesFromKey(keyOfSeries(series))).toEqual(series);
});

test('a link that says nothing looks at accuracy', () => {
  expect(seriesFromKey(undefined)).toEqual({ of: 'performance', metric: 'accuracy' });
  expect(seriesFromKey('nonsense')).toEqual({ of: 'performance', metric: 'accuracy' });
});

test('lags say who leads', () => {
  expect(lagText(0, 'day')).toBe('at the same time');
  expect(lagText(1, 'day')).toBe('the model 1 day ahead');
  expect(lagText(-3, 'hour')).toBe('the metric 3 hours ahead');
});

test('a link that chance would give as well is not called one', () => {
  const found = (best: LaggedCorrelation['best']): LaggedCorrelation => ({
    per: 'day',
    n: 40,
    lags: [],
    best,
    prewhitening: 1,
    warnings: [],
  });
  expect(bestText(found({ lag: 2, r: 0.61, p: 0.0001 }))).toEqual({
    title: 'They move together, strongest with the model 2 days ahead: r = 0.61, p below 0.001.',
    clear: true,
  });
  expect(bestText(found({ lag: 0, r: -0.2, p: 0.4 }))).toEqual({
    title: 'No link stands out; strongest at the same time: r = −0.20, p = 0.4.',
    clear: false,
  });
  expect(bestText(found(null))).toMatchObject({ clear: false });
});

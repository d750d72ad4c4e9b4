import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WINDOW_SIZE_MS, WindowSize } from '../../src-main/contract/monitoring-series.ts';
import {
  defaultPer,
  RANGES,
  rangeChoice,
  scopedPath,
  scopeOf,
  seriesScope,
  writeRange,
} from './monitoring-scope.ts';

const DAY = WINDOW_SIZE_MS.day;
const bounds = { firstMs: Date.UTC(2013, 0, 1, 5), lastMs: Date.UTC(2013, 5, 20, 7) };

test('without a query the newest 90 days of all arms are shown, whole days, the newest included', () => {
  expect(scopeOf('flights', {}, bounds)).toEqual({
    endpoint: 'flights',
    per: 'day',
    arm: null,
    reference: null,
    range: { fromMs: Date.UTC(2013, 5, 21) - 90 * DAY, toMs: Date.UTC(2013, 5, 21) },
    reach: 90,
  });
});

test('windows are as long as the data has whole spans for, unless the query says otherwise', () => {
  const after = (ms: number) => ({ firstMs: bounds.firstMs, lastMs: bounds.firstMs + ms });
  const hour = WINDOW_SIZE_MS.hour;
  expect([0, hour, DAY - 1].map((ms) => defaultPer(after(ms)))).toEqual(['minute', 'minute', 'minute']);
  expect([DAY, 7 * DAY, 14 * DAY - 1].map((ms) => defaultPer(after(ms)))).toEqual(['hour', 'hour', 'hour']);
  expect([14 * DAY, 90 * DAY].map((ms) => defaultPer(after(ms)))).toEqual(['day', 'day']);
  expect(scopeOf('new', {}, after(2 * hour))).toMatchObject({
    per: 'minute',
    range: { fromMs: bounds.firstMs, toMs: bounds.firstMs + 2 * hour + WINDOW_SIZE_MS.minute },
  });
  expect(scopeOf('new', { per: 'day' }, after(2 * hour)).per).toBe('day');
  expect(scopeOf('old', { per: 'minute' }, bounds).per).toBe('minute');
});

test('a stretch of the past reaches from its beginning to the newest row', () => {
  const reach = (range: string) => scopeOf('flights', { range }, bounds).reach;
  expect(reach('30d')).toBe(30);
  expect(reach(`${Date.UTC(2013, 5, 1)}-${Date.UTC(2013, 5, 3)}`)).toBe(20);
  expect(reach(`${Date.UTC(2014, 5, 1)}-${Date.UTC(2014, 5, 3)}`)).toBe(0);
});

test('before the first row there is no range, unless one is named', () => {
  expect(scopeOf('flights', {}, null).range).toBeNull();
  expect(scopeOf('flights', { range: `${DAY}-${3 * DAY}` }, null).range).toEqual({
    fromMs: DAY,
    toMs: 3 * DAY,
  });
});

test('a range does not begin before the first row, and shorter windows not before what is kept', () => {
  const from = (query: Record<string, string>) => scopeOf('flights', query, bounds).range?.fromMs;
  expect(from({ range: 'all' })).toBe(Date.UTC(2013, 0, 1));
  expect(from({ per: 'hour', range: 'all' })).toBe(Date.UTC(2013, 5, 20, 8) - 90 * DAY);
  expect(from({ per: 'minute', range: 'all' })).toBe(Date.UTC(2013, 5, 20, 7, 1) - 2 * DAY);
});

test('what a link says badly is left out', () => {
  for (const range of ['', 'week', '5-1', '-', '1-', '9'.repeat(40)])
    expect(rangeChoice(range, 'day')).toBe('90d');
  expect(scopeOf('flights', { per: 'year' }, bounds).per).toBe('day');
  expect(rangeChoice('5-10', 'day')).toBe('custom');
});

test('every range lies on window borders and holds at least one window', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...WindowSize.options),
      fc.nat(2 ** 41),
      fc.integer({ min: 1, max: 2 ** 38 }),
      (per, from, length) => {
        const size = WINDOW_SIZE_MS[per];
        const texts = [...RANGES[per].map(({ id }) => id), writeRange({ fromMs: from, toMs: from + length })];
        for (const range of texts) {
          const found = scopeOf('e', { per, range }, { firstMs: from, lastMs: from + length }).range;
          expect(found).not.toBeNull();
          if (!found) continue;
          expect(found.fromMs % size).toBe(0);
          expect(found.toMs % size).toBe(0);
          expect(found.toMs - found.fromMs).toBeGreaterThanOrEqual(size);
        }
      },
    ),
  );
});

test('a link keeps the scope, drops the rest and adds its own', () => {
  const query = { per: 'hour', arm: 'b', ref: 'r1', range: '2d', tab: 'features', window: '5' };
  expect(scopedPath(query, ['a b', 'temp'], { window: '7', tab: null })).toBe(
    '/monitoring/a%20b/temp?per=hour&arm=b&ref=r1&range=2d&window=7',
  );
  expect(scopedPath({}, ['e'])).toBe('/monitoring/e');
});

test('a series is asked for with what the scope says and nothing else', () => {
  expect(seriesScope(scopeOf('e', {}, null))).toEqual({ endpoint: 'e', per: 'day' });
  expect(seriesScope(scopeOf('e', { arm: 'b', ref: 'r', range: `0-${DAY}` }, null))).toEqual({
    endpoint: 'e',
    per: 'day',
    arm: 'b',
    reference: 'r',
    fromMs: 0,
    toMs: DAY,
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS } from './format.ts';
import { timeTicks } from './time-ticks.ts';

test('ticks stand at round moments of UTC', () => {
  const from = Date.UTC(2013, 2, 15, 7, 20);
  expect(timeTicks(from, from + 6 * 3_600_000, 3_000_000).at[0]).toBe(Date.UTC(2013, 2, 15, 8));
  expect(timeTicks(from, from + 9 * DAY_MS, DAY_MS).at.every((at) => at % DAY_MS === 0)).toBe(true);
  const months = timeTicks(from, from + 400 * DAY_MS, 40 * DAY_MS).at.map((at) =>
    new Date(at).toISOString().slice(0, 10),
  );
  expect(months).toEqual([
    '2013-05-01',
    '2013-07-01',
    '2013-09-01',
    '2013-11-01',
    '2014-01-01',
    '2014-03-01',
  ]);
});

test('ticks lie within the range, in order and never closer than asked by more than a short month', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 41), fc.integer({ min: 60_000, max: 2 ** 39 }), (from, length) => {
      const { at } = timeTicks(from, from + length, length / 8);
      expect(at.length).toBeLessThanOrEqual(10);
      at.forEach((tick, i) => {
        expect(tick).toBeGreaterThanOrEqual(from);
        expect(tick).toBeLessThanOrEqual(from + length);
        if (i > 0) expect(tick - (at[i - 1] ?? 0)).toBeGreaterThan((length / 8) * 0.9);
      });
    }),
  );
});

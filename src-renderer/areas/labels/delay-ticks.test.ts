import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationTicks } from './delay-ticks.ts';

test('delays are told in the unit that fits', () => {
  expect(durationTicks(5 * 3_600_000).map(({ label }) => label)).toEqual([
    '0',
    '1 h',
    '2 h',
    '3 h',
    '4 h',
    '5 h',
  ]);
  expect(durationTicks(3 * 86_400_000).map(({ label }) => label)).toEqual([
    '0',
    '12 h',
    '24 h',
    '36 h',
    '48 h',
    '60 h',
    '72 h',
  ]);
});

test('there are never more than seven ticks, all of them on the axis', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 * 365 * 86_400_000 }), (longest) => {
      const ticks = durationTicks(longest);
      expect(ticks.length).toBeLessThanOrEqual(7);
      for (const { at } of ticks) expect(at).toBeLessThanOrEqual(longest);
    }),
  );
});

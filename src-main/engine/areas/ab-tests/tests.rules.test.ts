import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../contract/serving-route.ts';
import { addChange, locate, slotEnd, slotOf, type Test } from './tests.rules.ts';

type Part = { arms: [key: string, version: string, weight: number][]; sticky?: Route['sticky'] };

function testsOf(...parts: Part[]): Test[] {
  const tests: Test[] = [];
  for (const [at, { arms, sticky }] of parts.entries())
    addChange(tests, {
      ...{ revision: at + 1, atMs: 1_000 * (at + 1), actor: 'anna', reason: '' },
      route: {
        arms: arms.map(([key, version, weight]) => ({ key, version, weight })),
        sticky: sticky ?? { kind: 'unit' },
        ...{ mode: { kind: 'fixed' as const }, shadow: null },
      },
    });
  return tests;
}
const ab = (weight: number): Part => ({
  arms: [
    ['a', '1', weight],
    ['b', '2', 10_000 - weight],
  ],
});
const only: Part = { arms: [['a', '1', 10_000]] };

describe('tests of an endpoint', () => {
  it('go on while weights change, and each change is a period', () => {
    const tests = testsOf(only, ab(9_000), ab(9_000), ab(5_000));
    expect(tests).toMatchObject([{ since: 2, startedMs: 2_000, endedMs: null }]);
    expect(tests[0]?.periods.map(({ revision, fromMs, toMs }) => [revision, fromMs, toMs])).toEqual([
      [2, 2_000, 4_000],
      [4, 4_000, null],
    ]);
  });

  it('end with their arms or with what a unit is', () => {
    const other: Part = {
      arms: [
        ['a', '1', 9_000],
        ['b', '3', 1_000],
      ],
    };
    expect(testsOf(ab(9_000), other).map(({ since, until }) => [since, until])).toEqual([
      [1, 2],
      [2, null],
    ]);
    expect(testsOf(ab(9_000), { ...ab(9_000), sticky: { kind: 'input' } })).toHaveLength(2);
    // The order says which units are whose: the same arms the other way round are another period.
    const turned: Part = { arms: ab(9_000).arms.toReversed() };
    expect(testsOf(ab(9_000), turned)).toMatchObject([{ periods: [{ revision: 1 }, { revision: 2 }] }]);
  });

  it('get what their route answered, by revision, or by time where there is none', () => {
    const tests = testsOf(ab(9_000), ab(5_000), only, ab(5_000));
    const at = (revision: number | null, ms = 0) => {
      const found = locate(tests, revision, ms);
      return found && [found.test.since, found.period.revision];
    };
    expect([0, 1, 2, 3, 4, 9].map((revision) => at(revision))).toEqual([
      null,
      [1, 1],
      [1, 2],
      null,
      [4, 4],
      [4, 4],
    ]);
    expect([999, 1_000, 2_500, 3_000, 4_000].map((ms) => at(null, ms))).toEqual([
      null,
      [1, 1],
      [1, 2],
      null,
      [4, 4],
    ]);
  });
});

describe('slots of time', () => {
  it('follow each other, hold their times, and stay few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 86_400_000 }), (age) => {
        const slot = slotOf(age);
        expect(slotEnd(slot)).toBeGreaterThanOrEqual(age - 1e-3);
        expect(slotEnd(slot - 1)).toBeLessThanOrEqual(age + 1e-3);
      }),
    );
    expect(slotOf(365 * 86_400_000)).toBeLessThan(460);
    expect(slotOf(-5)).toBe(0);
  });
});

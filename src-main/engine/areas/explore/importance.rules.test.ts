import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlationOf, explainedByGroups, ranksOf } from './importance.rules.ts';

const spearman = (a: readonly number[], b: readonly number[]) =>
  correlationOf(ranksOf(Float64Array.from(a)), ranksOf(Float64Array.from(b)));
/** Few values, so that there are ties. */
const pairs = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })), {
  minLength: 3,
  maxLength: 40,
});
const columns = (rows: readonly (readonly number[])[]) =>
  [rows.map(([a]) => a as number), rows.map(([, b]) => b as number)] as const;

describe('ranks', () => {
  test('equal values share the mean of their ranks', () => {
    expect([...ranksOf(Float64Array.of(10, 5, 10, 20))]).toEqual([2.5, 1, 2.5, 4]);
  });
  test('their sum is n (n + 1) / 2', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (values) => {
        const sum = ranksOf(Float64Array.from(values)).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo((values.length * (values.length + 1)) / 2);
      }),
    );
  });
});

describe('Spearman', () => {
  test('is what the formula without ties gives', () => {
    const [a, b] = [
      [1, 2, 3, 4, 5, 6],
      [2, 1, 4, 3, 6, 5],
    ] as const;
    const d2 = a.reduce((sum, value, at) => sum + (value - (b[at] as number)) ** 2, 0);
    expect(spearman(a, b)).toBeCloseTo(1 - (6 * d2) / (6 * 35));
  });
  test('does not change under an increasing transform of either side', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const [a, b] = columns(rows);
        expect(
          spearman(
            a.map(Math.exp),
            b.map((v) => v ** 3),
          ),
        ).toBeCloseTo(spearman(a, b));
      }),
    );
  });
  test('does not change with the order of the runs, and is the same both ways round', () => {
    fc.assert(
      fc.property(
        pairs.chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(
              rows.map((_, at) => at),
              { minLength: rows.length, maxLength: rows.length },
            ),
          ),
        ),
        ([rows, order]) => {
          const [a, b] = columns(rows);
          const [c, d] = columns(order.map((at) => rows[at] as [number, number]));
          expect(spearman(c, d)).toBeCloseTo(spearman(a, b));
          expect(spearman(b, a)).toBeCloseTo(spearman(a, b));
        },
      ),
    );
  });
  test('turns its sign with one side, and is 0 where nothing varies', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const [a, b] = columns(rows);
        expect(
          spearman(
            a,
            b.map((v) => -v),
          ),
        ).toBeCloseTo(-spearman(a, b));
        expect(
          spearman(
            a,
            b.map(() => 1),
          ),
        ).toBe(0);
      }),
    );
  });
});

describe('groups', () => {
  const explained = (values: readonly number[], groups: readonly number[]) =>
    explainedByGroups(Float64Array.from(values), Uint32Array.from(groups), Math.max(...groups) + 1);

  test('that part the metric whole explain all of it, up to the ties inside', () => {
    expect(explained([1, 1, 1, 9, 9, 9], [0, 0, 0, 1, 1, 1])).toBeCloseTo(1);
    expect(explained([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1])).toBe(0);
    expect(explained([1, 2, 3], [0, 1, 2])).toBe(0);
  });
  test('agree with (H - k + 1) / (n - k), H being Kruskal and Wallis’ without ties', () => {
    const values = [3, 9, 1, 12, 7, 5, 11, 2];
    const groups = [0, 0, 1, 1, 1, 2, 2, 0];
    const ranks = ranksOf(Float64Array.from(values));
    const h =
      (12 / (8 * 9)) *
        [0, 1, 2].reduce((sum, group) => {
          const own = [...ranks].filter((_, at) => groups[at] === group);
          return sum + own.reduce((a, b) => a + b, 0) ** 2 / own.length;
        }, 0) -
      3 * 9;
    expect(explained(values, groups)).toBeCloseTo(Math.max(0, (h - 3 + 1) / (8 - 3)));
  });
  test('stay the same under any increasing transform and under other names, between 0 and 1', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 3,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, (given) => {
        const [values, groups] = columns(given);
        const share = explainedByGroups(Float64Array.from(values), Uint32Array.from(groups), 4);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        const other = explainedByGroups(
          Float64Array.from(values, (v) => Math.exp(v)),
          Uint32Array.from(groups, (group) => 3 - group),
          4,
        );
        expect(other).toBeCloseTo(share);
      }),
    );
  });
});

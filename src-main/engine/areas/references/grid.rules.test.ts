import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  categoricalProfile,
  MOST_CELLS,
  nextUp,
  numericProfile,
  recountCategorical,
  recountNumeric,
} from './grid.rules.ts';

const sorted = (values: number[]) => Float64Array.from(values).sort();
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const finite = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(0, 1, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
  )
  .map((value) => value + 0);

describe('a numeric grid', () => {
  it('holds every value once, in at most 256 increasing cells', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 600 }), fc.nat(), (values, missing) => {
        const profile = numericProfile('x', sorted(values), missing);
        expect(profile.edges).toHaveLength(profile.counts.length + 1);
        expect(profile.counts.length).toBeLessThanOrEqual(MOST_CELLS);
        for (let at = 1; at < profile.edges.length; at++)
          expect(profile.edges[at]).toBeGreaterThan(profile.edges[at - 1] as number);
        expect(sum(profile.counts)).toBe(values.length);
        expect([profile.below, profile.above, profile.missing]).toEqual([0, 0, missing]);
      }),
    );
  });

  it('counts other values where they are: as many as there are, each between its edges', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 300 }),
        fc.array(finite, { maxLength: 300 }),
        (first, second) => {
          const grid = numericProfile('x', sorted(first), 0);
          const again = recountNumeric(grid, sorted(second), 3);
          const last = grid.edges.length - 1;
          const at = (edge: number) => grid.edges[edge] as number;
          const expected = grid.counts.map(
            (_, cell) =>
              second.filter((x) => x >= at(cell) && (cell === last - 1 ? x <= at(last) : x < at(cell + 1)))
                .length,
          );
          expect(again.counts).toEqual(expected);
          expect(again.below).toBe(second.filter((x) => x < at(0)).length);
          expect(again.above).toBe(second.filter((x) => x > at(last)).length);
          expect(again.missing).toBe(3);
        },
      ),
    );
  });

  it('has cells of about the same number of rows', () => {
    const values = sorted(Array.from({ length: 25_600 }, (_, at) => (at * 0.6180339887498949) % 1));
    const { counts } = numericProfile('x', values, 0);
    expect(counts.length).toBeGreaterThan(250);
    expect(Math.max(...counts)).toBeLessThanOrEqual(102);
  });

  it('gives heavy values cells of their own', () => {
    const spread = Array.from({ length: 1_000 }, (_, at) => at / 1_000);
    const { edges, counts } = numericProfile('x', sorted([...spread, ...Array(500).fill(0.25)]), 0);
    const atom = edges.indexOf(0.25);
    expect(edges[atom + 1]).toBe(nextUp(0.25));
    expect(counts[atom]).toBe(501);
  });

  it('of one value is that value', () => {
    expect(numericProfile('x', sorted([7, 7, 7]), 1)).toMatchObject({
      edges: [7, nextUp(7)],
      counts: [3],
      mean: 7,
    });
    expect(numericProfile('x', sorted([0]), 0).edges).toEqual([0, Number.MIN_VALUE]);
  });

  it('of many heavy values stays within its cells', () => {
    const values = sorted(Array.from({ length: 20_000 }, (_, at) => at % 200));
    const { edges, counts } = numericProfile('x', values, 0);
    expect(counts.length).toBeLessThanOrEqual(MOST_CELLS);
    expect([edges[0], sum(counts)]).toEqual([0, 20_000]);
  });
});

it('nextUp is the next double', () => {
  expect([nextUp(1), nextUp(-1), nextUp(0), nextUp(-0), nextUp(Number.MAX_VALUE)]).toEqual([
    1 + Number.EPSILON,
    -1 + Number.EPSILON / 2,
    Number.MIN_VALUE,
    Number.MIN_VALUE,
    Number.POSITIVE_INFINITY,
  ]);
});

describe('a categorical grid', () => {
  it('lists the 255 commonest of 10,000 categories and knows the others', () => {
    const rows = new Map(Array.from({ length: 10_000 }, (_, at) => [`c${at}`, 10_000 - at]));
    const profile = categoricalProfile('c', rows, 5);
    expect(profile.categories.slice(0, 2)).toEqual([
      ['c0', 10_000],
      ['c1', 9_999],
    ]);
    expect(profile.categories).toHaveLength(255);
    expect(profile.known).toHaveLength(9_745);
    expect(sum(profile.categories.map(([, count]) => count)) + profile.other).toBe(sum([...rows.values()]));
    const more = new Map(Array.from({ length: 20_000 }, (_, at) => [`c${at}`, 1]));
    expect(categoricalProfile('c', more, 0)).toMatchObject({ other: 19_745, known: null });
  });

  it('counts other rows on the same list', () => {
    const grid = categoricalProfile(
      'c',
      new Map([
        ['a', 3],
        ['b', 1],
      ]),
      0,
    );
    expect(
      recountCategorical(
        grid,
        new Map([
          ['b', 2],
          ['z', 4],
        ]),
        1,
      ),
    ).toEqual({
      ...grid,
      categories: [
        ['a', 0],
        ['b', 2],
      ],
      other: 4,
      missing: 1,
    });
  });
});

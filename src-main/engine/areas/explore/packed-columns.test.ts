import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, pick, unpack, unpackAll } from '../../../contract/packed-columns.ts';

const number = fc.oneof(
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.integer({ min: 1_767_000_000_000, max: 1_767_000_900_000 }),
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -0,
    Number.MAX_SAFE_INTEGER,
  ),
);
const column = fc.oneof(
  fc.array(number, { maxLength: 70 }),
  fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 70 }),
  fc
    .tuple(fc.integer(), fc.integer({ min: 0, max: 70 }))
    .map(([from, n]) => Array.from({ length: n }, (_, at) => from + 3 * at)),
);

test('what is packed comes out as it went in, to the bit, also from an odd place in memory', () => {
  fc.assert(
    fc.property(column, column, fc.integer({ min: 0, max: 9 }), (a, b, odd) => {
      const rows = Math.min(a.length, b.length);
      const columns = [a, b].map((values) => Float64Array.from(values.slice(0, rows)));
      const bytes = pack(columns);
      const moved = new Uint8Array(bytes.length + odd).subarray(odd);
      moved.set(bytes);
      for (const [at, given] of columns.entries()) {
        const found = unpack(moved, at, 2);
        expect(found.length).toBe(rows);
        expect(found.every((value, row) => Object.is(value, given[row]))).toBe(true);
      }
      const all = unpackAll(moved, 2);
      expect([...all.columns, all.length]).toEqual([unpack(moved, 0, 2), unpack(moved, 1, 2), bytes.length]);
      expect(pick(moved, [1], 2)).toEqual(pack([columns[1] as Float64Array]));
      expect(pick(moved, [1, 0], 2)).toEqual(pack(columns.toReversed()));
    }),
    { numRuns: 500 },
  );
});

test('even steps cost nothing, timestamps and single precision half', () => {
  const of = (value: (row: number) => number) =>
    pack([Float64Array.from({ length: 1000 }, (_, row) => value(row))]).length;
  expect(of((row) => 5 + row * 10)).toBeLessThan(100);
  expect(of((row) => 1_767_000_000_000 + row * 997 + (row % 7))).toBeLessThan(4100);
  expect(of((row) => Math.fround(1 / (row + 1)))).toBeLessThan(4100);
  expect(of((row) => 1 / (row + 1))).toBeLessThan(8100);
});

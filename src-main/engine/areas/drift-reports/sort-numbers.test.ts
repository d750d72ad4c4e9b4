import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortNumbers } from './sort-numbers.ts';

/** Many values of a few kinds: signs, zeros, subnormals, the largest ones, integers and 32-bit floats. */
const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE),
);

it('sorts as the typed array itself does, zeros by their sign too', () => {
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (some, times) => {
        const values = Float64Array.from(
          { length: some.length * times },
          (_, at) => some[at % some.length] as number,
        );
        const expected = values.slice().sort();
        const sorted = sortNumbers(values.slice());
        expect(sorted.length).toBe(expected.length);
        expect(Buffer.from(sorted.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

it('sorts a part of a larger array, of a size at which it counts', () => {
  const all = Float64Array.from({ length: 20_000 }, (_, at) => ((at * 7_919) % 20_000) - 10_000.5);
  const part = all.subarray(1_001, 19_001);
  const expected = [...part].sort((a, b) => a - b);
  expect([...sortNumbers(part)]).toEqual(expected);
});

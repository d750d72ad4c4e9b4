import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideBox, nearestDot, trendOf } from './scatter-rules.ts';

const number = fc.double({ min: -1000, max: 1000, noNaN: true });

describe('trendOf', () => {
  it('finds a straight line again, with a correlation of one or minus one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { minLength: 3, maxLength: 40 }),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        fc.boolean(),
        number,
        (x, size, falls, intercept) => {
          const slope = falls ? -size : size;
          const found = trendOf(
            x,
            x.map((at) => intercept + slope * at),
          );
          expect(found?.slope).toBeCloseTo(slope, 6);
          expect(found?.intercept).toBeCloseTo(intercept, 5);
          expect(found?.r).toBeCloseTo(falls ? -1 : 1, 6);
        },
      ),
    );
  });

  it('leaves out pairs without both values, and says nothing where there is nothing to say', () => {
    expect(trendOf([1, 2, Number.NaN, 3], [2, 4, 9, 6])?.n).toBe(3);
    expect(trendOf([1, 2], [1, 2])).toBeNull();
    expect(trendOf([1, 1, 1], [1, 2, 3])).toBeNull();
  });
});

it('the nearest dot is the nearest of all that have a place', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), number, number, (dots, left, top) => {
      const places = { x: Float32Array.from(dots, ([x]) => x), y: Float32Array.from(dots, ([, y]) => y) };
      const apart = (at: number) => Math.hypot((places.x[at] ?? 0) - left, (places.y[at] ?? 0) - top);
      const found = nearestDot(places, left, top, 5000);
      expect(apart(found)).toBeCloseTo(Math.min(...dots.map((_, at) => apart(at))), 6);
    }),
  );
  expect(nearestDot({ x: Float32Array.of(Number.NaN), y: Float32Array.of(1) }, 0, 0, 100)).toBe(-1);
  expect(nearestDot({ x: Float32Array.of(50), y: Float32Array.of(0) }, 0, 0, 10)).toBe(-1);
});

it('a box holds what lies in it, its edges included, and nothing without both values', () => {
  const [x, y] = [Float64Array.of(1, 2, 3, Number.NaN), Float64Array.of(1, 2, 3, 2)];
  expect(insideBox(x, y, [1, 2], [1, 3])).toEqual([0, 1]);
});

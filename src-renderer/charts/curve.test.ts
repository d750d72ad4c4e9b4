import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  airy,
  isWideEnough,
  nearestIndex,
  percentile,
  rangeOfY,
  smoothEma,
  smoothingUnit,
  valueAt,
} from './curve.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const columns = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 10_000 }), finite), {
    minLength: 1,
    maxLength: 60,
    selector: ([x]) => x,
  })
  .map((points) => {
    const sorted = [...points].sort((a, b) => a[0] - b[0]);
    return { x: Float64Array.from(sorted, ([x]) => x), y: Float64Array.from(sorted, ([, y]) => y) };
  });
const f64 = (...values: number[]) => Float64Array.from(values);

describe('smoothEma', () => {
  it('leaves a constant curve where it is, from the first point on', () => {
    for (const y of smoothEma(f64(0, 1, 2, 5, 9), f64(3, 3, 3, 3, 3), 0.9, 1)) expect(y).toBeCloseTo(3, 12);
  });

  it('stays within the values seen so far, and weight 0 changes nothing', () => {
    fc.assert(
      fc.property(columns, fc.double({ min: 0, max: 0.99, noNaN: true }), ({ x, y }, weight) => {
        expect(smoothEma(x, y, 0, 1)).toEqual(y);
        smoothEma(x, y, weight, 3).forEach((value, i) => {
          const seen = y.slice(0, i + 1);
          expect(value).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-6);
          expect(value).toBeLessThanOrEqual(Math.max(...seen) + 1e-6);
        });
      }),
    );
  });

  it('forgets by distance in x, not by count: a far point counts almost alone', () => {
    expect(smoothEma(f64(0, 1), f64(0, 10), 0.9, 1)[1]).toBeCloseTo(10 / 1.9, 6);
    expect(smoothEma(f64(0, 100), f64(0, 10), 0.9, 1)[1]).toBeGreaterThan(9.99);
  });

  it('smooths a run that logs every tenth step as strongly as one that logs every step', () => {
    const level = (every: number) => {
      const x = Float64Array.from({ length: 1000 / every }, (_, i) => i * every);
      // A step from 0 to 1 half way.
      const out = smoothEma(
        x,
        x.map((at) => (at < 500 ? 0 : 1)),
        0.99,
        1,
      );
      return out[Math.floor(600 / every)] ?? 0;
    };
    expect(Math.abs(level(1) - level(10))).toBeLessThan(0.06);
  });
});

it('the unit of smoothing is the same for a whole range in few points and for a part of it in all its points', () => {
  const whole = [{ x: Float64Array.from({ length: 500 }, (_, i) => i * 20), logged: 10_000 }];
  const part = [{ x: Float64Array.from({ length: 500 }, (_, i) => 3000 + i), logged: 500 }];
  const span = 499 * 20;
  expect(smoothingUnit(part, span)).toBeCloseTo(smoothingUnit(whole, span), 6);
});

describe('rangeOfY', () => {
  const curve = ({ x, y }: { x: Float64Array; y: Float64Array }) => ({
    points: { x, y, low: y, high: y },
    ghost: null,
  });
  const plain = { clip: false, log: false };

  it('holds every value in sight, spikes of the band included, and nothing out of sight', () => {
    const points = {
      x: f64(0, 1, 2, 3),
      y: f64(1, 1, 1, 99),
      low: f64(1, -7, 1, 99),
      high: f64(1, 1, 50, 99),
    };
    expect(rangeOfY([{ points, ghost: null }], [0, 2], plain)).toEqual([-7, 50]);
  });

  it('without outliers it lies within the whole range and still holds the middle of the values', () => {
    fc.assert(
      fc.property(columns, (one) => {
        const all = rangeOfY([curve(one)], [0, 10_000], plain);
        const clipped = rangeOfY([curve(one)], [0, 10_000], { clip: true, log: false });
        const median = percentile(Float64Array.from(one.y).sort(), 0.5);
        expect(clipped?.[0]).toBeGreaterThanOrEqual((all?.[0] ?? 0) - 1e-9);
        expect(clipped?.[1]).toBeLessThanOrEqual((all?.[1] ?? 0) + 1e-9);
        expect(clipped?.[0]).toBeLessThanOrEqual(median + 1e-9);
        expect(clipped?.[1]).toBeGreaterThanOrEqual(median - 1e-9);
      }),
    );
  });

  it('one value in a hundred does not flatten the rest when outliers are left out', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => i);
    const y = x.map((i) => (i === 50 ? 1e6 : i / 100));
    expect(rangeOfY([curve({ x, y })], [0, 99], { clip: true, log: false })?.[1]).toBeLessThan(1);
  });

  it('a logarithmic axis knows only what is above zero', () => {
    const one = curve({ x: f64(0, 1, 2), y: f64(-1, 0.5, 8) });
    expect(rangeOfY([one], [0, 2], { clip: false, log: true })).toEqual([0.5, 8]);
    expect(airy([0.5, 8], true)[0]).toBeGreaterThan(0);
  });

  it('is null where nothing is drawn', () => {
    expect(rangeOfY([], [0, 1], plain)).toBeNull();
    expect(rangeOfY([curve({ x: f64(5), y: f64(1) })], [0, 1], plain)).toBeNull();
  });
});

it('finds the nearest point as a look at every point does', () => {
  fc.assert(
    fc.property(columns, fc.double({ min: -100, max: 10_100, noNaN: true }), ({ x }, at) => {
      const nearest = Math.min(...x.map((one) => Math.abs(one - at)));
      expect(Math.abs((x[nearestIndex(x, at)] ?? 0) - at)).toBe(nearest);
    }),
  );
  expect(nearestIndex(f64(), 1)).toBe(-1);
});

it('a line passes through its points, between them on a straight way, and nowhere else', () => {
  expect([0, 1, 2, 3].map((at) => valueAt(f64(1, 3), f64(10, 20), at))).toEqual([null, 10, 15, 20]);
  expect(valueAt(f64(1, 3), f64(10, 20), 3.1)).toBeNull();
});

it('a range with air holds the range and is never too narrow for ticks, also for values that differ in their last digits', () => {
  fc.assert(
    fc.property(
      finite,
      fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e-9, noNaN: true }), finite),
      (at, by) => {
        const range = [at, at + Math.abs(by)] as const;
        const [low, high] = airy(range, false);
        expect(low).toBeLessThanOrEqual(range[0]);
        expect(high).toBeGreaterThanOrEqual(range[1]);
        expect(isWideEnough([low, high])).toBe(true);
      },
    ),
  );
});

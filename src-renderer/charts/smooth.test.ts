import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianGap, smoothEma } from './smooth.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('smoothEma', () => {
  it('leaves a constant curve where it is, from the first point on', () => {
    const points = [0, 1, 2, 5, 9].map((x) => ({ x, y: 3 }));
    for (const { y } of smoothEma(points, 0.9)) expect(y).toBeCloseTo(3, 12);
  });

  it('weight 0 changes nothing', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: 5 },
    ];
    expect(smoothEma(points, 0)).toEqual(points);
  });

  it('stays within the values seen so far', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (ys, weight) => {
          const out = smoothEma(
            ys.map((y, x) => ({ x, y })),
            weight,
          );
          out.forEach(({ y }, i) => {
            const seen = ys.slice(0, i + 1);
            expect(y).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-6);
            expect(y).toBeLessThanOrEqual(Math.max(...seen) + 1e-6);
          });
        },
      ),
    );
  });

  it('forgets by distance in x, not by count: a far point counts almost alone', () => {
    const near = smoothEma(
      [
        { x: 0, y: 0 },
        { x: 1, y: 10 },
      ],
      0.9,
      1,
    );
    const far = smoothEma(
      [
        { x: 0, y: 0 },
        { x: 100, y: 10 },
      ],
      0.9,
      1,
    );
    expect(near[1]?.y).toBeCloseTo(10 / 1.9, 6);
    expect(far[1]?.y).toBeGreaterThan(9.99);
  });

  it('lets NaN pass without poisoning what follows', () => {
    const out = smoothEma(
      [
        { x: 0, y: 1 },
        { x: 1, y: Number.NaN },
        { x: 2, y: 1 },
      ],
      0.5,
    );
    expect(out[1]?.y).toBeNaN();
    expect(out[2]?.y).toBeCloseTo(1);
  });
});

it('medianGap ignores repeated x and falls back to 1', () => {
  expect(medianGap([{ x: 0 }, { x: 0 }, { x: 2 }, { x: 4 }, { x: 20 }])).toBe(2);
  expect(medianGap([{ x: 7 }])).toBe(1);
});

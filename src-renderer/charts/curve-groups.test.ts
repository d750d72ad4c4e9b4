import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateCurves, commonGrid } from './curve-groups.ts';

const value = fc.double({ min: -1000, max: 1000, noNaN: true });
const curve = fc
  .uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 5000 }), value, fc.double({ min: 0, max: 50, noNaN: true })),
    {
      minLength: 1,
      maxLength: 40,
      selector: ([x]) => x,
    },
  )
  .map((points) => {
    const sorted = [...points].sort((a, b) => a[0] - b[0]);
    return {
      x: Float64Array.from(sorted, ([x]) => x),
      y: Float64Array.from(sorted, ([, y]) => y),
      low: Float64Array.from(sorted, ([, y, half]) => y - half),
      high: Float64Array.from(sorted, ([, y, half]) => y + half),
    };
  });
const curves = fc.array(curve, { minLength: 1, maxLength: 8 });

describe('aggregateCurves', () => {
  it('keeps the least and the greatest value ever logged in the min-max band, on a coarse grid too', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 2, max: 30 }), (all, most) => {
        const found = aggregateCurves(all, commonGrid(all, most), 'mean', 'min-max');
        const greatest = Math.max(...all.flatMap(({ high }) => [...high]));
        const least = Math.min(...all.flatMap(({ low }) => [...low]));
        if (found.x.length === 0) return;
        expect(Math.max(...found.high)).toBeCloseTo(greatest, 9);
        expect(Math.min(...found.low)).toBeCloseTo(least, 9);
      }),
    );
  });

  it('draws mean and median inside the band, and the deviation evenly about the mean', () => {
    fc.assert(
      fc.property(curves, fc.constantFrom('mean' as const, 'median' as const), (all, line) => {
        const grid = commonGrid(all);
        const banded = aggregateCurves(all, grid, line, 'min-max');
        banded.y.forEach((y, i) => {
          expect(y).toBeGreaterThanOrEqual((banded.low[i] ?? 0) - 1e-6);
          expect(y).toBeLessThanOrEqual((banded.high[i] ?? 0) + 1e-6);
        });
        const spread = aggregateCurves(all, grid, line, 'std');
        spread.y.forEach((y, i) => {
          expect((spread.high[i] ?? 0) - y).toBeCloseTo(y - (spread.low[i] ?? 0), 6);
        });
      }),
    );
  });

  it('a curve alone is its own aggregate where every x is a place of the grid', () => {
    fc.assert(
      fc.property(curve, (one) => {
        const found = aggregateCurves([one], commonGrid([one]), 'mean', 'min-max');
        expect(found.x).toEqual(one.x);
        found.y.forEach((y, i) => {
          expect(y).toBeCloseTo(one.y[i] ?? 0, 9);
        });
      }),
    );
  });

  it('a run that has ended takes no part any more', () => {
    const line = (x: number[], y: number[]) => {
      const column = Float64Array.from(y);
      return { x: Float64Array.from(x), y: column, low: column, high: column };
    };
    const all = [line([0, 1], [0, 0]), line([0, 1, 2], [2, 2, 2])];
    expect([...aggregateCurves(all, commonGrid(all), 'mean', 'none').y]).toEqual([1, 1, 2]);
  });
});

it('the grid has every x while there are few, and even distances from end to end beyond', () => {
  const few = [{ x: Float64Array.of(0, 2, 4) }, { x: Float64Array.of(1, 4) }];
  expect([...commonGrid(few)]).toEqual([0, 1, 2, 4]);
  const many = [{ x: Float64Array.from({ length: 1000 }, (_, i) => i) }];
  const grid = commonGrid(many, 100);
  expect([grid.length, grid[0], grid.at(-1)]).toEqual([100, 0, 999]);
});

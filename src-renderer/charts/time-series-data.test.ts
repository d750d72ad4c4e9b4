import { describe, expect, it } from 'vitest';
import {
  alignSeries,
  nearestPoint,
  niceRange,
  rolesOf,
  type Series,
  valueExtent,
} from './time-series-data.ts';

const series = (points: Series['points'], more: Partial<Series> = {}): Series => ({
  id: 's',
  label: 's',
  color: 1,
  points,
  ...more,
});

describe('alignSeries', () => {
  it('puts series on one x and leaves undefined where a series has no point', () => {
    const { xs, values } = alignSeries(
      [
        series([
          { x: 0, y: 1 },
          { x: 2, y: 3 },
        ]),
        series([{ x: 1, y: 9 }]),
      ],
      ['solid'],
    );
    expect(xs).toEqual([0, 1, 2]);
    expect(values).toEqual([
      [1, undefined, 3],
      [undefined, 9, undefined],
    ]);
  });

  it('breaks the line where windows are missing', () => {
    const { xs, values } = alignSeries(
      [
        series([
          { x: 0, y: 1 },
          { x: 10, y: 2 },
          { x: 40, y: 3 },
        ]),
      ],
      ['solid'],
      15,
    );
    expect(xs).toEqual([0, 10, 17.5, 40]);
    expect(values[0]).toEqual([1, 2, null, 3]);
  });

  it('draws the way to and from a weak point dashed, never solid', () => {
    const weak = series([
      { x: 0, y: 1 },
      { x: 1, y: 2 },
      { x: 2, y: 3, weak: true },
      { x: 3, y: 4, weak: true },
    ]);
    expect(rolesOf([weak])).toEqual(['weak', 'solid']);
    const { values } = alignSeries([weak], rolesOf([weak]));
    expect(values[0]).toEqual([null, 2, 3, 4]);
    expect(values[1]).toEqual([1, 2, null, null]);
  });

  it('turns NaN and infinities into gaps', () => {
    const { values } = alignSeries(
      [
        series([
          { x: 0, y: Number.NaN },
          { x: 1, y: Number.POSITIVE_INFINITY },
        ]),
      ],
      ['solid'],
    );
    expect(values[0]).toEqual([null, null]);
  });
});

it('nearestPoint skips gaps and stays within reach', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 5, y: null },
    { x: 9, y: 2 },
  ];
  expect(nearestPoint(points, 8, 2)?.y).toBe(2);
  expect(nearestPoint(points, 5, 1)).toBeNull();
  expect(nearestPoint([], 5, 1)).toBeNull();
});

it('ranges have air, end at limits, and survive flat or empty data', () => {
  expect(niceRange(null, { floor: 0, ceiling: 1 })).toEqual([0, 1]);
  const [low, high] = niceRange([0.5, 0.5]);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(niceRange([0.9, 0.99], { ceiling: 1 })[1]).toBeLessThanOrEqual(1);
  expect(niceRange([3, 10], { fromZero: true })[0]).toBe(0);
  expect(valueExtent([series([{ x: 0, y: 1, low: 0.5, high: 2 }])], [3])).toEqual([0.5, 3]);
  expect(valueExtent([series([])], [3])).toBeNull();
  const wild = { x: 0, y: 99, weak: true };
  const calm = [1, 2, 3, 4].map((x) => ({ x, y: x }));
  expect(valueExtent([series([wild, ...calm])])).toEqual([1, 4]);
  expect(valueExtent([series([wild])])).toEqual([99, 99]);
});

import { expect, test } from 'vitest';
import type { SeriesPoint } from '../../src-main/contract/monitoring-series.ts';
import { chanceBand, levelsOf, openStretches, placeOf, pointsOf, windowAt } from './from-series.ts';

const DAY = 86_400_000;
const point = (day: number, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  windowMs: day * DAY,
  value: 0.8,
  n: 500,
  low: 0.75,
  high: 0.85,
  level: null,
  complete: true,
  mature: true,
  ...more,
});

test('a point that cannot be relied on is weak and says why', () => {
  const points = pointsOf({
    per: 'day',
    minN: 100,
    points: [point(1), point(2, { n: 20 }), point(3, { mature: false }), point(4, { complete: false })],
  });
  expect(points.map(({ weak, note }) => [weak ?? false, note])).toEqual([
    [false, undefined],
    [true, 'too few: 100 needed'],
    [true, 'labels still coming'],
    [true, 'not over yet'],
  ]);
  expect(points[0]).toMatchObject({ x: DAY * 1.5, y: 0.8, low: 0.75, high: 0.85, n: 500 });
});

test('windows that are not final and touch are one stretch', () => {
  const immature = { mature: false };
  const points = [point(1), point(2, immature), point(4, immature), point(5, { complete: false })];
  expect(openStretches({ per: 'day', points }).map(({ from, to }) => [from / DAY, to / DAY])).toEqual([
    [2, 3],
    [4, 6],
  ]);
});

test('a place on the axis leads back to its window', () => {
  for (const per of ['minute', 'hour', 'day'] as const)
    expect(windowAt(placeOf(DAY * 3, per), per)).toBe(DAY * 3);
});

test('levels are drawn where there are any', () => {
  expect(levelsOf({ warnAt: null, alertAt: null })).toEqual([]);
  expect(levelsOf({ warnAt: 0.1, alertAt: 0.25 }).map(({ value }) => value)).toEqual([0.1, 0.25]);
});

test('what chance alone reaches is a band from zero, where it is known', () => {
  expect(chanceBand({ per: 'day', minN: 100, points: [point(1)] })).toBeNull();
  const points = [point(1, { chance: 0.05 }), point(2), point(3, { chance: 2, n: 5 })];
  expect(chanceBand({ per: 'day', minN: 100, points })?.points).toEqual([
    { x: DAY * 1.5, y: 0.05, low: 0, high: 0.05, n: 500 },
    { x: DAY * 3.5, y: 2, low: 0, high: 2, n: 5, weak: true },
  ]);
});

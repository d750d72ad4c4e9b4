import { expect, test } from 'vitest';
import { columnsPerPixel } from './bin-map-rules.ts';

const windows = [
  { windowMs: 0, n: 100, shares: [1, 0] },
  { windowMs: 10, n: 300, shares: [0, 1] },
  { windowMs: 20, n: 0, shares: [0, 0] },
];

test('a window as wide as a pixel is a column of its own', () => {
  expect(columnsPerPixel(windows, 0, 0.5, 5)).toEqual([
    { x: 0, shares: [1, 0] },
    { x: 5, shares: [0, 1] },
    { x: 10, shares: [0, 0] },
  ]);
});

test('windows of one pixel are taken together, weighted by their rows', () => {
  expect(columnsPerPixel(windows, 0, 0.05, 0.5)).toEqual([
    { x: 0, shares: [0.25, 0.75] },
    { x: 1, shares: [0, 0] },
  ]);
});

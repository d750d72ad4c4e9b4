import { expect, test } from 'vitest';
import { rowsWords, type Spark, sparkExtent, sparkStrokes } from './sparkline-rules.ts';

const spark = (value: number | null, n = 500, weak = false, half = 0): Spark => ({
  value,
  behind: { n, weak, ...(value === null || half === 0 ? {} : { low: value - half, high: value + half }) },
});

test('points on too few rows are drawn apart, and do not stretch the scale', () => {
  const points = [spark(9, 20, true), spark(0.2), spark(0.3), spark(0.1, 40, true), spark(null), spark(0.2)];
  expect(sparkExtent(points)).toEqual([0.2, 0.3]);
  expect(sparkStrokes(points)).toEqual([
    { weak: true, places: [0, 1] },
    { weak: false, places: [1, 2] },
    { weak: true, places: [2, 3] },
  ]);
  expect(sparkExtent([spark(9, 20, true)])).toEqual([9, 9]);
  expect(sparkExtent([spark(null)])).toBeNull();
});

test('intervals are within the scale', () => {
  expect(sparkExtent([spark(0.5, 100, false, 0.25), spark(0.5)])).toEqual([0.25, 0.75]);
});

test('it says on how many rows its points stand, and how many are faint', () => {
  expect(rowsWords([spark(1, 1_500), spark(1, 120), spark(null, 3)])).toBe('n 120 to 1,500 rows a point');
  expect(rowsWords([spark(1, 90), spark(1, 90, true)])).toBe(
    'n 90 rows a point; 1 of 2 faint: too few rows, or not final',
  );
  // Requests a second are of no rows.
  expect(rowsWords([{ value: 1, behind: null }])).toBe('');
});

import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDate,
  formatDateTime,
  formatDay,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRelative,
  formatTime,
  NONE,
  plural,
} from './format.ts';

/** Units stand apart by a no-break space; tests read better with an ordinary one. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('figures', () => {
  test.each([
    [0, '0'],
    [0.871234, '0.8712'],
    [12.34567, '12.35'],
    [1234.5678, '1,235'],
    [64, '64'],
    [0.00000123, '1.23e-6'],
    [12_345_678_900.5, '1.23e10'],
    [-0.5, '-0.5'],
  ])('%d is written %s', (value, text) => expect(formatNumber(value)).toBe(text));

  test('what is missing or not a number is a dash', () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
      expect([formatNumber(value), formatCount(value), formatBytes(value), formatDuration(value)]).toEqual([
        NONE,
        NONE,
        NONE,
        NONE,
      ]);
  });

  test('counts stay whole until five digits, then get short', () => {
    expect(formatCompact(9_999)).toBe('9,999');
    expect(formatCompact(12_345)).toBe('12.3K');
    expect(formatCompact(264_900_000)).toBe('264.9M');
  });

  test('shares are percent', () => expect(plain(formatPercent(0.8125))).toBe('81.3 %'));

  test('plural follows the count', () => {
    expect([0, 1, 2].map((n) => plural(n, 'run'))).toEqual(['0 runs', '1 run', '2 runs']);
    expect(plural(2, 'activity', 'activities')).toBe('2 activities');
  });
});

describe('sizes and times', () => {
  test.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1 MiB'],
    [150 * 1024 * 1024, '150 MiB'],
  ])('%d bytes is %s', (bytes, text) => expect(plain(formatBytes(bytes))).toBe(text));

  test.each([
    [0, '0 ms'],
    [0.42, '0.42 ms'],
    [12.44, '12.4 ms'],
    [640, '640 ms'],
    [999.7, '1.00 s'],
    [1_240, '1.24 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [273_600_000, '3 d 4 h'],
    [-1_240, '−1.24 s'],
  ])('%d ms is %s', (ms, text) => expect(plain(formatDuration(ms))).toBe(text));

  test.each([
    [3_000, 'just now'],
    [-3_000, 'just now'],
    [42_000, '42 s ago'],
    [180_000, '3 min ago'],
    [-7_200_000, 'in 2 h'],
    [3 * 86_400_000, '3 d ago'],
    [90 * 86_400_000, '3 mo ago'],
    [800 * 86_400_000, '2 y ago'],
  ])('%d ms before now is %s', (gap, text) => {
    const now = Date.UTC(2026, 1, 14);
    expect(plain(formatRelative(now - gap, now))).toBe(text);
  });

  test('event times are written in UTC on request', () => {
    const ms = Date.UTC(2026, 1, 14, 23, 5, 9);
    expect(formatDate(ms, true)).toBe('14 Feb 2026');
    expect(formatDay(ms, true)).toBe('14 Feb');
    expect(formatDateTime(ms, true)).toBe('14 Feb 2026, 23:05');
    expect(formatTime(ms, true)).toBe('23:05:09');
  });
});

import { describe, expect, it } from 'vitest';
import { agoLabel, binLabels, readTime, readValue, tickLabel, timeTickLabels } from './format.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('tick labels', () => {
  it('write as many decimals as the distance needs', () => {
    expect([0, 0.25, 0.5].map((v) => tickLabel(v, 0.25, 'number'))).toEqual(['0.00', '0.25', '0.50']);
    expect(tickLabel(0.5, 0.1, 'share')).toBe('50 %');
    expect(tickLabel(0.525, 0.025, 'share')).toBe('52.5 %');
    expect(tickLabel(20_000, 5000, 'count')).toBe('20k');
    expect(tickLabel(2000, 1000, 'ms')).toBe('2 s');
    expect(tickLabel(-1, 1, 'number')).toBe('−1');
  });

  it('name day and year only where they change, in UTC', () => {
    const start = Date.UTC(2001, 11, 30);
    expect(timeTickLabels([start, start + DAY, start + 2 * DAY], DAY)).toEqual([
      '30 Dec\n2001',
      '31 Dec',
      '1 Jan\n2002',
    ]);
    expect(timeTickLabels([start + 22 * HOUR, start + DAY, start + 26 * HOUR], 2 * HOUR)).toEqual([
      '22:00\n30 Dec',
      '00:00\n31 Dec',
      '02:00',
    ]);
  });
});

it('readouts say NaN and missing instead of hiding them', () => {
  expect(readValue(null, 'number')).toBe('–');
  expect(readValue(Number.NaN, 'number')).toBe('NaN');
  expect(readValue(0.8123, 'share')).toBe('81.2\u00a0%');
  expect(readValue(1234, 'ms')).toBe('1.23\u00a0s');
  expect(readTime(Date.UTC(2001, 1, 3))).toBe('3 Feb 2001');
  expect(readTime(Date.UTC(2001, 1, 3, 4, 5))).toBe('3 Feb 2001, 04:05');
});

it('a live axis counts back from now', () => {
  expect([0, 30_000, 60_000, 90_000].map(agoLabel)).toEqual(['now', '−30 s', '−1 min', '−90 s']);
});

describe('bin labels', () => {
  const bins = (edges: (number | null)[]) =>
    edges.slice(1).map((upper, i) => ({ label: `b${i}`, lower: edges[i] ?? null, upper: upper ?? null }));

  it('name open ends, ranges and single values', () => {
    expect(binLabels(bins([null, 5, 12, 40, null]))).toEqual(['< 5', '5 – 12', '12 – 40', '≥ 40']);
    expect(binLabels([{ label: 'x', lower: 0, upper: 0 }])).toEqual(['0']);
    expect(binLabels(bins([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY]))).toEqual(['< 1', '≥ 1']);
  });

  it('use one number of decimals, enough to keep edges apart', () => {
    expect(binLabels(bins([0.1, 0.12, 0.14]))).toEqual(['0.10 – 0.12', '0.12 – 0.14']);
    expect(binLabels(bins([-2.5, 0, 2.5]))).toEqual(['−2.5 – 0.0', '0.0 – 2.5']);
    const labels = binLabels(bins([0.001234, 0.001235, 0.00199]));
    expect(new Set(labels).size).toBe(2);
  });

  it('read a bin of one heavy value as that value, and the edges beside it as it', () => {
    const next = 6 + 2 ** -50;
    expect(binLabels(bins([0, 6, next, 10]))).toEqual(['0 – 6', '6', '6 – 10']);
    expect(binLabels(bins([6, 10, Math.fround(10 + 2 ** -20), 12]))).toEqual(['6 – 10', '10', '10 – 12']);
    expect(binLabels(bins([0, Number.MIN_VALUE, 4]))).toEqual(['0', '0 – 4']);
  });

  it('keep the given label for categories', () => {
    expect(binLabels([{ label: 'JFK', lower: null, upper: null }])).toEqual(['JFK']);
  });
});

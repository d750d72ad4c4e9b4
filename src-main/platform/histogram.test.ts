import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHistogram } from './histogram.ts';

describe('the histogram', () => {
  it('gives quantiles within 2.5 % of the exact ones', () => {
    const durations = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    const property = fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (values, share) => {
      const histogram = createHistogram();
      for (const value of values) histogram.add(value);
      const sorted = [...values].sort((left, right) => left - right);
      const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      expect(Math.abs((histogram.quantile(share) ?? 0) / exact - 1)).toBeLessThan(0.026);
    });
    fc.assert(property);
  });

  it('is empty at first, after a reset, and holds any duration', () => {
    const histogram = createHistogram();
    expect(histogram.quantile(0.5)).toBeNull();
    histogram.add(0);
    histogram.add(1e12);
    expect(histogram.count()).toBe(2);
    histogram.reset();
    expect(histogram.quantile(0.99)).toBeNull();
  });

  it('is put together from what others packed as if all values had come to it', () => {
    const durations = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 100 });
    const property = fc.property(fc.array(durations, { maxLength: 4 }), (parts) => {
      const whole = createHistogram();
      const merged = createHistogram();
      for (const part of parts) {
        const own = createHistogram();
        for (const value of part) own.add(value);
        for (const value of part) whole.add(value);
        merged.merge(own.packed());
      }
      expect(merged.packed()).toEqual(whole.packed());
      expect(merged.count()).toBe(whole.count());
      expect(merged.quantile(0.99)).toEqual(whole.quantile(0.99));
    });
    fc.assert(property);
    const histogram = createHistogram();
    histogram.merge([-1, 5, 400, 5, 7]);
    expect(histogram.count()).toBe(0);
  });
});

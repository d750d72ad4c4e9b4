import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalOf, randomOf } from '../testing/virtual-clock.ts';
import { createLatencyModel } from './latency-model.ts';

const quantile = (values: number[], share: number) =>
  values.sort((left, right) => left - right)[Math.floor(share * values.length)] ?? Number.NaN;

describe('the latency model', () => {
  it('knows nothing before the first batch, and then what it saw', () => {
    const model = createLatencyModel();
    expect([model.line(), model.expect(8), model.safe(8), model.largest()]).toEqual([null, 0, 0, 0]);
    model.add(4, 10);
    expect(model.expect(4)).toBe(10);
    expect(model.largest()).toBe(4);
  });

  it('finds any line from a few sizes, wherever it lies', () => {
    const property = fc.property(
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.double({ min: 0.001, max: 10, noNaN: true }),
      (baseMs, rowMs) => {
        const model = createLatencyModel();
        for (let n = 0; n < 4; n++) for (const rows of [1, 4, 16]) model.add(rows, baseMs + rowMs * rows);
        for (const rows of [1, 10, 64])
          expect(Math.abs(model.expect(rows) / (baseMs + rowMs * rows) - 1)).toBeLessThan(1e-6);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  it('is not moved by wild measurements: 3 in 100 of 50 to 400 ms', () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomOf(seed);
      const model = createLatencyModel();
      for (let n = 0; n < 50; n++) {
        const rows = 1 + Math.floor(random() * 32);
        const usual = (4 + 0.5 * rows) * (1 + 0.05 * normalOf(random));
        model.add(rows, random() < 0.03 ? 50 + 350 * random() : usual);
      }
      errors.push(Math.abs(model.expect(32) / 20 - 1));
    }
    // Least squares on the same data: 17 % and 132 %.
    expect(quantile(errors, 0.5)).toBeLessThan(0.03);
    expect(quantile(errors, 0.9)).toBeLessThan(0.08);
  });

  it('follows a device that becomes slower, and keeps what it knows of other sizes', () => {
    const model = createLatencyModel();
    for (let n = 0; n < 20; n++) for (const rows of [1, 8, 32]) model.add(rows, 4 + 0.5 * rows);
    for (let n = 0; n < 1_000; n++) model.add(1, 4.5);
    expect(model.expect(32)).toBeCloseTo(20, 6);
    for (let n = 0; n < 16; n++) model.add(32, 40);
    expect(model.expect(32)).toBeCloseTo(40, 6);
    expect(model.expect(1)).toBeCloseTo(4.5, 6);
  });

  it('gets over a time in which everything was slow, also for sizes that did not run since', () => {
    const model = createLatencyModel();
    for (let n = 0; n < 20; n++) for (const rows of [1, 2, 8, 32]) model.add(rows, 50 * (4 + 0.5 * rows));
    for (let n = 0; n < 150; n++) for (const rows of [1, 4]) model.add(rows, 4 + 0.5 * rows);
    expect(model.expect(2)).toBeLessThan(7);
    expect(model.expect(32)).toBeLessThan(50);
  });

  it('is on the safe side for about 95 in 100, and never below the expected', () => {
    const random = randomOf(5);
    const model = createLatencyModel();
    const draw = (rows: number) => (4 + 0.5 * rows) * Math.exp(0.2 * normalOf(random));
    for (let n = 0; n < 400; n++) for (const rows of [1, 4, 16, 32]) model.add(rows, draw(rows));
    let within = 0;
    for (let n = 0; n < 2_000; n++) if (draw(16) <= model.safe(16)) within += 1;
    expect(within / 2_000).toBeGreaterThan(0.88);
    expect(model.safe(16)).toBeGreaterThanOrEqual(model.expect(16));
    expect(model.safe(16)).toBeLessThan(2 * model.expect(16));
  });

  it('forgets the first run of a size, which pays for its buffers', () => {
    const model = createLatencyModel();
    for (const ms of [900, 5, 5]) model.add(1, ms);
    for (const ms of [1_300, 20, 20]) model.add(32, ms);
    expect(model.expect(32)).toBe(20);
    expect(model.expect(1)).toBe(5);
  });

  it('ignores what is no measurement', () => {
    const model = createLatencyModel();
    for (const [rows, ms] of [
      [0, 5],
      [1, Number.NaN],
      [1, -1],
    ] as const)
      model.add(rows, ms);
    expect(model.line()).toBeNull();
  });
});

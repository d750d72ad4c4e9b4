import { describe, expect, it } from 'vitest';
import { chiSquareTail, logGamma, upperGamma } from '../../statistics/gamma.ts';
import { ratioTest } from './ratio.rules.ts';
import { seeded } from './simulate.ts';

describe('the chi-square tail', () => {
  it('has its closed forms to 1e-9', () => {
    // Two degrees: e^(−x/2). Four: e^(−x/2)(1 + x/2). Six: e^(−x/2)(1 + x/2 + x²/8).
    for (const x of [0.01, 0.5, 1, 3, 5.99, 10, 40, 200]) {
      const e = Math.exp(-x / 2);
      expect(Math.abs(chiSquareTail(x, 2) - e)).toBeLessThan(1e-9);
      expect(Math.abs(chiSquareTail(x, 4) - e * (1 + x / 2))).toBeLessThan(1e-9);
      expect(Math.abs(chiSquareTail(x, 6) - e * (1 + x / 2 + (x * x) / 8))).toBeLessThan(1e-9);
    }
  });

  it('has the tables’ values to 1e-9', () => {
    // Of one degree it is twice the normal tail: erfc(√(x/2)), with erfc to 15 digits (Abramowitz & Stegun 7.1).
    const known: [number, number, number][] = [
      [1, 1, 0.317_310_507_862_914],
      [4, 1, 0.045_500_263_896_358_4],
      [9, 1, 0.002_699_796_063_260_19],
      [36, 1, 1.973_175_290_075_396e-9],
      // Three degrees: erfc(√(x/2)) + √(2x/π) e^(−x/2).
      [1, 3, 0.317_310_507_862_914 + Math.sqrt(2 / Math.PI) * Math.exp(-0.5)],
      [9, 3, 0.002_699_796_063_260_19 + Math.sqrt(18 / Math.PI) * Math.exp(-4.5)],
    ];
    for (const [x, degrees, p] of known) expect(Math.abs(chiSquareTail(x, degrees) - p)).toBeLessThan(1e-9);
    expect(chiSquareTail(0, 3)).toBe(1);
    expect(upperGamma(0.5, 800)).toBeGreaterThanOrEqual(0);
  });

  it('rests on a gamma function with 1e-12', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(
        1e-12 * Math.max(1, Math.log(factorial)),
      );
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  });
});

describe('sample-ratio mismatch', () => {
  it('is Pearson’s chi-square in one period', () => {
    const found = ratioTest([{ weights: [5_000, 3_000, 2_000], units: [520, 290, 190] }]);
    expect(found).toMatchObject({ expected: [500, 300, 200], observed: [520, 290, 190], degrees: 2 });
    expect(found?.chiSquare).toBeCloseTo(400 / 500 + 100 / 300 + 100 / 200, 10);
    expect(found?.alarm).toBe(false);
  });

  it('alarms at p below 0.001, and only then', () => {
    const at = (a: number) => ratioTest([{ weights: [5_000, 5_000], units: [a, 10_000 - a] }]);
    // z = 3.2905 is p = 0.001.
    expect(at(5_164)).toMatchObject({ alarm: false });
    expect(at(5_165)).toMatchObject({ alarm: true });
    expect(ratioTest([{ weights: [5_000, 5_000], units: [8, 0] }])).toMatchObject({
      enough: false,
      alarm: false,
    });
  });

  it('does not take a ramp for a mismatch, and finds a small one over all periods together', () => {
    const fair = [
      { weights: [9_900, 100], units: [9_900, 100] },
      { weights: [5_000, 5_000], units: [5_010, 4_990] },
    ];
    expect(ratioTest(fair)?.p).toBeGreaterThan(0.8);
    // Twenty periods, each a little short of the second arm: none alarms alone.
    const short = { weights: [5_000, 5_000], units: [530, 470] };
    expect(ratioTest([short])?.alarm).toBe(false);
    expect(ratioTest(Array.from({ length: 20 }, () => short))?.alarm).toBe(true);
  });

  it('leaves out arms that never had any traffic, and needs two', () => {
    expect(ratioTest([{ weights: [5_000, 5_000, 0], units: [100, 100, 7] }])).toMatchObject({ degrees: 1 });
    expect(ratioTest([{ weights: [10_000, 0], units: [100, 0] }])).toBeNull();
    expect(ratioTest([])).toBeNull();
  });

  it('alarms once in a thousand where the split is right', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = seeded(seed);
      const periods = [0.1, 0.3, 0.5].map((share) => {
        let other = 0;
        for (let unit = 0; unit < 400; unit++) other += Number(random() < share);
        return { weights: [1 - share, share], units: [400 - other, other] };
      });
      alarms += Number(ratioTest(periods)?.alarm);
    }
    // Two are expected; more than nine would happen once in 20,000 such tests.
    expect(alarms).toBeLessThanOrEqual(9);
  });
});

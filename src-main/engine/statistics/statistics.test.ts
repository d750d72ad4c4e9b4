import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCdf } from './beta.ts';
import { binomialTerm, chiSquareTail, deviance, logGamma, upperGamma } from './gamma.ts';
import { Mersenne } from './mersenne.ts';
import { sortedOrder } from './order.ts';
import { halfToEven } from './rounding.ts';

// Against SciPy's tails: drift-reports/methods/methods.test.ts.
describe('distributions', () => {
  it('chi-square with two degrees is exponential, of any size', () => {
    const property = fc.property(fc.double({ min: 0, max: 1400, noNaN: true }), (x) => {
      expect(Math.abs(chiSquareTail(x, 2) / Math.exp(-x / 2) - 1)).toBeLessThan(1e-11);
    });
    fc.assert(property);
    expect(upperGamma(3, 0)).toBe(1);
    expect(upperGamma(3, Number.POSITIVE_INFINITY)).toBe(0);
    expect(upperGamma(2e9, 1)).toBe(1);
    expect(upperGamma(1, 1e6)).toBe(0);
  });

  it('the terms of a binomial add up to 1, and to its tail by the beta function', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(200),
      (n, p, k) => {
        const terms = Array.from({ length: n + 1 }, (_, at) => binomialTerm(at, n, p));
        expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(1, 11);
        const from = Math.max(1, Math.min(k, n));
        const tail = terms.slice(from).reduce((sum, term) => sum + term, 0);
        expect(betaCdf(p, from, n - from + 1)).toBeCloseTo(tail, 11);
      },
    );
    fc.assert(property);
  });

  it('the deviance is 0 at its centre and never negative', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (x, m) => {
        expect(deviance(x, m)).toBeGreaterThanOrEqual(0);
        expect(deviance(x, x)).toBe(0);
      }),
    );
  });

  it('ln Γ obeys Γ(x + 1) = x Γ(x)', () => {
    const property = fc.property(fc.double({ min: 0.01, max: 1e4, noNaN: true }), (x) => {
      const scale = Math.max(1, Math.abs(logGamma(x)));
      expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x)) / scale).toBeLessThan(1e-12);
    });
    fc.assert(property);
  });
});

describe('MT19937', () => {
  it('draws what numpy.random.RandomState(42) draws', () => {
    const random = new Mersenne(42);
    // RandomState(42).randint(0, 2**32, 3, dtype='uint32')
    expect([random.next(), random.next(), random.next()]).toEqual([
      1_608_637_542, 3_421_126_067, 4_083_286_876,
    ]);
    expect([...new Mersenne(42).permutation(10)]).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
    const later = new Mersenne(5_489);
    for (let at = 0; at < 9_999; at++) later.next();
    // The 10,000th draw by the C++ standard, [rand.predef].
    expect(later.next()).toBe(4_123_659_995);
    expect(random.upTo(0)).toBe(0);
  });
});

describe('rounding', () => {
  it('puts a half to the even neighbour', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map(halfToEven)).toEqual([0, 2, 2, 0, -2, 2, 3]);
  });
});

describe('the order of values', () => {
  it('is that of a stable sort', () => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 200 });
    const property = fc.property(values, (given) => {
      const expected = given
        .map((_, at) => at)
        .sort((one, two) => (given[one] as number) - (given[two] as number));
      expect([...sortedOrder(Float64Array.from(given))]).toEqual(expected);
    });
    fc.assert(property);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCdf } from '../../statistics/beta.ts';
import { logGamma } from '../../statistics/gamma.ts';
import { probabilityHigher } from './beta.rules.ts';

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

describe('the beta distribution', () => {
  it('has the cumulative that the binomial sum gives', () => {
    const binomial = (n: number, k: number) =>
      Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1));
    const property = fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      (a, b, x) => {
        const n = a + b - 1;
        let sum = 0;
        for (let k = a; k <= n; k++) sum += binomial(n, k) * x ** k * (1 - x) ** (n - k);
        expect(betaCdf(x, a, b)).toBeCloseTo(sum, 8);
      },
    );
    fc.assert(property);
  });

  it('gives P(B > A) as the closed sum does', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      fc.nat(400),
      fc.nat(400),
      (n, m, first, second) => {
        const other = { happened: Math.min(first, n), of: n };
        const one = { happened: Math.min(second, m), of: m };
        const [aA, bA] = [1 + other.happened, 1 + other.of - other.happened];
        const [aB, bB] = [1 + one.happened, 1 + one.of - one.happened];
        let sum = 0;
        for (let i = 0; i < aB; i++)
          sum += Math.exp(logBeta(aA + i, bA + bB) - Math.log(bB + i) - logBeta(1 + i, bB) - logBeta(aA, bA));
        expect(probabilityHigher(one, other, 0)).toBeCloseTo(sum, 3);
      },
    );
    fc.assert(property);
  });

  it('falls with the margin, and stays a probability with a million trials', () => {
    const one = { happened: 1_000, of: 1_000_000 };
    const values = [0, 0.0001, 0.001, 0.01].map((margin) =>
      probabilityHigher(one, { happened: 900, of: 1_000_000 }, margin),
    );
    expect(values[0]).toBeGreaterThan(0.98);
    for (const [at, value] of values.entries()) {
      expect(value).toBeGreaterThanOrEqual(-1e-9);
      expect(value).toBeLessThanOrEqual(values[at - 1] ?? 1);
    }
    expect(probabilityHigher({ happened: 20, of: 20 }, { happened: 0, of: 0 }, 0)).toBeGreaterThan(0.9);
  });
});

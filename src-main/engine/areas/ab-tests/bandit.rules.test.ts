import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ArmRewards, banditWeights, bestProbabilities } from './bandit.rules.ts';
import { normal, seeded } from './simulate.ts';

vi.setConfig({ testTimeout: 120_000 });

const clicks = (n: number, y: number): ArmRewards => ({ n, y, yy: y });

describe('the probability to be the best', () => {
  it('of two Beta posteriors is that of their closed form', () => {
    // Beta(2, 1) against Beta(1, 1): ∫ 2x · x dx = 2/3.
    expect(bestProbabilities([clicks(1, 1), clicks(0, 0)], 'binary')[0]).toBeCloseTo(2 / 3, 3);
    // Beta(3, 1) against Beta(1, 2): ∫ 3x² (1 − (1−x)²) dx = 3(2/4 − 1/5) = 0.9.
    expect(bestProbabilities([clicks(2, 2), clicks(1, 0)], 'binary')[0]).toBeCloseTo(0.9, 3);
  });

  it('of many rewards is that of the normal difference', () => {
    const [first = 0] = bestProbabilities([clicks(100_000, 30_100), clicks(100_000, 30_000)], 'binary');
    // z = 0.001 / √(0.301·0.699/1e5 + 0.3·0.7/1e5) = 0.48776; Φ = 0.68713.
    expect(first).toBeCloseTo(0.687, 2);
  });

  it('adds up to 1, goes with its arm, and is equal before anything is known', () => {
    const arm = fc.nat(3_000).chain((n) => fc.nat(n).map((y) => clicks(n, y)));
    fc.assert(
      fc.property(
        fc.array(arm, { minLength: 2, maxLength: 8 }),
        fc.constantFrom('binary', 'real'),
        (arms, kind) => {
          const there = bestProbabilities(arms, kind);
          expect(there.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          const back = bestProbabilities(arms.toReversed(), kind).reverse();
          for (const [at, p] of there.entries()) expect(back[at]).toBeCloseTo(p, 6);
        },
      ),
    );
    expect(bestProbabilities([clicks(0, 0), clicks(0, 0), clicks(0, 0)], 'real')).toEqual([
      1 / 3,
      1 / 3,
      1 / 3,
    ]);
    for (const p of bestProbabilities([clicks(0, 0), clicks(0, 0)], 'binary')) expect(p).toBeCloseTo(0.5, 6);
  });
});

describe('weights', () => {
  it('add up to everything and keep the floor', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 0, max: 1_250 }),
        (raw, floor) => {
          const total = raw.reduce((sum, p) => sum + p, 0);
          const weights = banditWeights(
            total > 0 ? raw.map((p) => p / total) : raw.map(() => 1 / raw.length),
            floor,
          );
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(10_000);
          for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(floor);
        },
      ),
    );
  });
});

describe('a bandit of three arms', () => {
  const TRUTH = [0.1, 0.12, 0.2];
  const best = Math.max(...TRUTH);

  /** Plays 6,000 requests; weights change every 100 rewards. Returns the traffic of each arm and the regret. */
  function run(seed: number, reward: 'binary' | 'real', floor: number) {
    const random = seeded(seed);
    const arms = TRUTH.map(() => ({ n: 0, y: 0, yy: 0 }));
    let weights = [3_334, 3_333, 3_333];
    let regret = 0;
    for (let at = 0; at < 6_000; at++) {
      let place = random() * 10_000;
      const chosen = weights.findIndex((weight) => {
        place -= weight;
        return place < 0;
      });
      const arm = arms[chosen] as (typeof arms)[number];
      const mean = TRUTH[chosen] as number;
      const value = reward === 'binary' ? Number(random() < mean) : mean + 0.3 * normal(random);
      arm.n += 1;
      arm.y += value;
      arm.yy += value * value;
      regret += best - mean;
      if (at % 100 !== 99) continue;
      weights = banditWeights(bestProbabilities(arms, reward), floor);
      for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(floor);
    }
    return { traffic: arms.map(({ n }) => n / 6_000), regret };
  }

  it.each(['binary', 'real'] as const)(
    '%s rewards: the best gets most, and less is lost than by an even split',
    (kind) => {
      const even = 6_000 * TRUTH.reduce((sum, mean) => sum + (best - mean) / TRUTH.length, 0);
      const runs = Array.from({ length: 40 }, (_, seed) => run(seed + 1, kind, 500));
      for (const { regret } of runs) expect(regret).toBeLessThan(even);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean(runs.map(({ traffic }) => traffic[2] ?? 0))).toBeGreaterThan(0.75);
      expect(mean(runs.map(({ regret }) => regret))).toBeLessThan(even / 2);
      // The floor is real traffic: 5 % each, but for the noise of a draw.
      for (const { traffic } of runs) for (const share of traffic) expect(share).toBeGreaterThan(0.035);
    },
  );
});

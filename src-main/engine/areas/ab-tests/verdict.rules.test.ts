import { describe, expect, it } from 'vitest';
import type { AbEffect, AbMetric } from '../../../contract/ab-tests.ts';
import { goodOf, verdictOf } from './verdict.rules.ts';

const effect = (arm: string, low: number | null, high: number | null): AbEffect => ({
  ...{ arm, low, high, effect: low === null || high === null ? null : (low + high) / 2 },
  ...{ relative: 0.1, relativeLow: 0, relativeHigh: 0.2, units: 900, used: 1 },
});
const verdict = (
  metric: AbMetric,
  effects: AbEffect[],
  part: Partial<Parameters<typeof verdictOf>[0]> = {},
) =>
  verdictOf({
    ...{ metric, effects, baseline: 'a', good: goodOf(metric), minEffect: null, ratio: null, need: null },
    ...{ rewards: 10, fewest: 30, values: [{ key: 'a', n: 500, units: 500 }] },
    ...part,
  });

describe('the verdict', () => {
  it('goes by what is good of the metric', () => {
    const up = [effect('b', 0.01, 0.05)];
    expect(verdict('accuracy', up)).toMatchObject({ kind: 'better', arm: 'b' });
    expect(verdict('error-rate', up)).toMatchObject({
      kind: 'worse',
      title: 'b is worse than a in error rate.',
    });
    expect(verdict('score-mean', up)).toMatchObject({ kind: 'different' });
    expect(verdict('accuracy', up).text).toBe(
      'b differs from a by +1 points to +5 points (best guess +3 points, +10 % of a).',
    );
  });

  it('names the best of several, or the worst where none is better', () => {
    const mixed = [effect('b', 0.01, 0.05), effect('c', 0.04, 0.08), effect('d', -0.9, -0.2)];
    expect(verdict('reward-mean', mixed)).toMatchObject({ kind: 'better', arm: 'c' });
    const bad = [effect('b', -0.05, -0.01), effect('c', -0.9, -0.2), effect('d', -0.1, 0.1)];
    expect(verdict('reward-mean', bad)).toMatchObject({ kind: 'worse', arm: 'c' });
  });

  it('puts a broken split before everything', () => {
    const ratio = {
      arms: [
        { key: 'a', expected: 500, observed: 600 },
        { key: 'b', expected: 500, observed: 400 },
      ],
      ...{ chiSquare: 40, degrees: 1, p: 2.5e-10, alarm: true, enough: true },
    };
    const found = verdict('accuracy', [effect('b', 0.2, 0.3)], { ratio });
    expect(found.kind).toBe('mismatch');
    expect(found.text).toContain('a got 600 units where 500 were due');
    expect(found.text).toContain('once in 4,000,000,000 tests');
  });

  it('says that it is early, undecided, or the same', () => {
    const few = [{ key: 'a', n: 12, units: 12 }];
    expect(verdict('accuracy', [effect('b', null, null)], { values: few }).text).toContain('a has 12');
    expect(verdict('accuracy', [effect('b', -0.1, 0.1)]).kind).toBe('undecided');
    expect(verdict('accuracy', [effect('b', -0.1, 0.1)], { minEffect: 0.2 }).kind).toBe('same');
    // One arm that nothing is known of yet could still matter.
    const unknown = [effect('b', -0.1, 0.1), effect('c', null, null)];
    expect(verdict('accuracy', unknown, { minEffect: 0.2 }).kind).toBe('undecided');
    const need = {
      ...{ minEffect: 0.02, perArm: 4_000, perArmSequential: 9_000, collected: 1_000, remaining: 8_000 },
      remainingMs: 3 * 86_400_000,
    };
    expect(verdict('accuracy', [effect('b', -0.1, 0.1)], { need }).text).toContain(
      'To see a difference of 2 points it takes about 9,000 units in each arm: 8,000 more, about 3 days at this pace.',
    );
  });
});

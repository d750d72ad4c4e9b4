import { expect, it } from 'vitest';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { scoreText, tallOf, worstFirst } from './psi.ts';

const feature = (
  name: string,
  level: 'stable' | 'moderate' | 'large' | 'too-few' | null,
  value = 0,
): FeatureDrift => ({
  feature: name,
  kind: 'numeric',
  latest: level === null ? null : { method: 'm', value, n: 1, minN: 1, level },
  latestWindowMs: 0,
  trend: [],
  missingShare: 0,
  referenceMissingShare: 0,
});

it('sorts the worst first; a high score on few rows does not count as drift', () => {
  const sorted = worstFirst([
    feature('few', 'too-few', 9),
    feature('none', null),
    feature('stable', 'stable', 0.05),
    feature('large', 'large', 0.3),
    feature('larger', 'large', 0.9),
  ]);
  expect(sorted.map((one) => one.feature)).toEqual(['larger', 'large', 'stable', 'few', 'none']);
});

it('a small p value is grave: written as such and drawn tall', () => {
  const chi2 = 'lathe.chi2.frozen@1';
  expect(scoreText(1e-9, chi2)).toBe('< 0.001');
  expect(scoreText(0, 'lathe.psi.frozen@1')).toBe('0.000');
  expect(tallOf(0, chi2)).toBe(1);
  expect(tallOf(0.001, chi2)).toBeCloseTo(0.5);
  expect(tallOf(1, chi2)).toBeCloseTo(0);
  expect(tallOf(0.25, 'lathe.psi.frozen@1')).toBe(0.5);
  expect(tallOf(0.2, 'lathe.js.frozen@1')).toBe(0.5);
});

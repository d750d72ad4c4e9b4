import { expect, it } from 'vitest';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { trendOf, worstFirst } from './psi.ts';

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

it('a trend needs enough whole windows', () => {
  const trend = Array.from({ length: 9 }, (_, i) => ({
    windowMs: i,
    value: i / 10,
    level: i < 1 ? ('too-few' as const) : ('stable' as const),
  }));
  expect(trendOf({ ...feature('x', 'stable'), trend })).toBeCloseTo(0.7);
  expect(trendOf({ ...feature('x', 'stable'), trend: trend.slice(0, 5) })).toBeNull();
});

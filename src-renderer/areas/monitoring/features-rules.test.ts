import { expect, test } from 'vitest';
import type { FeatureDrift, FeatureQuality } from '../../../src-main/contract/monitoring.ts';
import type { DriftLevel } from '../../../src-main/contract/monitoring-series.ts';
import { featureRows, filterRows, severityOf } from './features-rules.ts';

const drift = (feature: string, value: number | null, level: DriftLevel = 'stable'): FeatureDrift => ({
  feature,
  kind: 'numeric',
  latest: value === null ? null : { method: 'lathe.psi.frozen@1', value, n: 500, minN: 340, level },
  latestWindowMs: 0,
  trend: [],
  missingShare: 0,
  referenceMissingShare: 0,
});
const quality = (feature: string, finding: FeatureQuality['finding']): FeatureQuality => ({
  feature,
  kind: 'numeric',
  n: 500,
  missing: 0,
  notFinite: 0,
  wrongType: 0,
  outOfRange: 0,
  unseen: 0,
  referenceMissing: 0,
  referenceOutOfRange: 0,
  constant: false,
  finding,
});

const rows = featureRows(
  [drift('temp', 0.4, 'large'), drift('Wind', 0.15, 'moderate'), drift('dest', 0.02), drift('new', null)],
  [quality('dest', { level: 'warning', text: 'new categories' }), quality('temp', null)],
  [],
);
const shown = (text: string, show: 'all' | 'drifted' | 'findings') =>
  filterRows(rows, { text, show }).map((row) => row.drift.feature);

test('a row has what is known of its feature, and null for what is not', () => {
  expect(rows.map((row) => [row.drift.feature, row.quality?.feature ?? null, row.ranked])).toEqual([
    ['temp', 'temp', null],
    ['Wind', null, null],
    ['dest', 'dest', null],
    ['new', null, null],
  ]);
});

test('filters by a part of the name and by what is wrong', () => {
  expect(shown('', 'all')).toHaveLength(4);
  expect(shown(' w', 'all')).toEqual(['Wind', 'new']);
  expect(shown('', 'drifted')).toEqual(['temp', 'Wind']);
  expect(shown('', 'findings')).toEqual(['dest']);
  expect(shown('temp', 'findings')).toEqual([]);
});

test('severity: the level first, then the score; too few rows come last, no score is none', () => {
  const order = [
    drift('a', 0.26, 'large'),
    drift('b', 9, 'moderate'),
    drift('c', 0.09),
    drift('d', 0.01),
    drift('e', 50, 'too-few'),
  ].map(severityOf);
  expect(order).toEqual([...order].sort((a, b) => (b ?? 0) - (a ?? 0)));
  expect(severityOf(drift('f', null))).toBeNull();
  const p = (value: number) => {
    const one = drift('p', value, 'large');
    return (
      severityOf({ ...one, latest: one.latest && { ...one.latest, method: 'lathe.chi2.frozen@1' } }) ?? 0
    );
  };
  expect(p(0.0001)).toBeGreaterThan(p(0.0005));
});

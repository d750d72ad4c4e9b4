import { expect, test } from 'vitest';
import type { FeatureDrift, FeatureQuality } from '../../../src-main/contract/monitoring.ts';
import type { DriftLevel, Series, SeriesPoint } from '../../../src-main/contract/monitoring-series.ts';
import { type HealthFacts, healthWords, sinceOf } from './health-words.ts';

const DAY = 86_400_000;
const START = Date.UTC(2013, 2, 1);
const day = (at: number) => START + at * DAY;

const LEVELS: readonly [number, DriftLevel][] = [
  [0.25, 'large'],
  [0.1, 'moderate'],
  [0, 'stable'],
];
const levelOf = (value: number): DriftLevel => LEVELS.find(([from]) => value >= from)?.[1] ?? 'stable';

/** One score a day from 1 March on; the last one is the latest. */
const feature = (name: string, values: number[], more: Partial<FeatureDrift> = {}): FeatureDrift => {
  const last = values.at(-1);
  return {
    feature: name,
    kind: 'numeric',
    latest:
      last === undefined
        ? null
        : { method: 'lathe.psi.frozen@1', value: last, n: 900, minN: 340, level: levelOf(last) },
    latestWindowMs: last === undefined ? null : day(values.length - 1),
    trend: values.map((value, i) => ({ windowMs: day(i), value, n: 900, level: levelOf(value) })),
    missingShare: 0,
    referenceMissingShare: 0,
    ...more,
  };
};

const point = (at: number, value: number | null, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  windowMs: day(at),
  value,
  n: 900,
  low: value === null ? null : value - 0.02,
  high: value === null ? null : value + 0.02,
  level: null,
  complete: true,
  mature: true,
  ...more,
});

const accuracy = (points: SeriesPoint[], more: Partial<Series> = {}): Series => ({
  series: { of: 'performance', metric: 'accuracy' },
  per: 'day',
  span: 7,
  unit: 'share',
  good: 'higher',
  reference: 0.8,
  minN: 100,
  warnAt: null,
  alertAt: null,
  version: '1',
  notes: [],
  points,
  ...more,
});

const bad = (name: string, level: 'warning' | 'critical', text: string): FeatureQuality => ({
  feature: name,
  kind: 'numeric',
  n: 900,
  missing: 0.2,
  notFinite: 0,
  wrongType: 0,
  outOfRange: 0,
  unseen: 0,
  referenceMissing: 0,
  referenceOutOfRange: 0,
  constant: false,
  finding: { level, text },
});

const words = (facts: Partial<HealthFacts>) =>
  healthWords({
    per: 'day',
    score: 'PSI',
    features: [],
    quality: [],
    performance: null,
    estimated: null,
    ...facts,
  });

const drifted = [feature('temp', [0.02, 0.05, 0.3, 0.4]), feature('wind', [0.02, 0.02, 0.02, 0.3])];

test('a fall in quality is said first, with since when, and the drift that goes with it', () => {
  const said = words({
    features: drifted,
    performance: accuracy([point(0, 0.81), point(1, 0.7), point(2, 0.69), point(3, 0.9, { mature: false })]),
  });
  expect(said.tone).toBe('bad');
  expect(said.headline).toBe(
    'Accuracy has fallen to 69.0\u00a0% from 80.0\u00a0% on the reference, since 2 Mar 2013.',
  );
  expect(said.details[0]).toBe(
    'temp has drifted: PSI 0.4, large since 3 Mar 2013, and 1 more input with it.',
  );
  expect(said.feature).toBe('temp');
});

test('a measure that is better when lower has risen', () => {
  const loss = accuracy([point(0, 0.5)], {
    series: { of: 'performance', metric: 'log-loss' },
    unit: 'score',
    good: 'lower',
    reference: 0.4,
  });
  expect(words({ performance: loss }).headline).toBe(
    'Log loss has risen to 0.5 from 0.4 on the reference, since 1 Mar 2013.',
  );
});

test('drift without a fall in quality says that quality holds', () => {
  const said = words({ features: drifted, performance: accuracy([point(3, 0.79)]) });
  expect(said.headline).toBe('temp has drifted: PSI 0.4, large since 3 Mar 2013, and 1 more input with it.');
  expect(said.details[0]).toContain('Quality is not affected as far as labels tell');
});

test('an interval that reaches the reference is no fall, and a better one is said to be none', () => {
  expect(words({ performance: accuracy([point(0, 0.785)]) }).tone).toBe('neutral');
  expect(words({ features: drifted, performance: accuracy([point(0, 0.9)]) }).details[0]).toContain(
    'Quality is not worse',
  );
});

test('without final labels it is not claimed that quality holds; the estimate is said instead', () => {
  const estimated = accuracy([point(3, 0.75)], { series: { of: 'estimated', metric: 'accuracy' } });
  expect(words({ features: drifted, performance: accuracy([]), estimated }).details[0]).toBe(
    'Whether quality is affected cannot be told yet: no labels have come. Without labels it is estimated at 75.0\u00a0% (the reference has 80.0\u00a0%).',
  );
  const coming = accuracy([point(3, 0.5, { mature: false })]);
  expect(words({ features: drifted, performance: coming }).details[0]).toContain('labels are still coming');
});

test('too few labelled rows and an open window claim nothing', () => {
  for (const more of [{ n: 20 }, { complete: false }, { mature: false }])
    expect(
      words({ features: [feature('a', [0.01])], performance: accuracy([point(0, 0.2, more)]) }).tone,
    ).toBe('ok');
});

test('critical data is graver than drift, a warning less', () => {
  const critical = words({
    features: drifted,
    quality: [bad('wind', 'critical', 'It is missing in all rows.')],
  });
  expect(critical.headline).toBe('wind: it is missing in all rows.');
  expect(critical.feature).toBe('wind');
  const warning = words({
    features: drifted,
    quality: [bad('wind', 'warning', '20 % of its values are new.')],
  });
  expect(warning.headline).toContain('temp has drifted');
  expect(warning.details).toContain('wind: 20 % of its values are new.');
});

test('moderate drift is worth a look', () => {
  const said = words({ features: [feature('temp', [0.02, 0.15])] });
  expect(said.tone).toBe('warn');
  expect(said.headline).toBe('temp has moved: PSI 0.15, moderate since 2 Mar 2013.');
});

test('all is well only where something was judged', () => {
  expect(words({ features: [feature('a', [0.01]), feature('b', [0.02])] })).toMatchObject({
    tone: 'ok',
    headline: 'Nothing has drifted: all 2 inputs are stable over the newest 7 days.',
  });
  expect(words({ features: [feature('a', [])] })).toMatchObject({
    tone: 'neutral',
    headline: 'The inputs cannot be judged yet: the first whole day is not over.',
  });
  expect(words({}).headline).toBe('Drift cannot be told yet: no served version has a reference.');
});

test('too few rows give no level, and how many are needed', () => {
  const few = feature('a', [0.9]);
  few.latest = { method: 'lathe.psi.frozen@1', value: 0.9, n: 10, minN: 340, level: 'too-few' };
  expect(words({ features: [few] })).toMatchObject({
    tone: 'neutral',
    headline: 'Too few rows to judge the inputs yet: 340 of 7 days are needed.',
  });
});

test('enough rows of too short a time are no span yet', () => {
  const young = feature('a', [0.9]);
  young.latest = { method: 'lathe.psi.frozen@1', value: 0.9, n: 5000, minN: 340, level: 'too-few' };
  expect(words({ features: [young] }).headline).toBe('The inputs cannot be judged yet: that takes 7 days.');
});

test('since when: the present run, over windows without a level, at the level or above', () => {
  const trend = [
    { windowMs: 1, value: 0.3, level: 'large' as const },
    { windowMs: 2, value: 0.05, level: 'stable' as const },
    { windowMs: 3, value: 0.3, level: 'large' as const },
    { windowMs: 4, value: 0, level: 'too-few' as const },
    { windowMs: 5, value: 0.2, level: 'moderate' as const },
  ];
  expect(sinceOf(trend, 'moderate')).toBe(3);
  expect(sinceOf(trend, 'large')).toBeNull();
});

import { describe, expect, it } from 'vitest';
import type { LiveSample } from '../../../src-main/contract/serving.ts';
import { armKeys, armNow, armPoints, mergeSamples } from './live-figures.ts';

type ArmSample = LiveSample['arms'][number];
const arm = (key: string, more: Partial<ArmSample> = {}): ArmSample => ({
  arm: key,
  version: '1',
  requests: 10,
  rows: 20,
  errors: 0,
  batches: 5,
  meanBatch: 4,
  p50Ms: 1,
  p95Ms: 2,
  p99Ms: 3,
  queueMs: 0.5,
  ...more,
});
const second = (at: number, arms: ArmSample[]): LiveSample => ({
  endpoint: 'e',
  atMs: at * 1000,
  queued: 0,
  arms,
});

it('merging keeps one sample a second, in order, and forgets what is too old', () => {
  const merged = mergeSamples(
    [second(1, []), second(2, [])],
    [second(2, [arm('a')]), second(130, [])],
    120_000,
  );
  expect(merged.map(({ atMs }) => atMs)).toEqual([130_000]);
  expect(
    mergeSamples([second(3, [])], [second(2, [arm('a')]), second(3, [arm('a')])], 120_000).map(
      ({ arms }) => arms.length,
    ),
  ).toEqual([1, 1]);
});

describe('armNow', () => {
  it('gives rates per second and the observed share', () => {
    const now = armNow([second(1, [arm('a'), arm('b', { requests: 30 })]), second(2, [arm('a')])], 'a', '1');
    expect(now.requestsPerSecond).toBe(10);
    expect(now.share).toBe(0.4);
    expect(now.meanBatch).toBe(4);
  });

  it('weighs a second’s percentile by its requests', () => {
    const now = armNow(
      [second(1, [arm('a', { requests: 30, p95Ms: 2 })]), second(2, [arm('a', { requests: 10, p95Ms: 6 })])],
      'a',
      '1',
    );
    expect(now.p95Ms).toBe(3);
  });

  it('says nothing rather than zero for an arm without traffic', () => {
    const now = armNow([second(1, [])], 'a', '1');
    expect(now).toMatchObject({ requestsPerSecond: 0, share: null, p95Ms: null, meanBatch: null });
  });
});

it('arms that only the samples know stay in the legend; idle seconds are gaps', () => {
  const samples = [second(1, [arm('old')]), second(2, [])];
  expect(armKeys(samples, [{ key: 'champion' }])).toEqual(['champion', 'old']);
  expect(armPoints(samples, 'old', ({ p50Ms }) => p50Ms)).toEqual([
    { x: 1000, y: 1 },
    { x: 2000, y: null },
  ]);
});

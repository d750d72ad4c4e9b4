import { describe, expect, it } from 'vitest';
import type { LiveSample } from '../../../src-main/contract/serving.ts';
import {
  armKeys,
  armNow,
  armPoints,
  batchBins,
  endpointNow,
  hasTraffic,
  mergeSamples,
  NOT_ANSWERED,
  sumPoints,
} from './live-figures.ts';

type ArmSample = LiveSample['arms'][number];
const arm = (key: string, more: Partial<ArmSample> = {}): ArmSample => ({
  arm: key,
  version: '1',
  requests: 10,
  rows: 20,
  errors: 0,
  refused: { queueFull: 0, late: 0, expired: 0, unavailable: 0 },
  invalid: 0,
  batches: 5,
  batchSizes: [0, 0, 5],
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

describe('what was not answered', () => {
  const refused = { queueFull: 1, late: 2, expired: 0, unavailable: 3 };
  const samples = [second(1, [arm('a', { errors: 8, refused, invalid: 4 }), arm('b', { errors: 1 })])];

  it('is each counted once: refused by reason, failed, and bad requests', () => {
    const parts = NOT_ANSWERED.map(({ id, read }) => [id, sumPoints(samples, read)[0]?.y]);
    expect(Object.fromEntries(parts)).toEqual({
      queueFull: 1,
      late: 2,
      expired: 0,
      unavailable: 3,
      failed: 3,
      invalid: 4,
    });
    expect(armNow(samples, 'a', '1')).toMatchObject({ refused: 6, failed: 2 });
    expect(endpointNow(samples)).toMatchObject({ refused: 6, failed: 3, invalid: 4 });
  });

  it('is traffic too', () => {
    const idle = { requests: 0, rows: 0, batches: 0, batchSizes: [] };
    expect(hasTraffic([second(1, [arm('a', idle)])])).toBe(false);
    expect(hasTraffic([second(1, [arm('a', { ...idle, invalid: 1 })])])).toBe(true);
  });
});

it('the endpoint’s figures are those of its arms together', () => {
  const samples = [
    second(1, [arm('a'), arm('b', { requests: 30, p95Ms: 6 })]),
    { ...second(2, []), queued: 7 },
  ];
  expect(endpointNow(samples)).toMatchObject({
    requestsPerSecond: 20,
    rowsPerSecond: 20,
    p95Ms: 5,
    queued: 7,
    share: 1,
  });
});

it('batches are counted by size over all seconds and arms', () => {
  const samples = [
    second(1, [arm('a', { batchSizes: [1, 2] }), arm('b', { batchSizes: [] })]),
    second(2, [arm('a', { batchSizes: [0, 0, 3, 1] })]),
  ];
  expect(batchBins(samples)).toEqual([
    { label: '1', batches: 1 },
    { label: '2', batches: 2 },
    { label: '3–4', batches: 3 },
    { label: '5–8', batches: 1 },
  ]);
  expect(batchBins([])).toEqual([]);
});

/** From per-second samples to what the charts and the table of arms show. Pure. */
import type { LiveSample } from '../../../src-main/contract/serving.ts';

type ArmSample = LiveSample['arms'][number];

/** The kept samples with a new one: in time order, one per second, none older than `spanMs` before the newest. */
export function mergeSamples(
  kept: readonly LiveSample[],
  more: readonly LiveSample[],
  spanMs: number,
): LiveSample[] {
  const byTime = new Map<number, LiveSample>();
  for (const sample of [...kept, ...more]) byTime.set(sample.atMs, sample);
  const all = [...byTime.values()].sort((a, b) => a.atMs - b.atMs);
  const newest = all.at(-1)?.atMs ?? 0;
  return all.filter(({ atMs }) => atMs > newest - spanMs);
}

export type ArmNow = {
  requestsPerSecond: number;
  /** Share of the endpoint's requests, null without any. */
  share: number | null;
  /** Refused before they ran, and those that failed. */
  refused: number;
  failed: number;
  meanBatch: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  queueMs: number | null;
};

/**
 * An arm over the last `seconds`. Rates are exact; a percentile is the request-weighted mean of the seconds'
 * percentiles, since the samples no longer hold single requests.
 */
export function armNow(samples: readonly LiveSample[], arm: string, version: string, seconds = 10): ArmNow {
  return figuresOf(samples, seconds, (one) => one.arm === arm && one.version === version);
}

export type EndpointNow = ArmNow & {
  queued: number;
  rowsPerSecond: number;
  invalid: number;
  seconds: number;
};

/** The same of all arms together. */
export function endpointNow(samples: readonly LiveSample[], seconds = 10): EndpointNow {
  const recent = lastSeconds(samples, seconds);
  const arms = recent.flatMap((sample) => sample.arms);
  const span = Math.max(1, recent.length);
  return {
    ...figuresOf(samples, seconds, () => true),
    queued: samples.at(-1)?.queued ?? 0,
    rowsPerSecond: sum(arms, ({ rows }) => rows) / span,
    invalid: sum(arms, ({ invalid }) => invalid),
    seconds: span,
  };
}

const lastSeconds = (samples: readonly LiveSample[], seconds: number): LiveSample[] => {
  const newest = samples.at(-1)?.atMs ?? 0;
  return samples.filter(({ atMs }) => atMs > newest - seconds * 1000);
};

function figuresOf(
  samples: readonly LiveSample[],
  seconds: number,
  mine: (sample: ArmSample) => boolean,
): ArmNow {
  const recent = lastSeconds(samples, seconds);
  const own = recent.flatMap(({ arms }) => arms.filter(mine));
  const span = Math.max(1, Math.min(seconds, recent.length));
  const requests = sum(own, ({ requests: count }) => count);
  const batches = sum(own, ({ batches: count }) => count);
  const all = sum(
    recent.flatMap(({ arms }) => arms),
    ({ requests: count }) => count,
  );
  return {
    requestsPerSecond: requests / span,
    share: all > 0 ? requests / all : null,
    refused: sum(own, refusedOf),
    failed: sum(own, failedOf),
    meanBatch: batches > 0 ? sum(own, (one) => one.meanBatch * one.batches) / batches : null,
    p50Ms: weighted(own, ({ p50Ms }) => p50Ms),
    p95Ms: weighted(own, ({ p95Ms }) => p95Ms),
    p99Ms: weighted(own, ({ p99Ms }) => p99Ms),
    queueMs: weighted(own, ({ queueMs }) => queueMs),
  };
}

/** Arms in the samples, those of the endpoint first, each with the version it ran last. */
export function armKeys(samples: readonly LiveSample[], present: readonly { key: string }[]): string[] {
  const seen = new Set(present.map(({ key }) => key));
  for (const { arms } of samples) for (const { arm } of arms) seen.add(arm);
  return [...seen];
}

/** One value of an arm per second; null where it did nothing. */
export function armPoints(
  samples: readonly LiveSample[],
  arm: string,
  read: (sample: ArmSample) => number | null,
): { x: number; y: number | null }[] {
  return samples.map(({ atMs, arms }) => {
    const own = arms.filter((one) => one.arm === arm);
    const values = own.map(read).filter((value) => value !== null);
    // Two versions in one second mean that the arm was just switched; the busier one speaks.
    return { x: atMs, y: values.length > 0 ? Math.max(...values) : null };
  });
}

export const refusedOf = ({ refused }: ArmSample): number =>
  refused.queueFull + refused.late + refused.expired + refused.unavailable;
export const failedOf = (sample: ArmSample): number => Math.max(0, sample.errors - refusedOf(sample));

/** Why requests were not answered, in the order of the legend. */
export const NOT_ANSWERED: readonly { id: string; label: string; read: (sample: ArmSample) => number }[] = [
  { id: 'queueFull', label: 'queue full', read: ({ refused }) => refused.queueFull },
  { id: 'late', label: 'would be late', read: ({ refused }) => refused.late },
  { id: 'expired', label: 'waited too long', read: ({ refused }) => refused.expired },
  { id: 'unavailable', label: 'not ready', read: ({ refused }) => refused.unavailable },
  { id: 'failed', label: 'failed', read: failedOf },
  { id: 'invalid', label: 'bad request', read: ({ invalid }) => invalid },
];

/** One value of the endpoint per second, all arms together. */
export const sumPoints = (
  samples: readonly LiveSample[],
  read: (sample: ArmSample) => number,
): { x: number; y: number }[] => samples.map(({ atMs, arms }) => ({ x: atMs, y: sum(arms, read) }));

/** Whether anything was asked of the endpoint in the samples, answered or not. */
export const hasTraffic = (samples: readonly LiveSample[]): boolean =>
  samples.some(({ arms }) => arms.some((arm) => arm.requests + arm.errors + arm.invalid + arm.batches > 0));

/** Batches by size, in all samples together. */
export function batchBins(samples: readonly LiveSample[]): { label: string; batches: number }[] {
  const counts: number[] = [];
  for (const { arms } of samples)
    for (const { batchSizes } of arms)
      batchSizes.forEach((count, bin) => {
        counts[bin] = (counts[bin] ?? 0) + count;
      });
  return Array.from(counts, (count, bin) => ({ label: binLabel(bin), batches: count ?? 0 }));
}

/** 1, 2, 3–4, 5–8: each bin has twice the rows of the one before. */
const binLabel = (bin: number): string => (bin < 2 ? String(bin + 1) : `${2 ** (bin - 1) + 1}–${2 ** bin}`);

const sum = <T>(all: readonly T[], read: (one: T) => number): number =>
  all.reduce((total, one) => total + read(one), 0);

function weighted(samples: readonly ArmSample[], read: (sample: ArmSample) => number | null): number | null {
  let total = 0;
  let weight = 0;
  for (const sample of samples) {
    const value = read(sample);
    if (value === null || sample.requests === 0) continue;
    total += value * sample.requests;
    weight += sample.requests;
  }
  return weight > 0 ? total / weight : null;
}

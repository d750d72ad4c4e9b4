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
  errors: number;
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
  const newest = samples.at(-1)?.atMs ?? 0;
  const recent = samples.filter(({ atMs }) => atMs > newest - seconds * 1000);
  const own = recent.flatMap(({ arms }) => arms.filter((one) => one.arm === arm && one.version === version));
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
    errors: sum(own, ({ errors }) => errors),
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

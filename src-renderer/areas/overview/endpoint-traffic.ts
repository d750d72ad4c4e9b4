/** What an endpoint did lately, from its samples of one second each. */
import type { LiveSample } from '../../../src-main/contract/serving.ts';

export type ArmTraffic = {
  requestsPerSecond: number;
  p95Ms: number | null;
  errors: number;
};
export type Traffic = {
  requestsPerSecond: number;
  queued: number;
  errors: number;
  /** Requests of each second, oldest first. */
  trend: number[];
  arms: Record<string, ArmTraffic>;
};

/** Rates are means over the last few seconds, so that the figure can be read while it changes. */
const MEAN_SECONDS = 5;

export function trafficOf(samples: readonly LiveSample[]): Traffic {
  const total = (sample: LiveSample) => sample.arms.reduce((sum, arm) => sum + arm.requests, 0);
  const recent = samples.slice(-MEAN_SECONDS);
  const mean = (values: number[]) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const arms: Record<string, ArmTraffic> = {};
  for (const key of new Set(recent.flatMap((sample) => sample.arms.map(({ arm }) => arm)))) {
    const mine = recent.flatMap((sample) => sample.arms.filter(({ arm }) => arm === key));
    const slow = mine.map(({ p95Ms }) => p95Ms).filter((value) => value !== null);
    arms[key] = {
      requestsPerSecond: mine.reduce((sum, arm) => sum + arm.requests, 0) / Math.max(1, recent.length),
      p95Ms: slow.length === 0 ? null : Math.max(...slow),
      errors: mine.reduce((sum, arm) => sum + arm.errors, 0),
    };
  }
  return {
    requestsPerSecond: mean(recent.map(total)),
    queued: samples.at(-1)?.queued ?? 0,
    errors: samples.reduce((sum, sample) => sum + sample.arms.reduce((s, arm) => s + arm.errors, 0), 0),
    trend: samples.map(total),
    arms,
  };
}

/** Samples of the past and those that came since, each second once. */
export function joinSamples(past: readonly LiveSample[], live: readonly LiveSample[]): LiveSample[] {
  const first = live[0]?.atMs ?? Number.POSITIVE_INFINITY;
  return [...past.filter(({ atMs }) => atMs < first), ...live];
}

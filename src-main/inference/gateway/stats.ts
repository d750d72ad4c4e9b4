/** Counters: one second at a time per endpoint and arm for the live view, and totals per version for /metrics. */
import type { ArmCounters } from '../../platform/link.ts';
import { createHistogram, type Histogram } from './histogram.ts';

export type ArmStats = {
  readonly endpoint: string;
  readonly arm: string;
  readonly version: string;
  requests: number;
  rows: number;
  errors: number;
  batches: number;
  batchRows: number;
  queueMs: number;
  latency: Histogram;
  /** The last batch counted, so that a batch counts once however many of its requests are this arm's. */
  lastBatch: number;
};

/** Totals since the gateway started; names and units follow Triton's metrics. */
export type VersionTotals = {
  success: number;
  failure: number;
  inferences: number;
  executions: number;
  queueUs: number;
  computeUs: number;
};

export type Stats = {
  arm(endpoint: string, arm: string, version: string): ArmStats;
  totals(key: string): VersionTotals;
  allTotals(): ReadonlyMap<string, VersionTotals>;
  /** The second that ends now, and begins the next. Arms that were quiet for a minute are forgotten. */
  take(): ArmCounters[];
};

const QUIET_SECONDS = 60;

export function createStats(): Stats {
  const arms = new Map<string, { stats: ArmStats; quiet: number }>();
  const totals = new Map<string, VersionTotals>();
  return {
    arm(endpoint, arm, version) {
      const key = `${endpoint} ${arm} ${version}`;
      let entry = arms.get(key);
      if (!entry) {
        entry = { stats: emptyArm(endpoint, arm, version), quiet: 0 };
        arms.set(key, entry);
      }
      return entry.stats;
    },
    totals(key) {
      let entry = totals.get(key);
      if (!entry) {
        entry = { success: 0, failure: 0, inferences: 0, executions: 0, queueUs: 0, computeUs: 0 };
        totals.set(key, entry);
      }
      return entry;
    },
    allTotals: () => totals,
    take() {
      const second: ArmCounters[] = [];
      for (const [key, entry] of arms) {
        const { stats } = entry;
        second.push(counters(stats));
        entry.quiet = stats.requests + stats.errors + stats.batches > 0 ? 0 : entry.quiet + 1;
        if (entry.quiet >= QUIET_SECONDS) arms.delete(key);
        reset(stats);
      }
      return second;
    },
  };
}

const emptyArm = (endpoint: string, arm: string, version: string): ArmStats => ({
  endpoint,
  arm,
  version,
  requests: 0,
  rows: 0,
  errors: 0,
  batches: 0,
  batchRows: 0,
  queueMs: 0,
  latency: createHistogram(),
  lastBatch: 0,
});

function counters(stats: ArmStats): ArmCounters {
  const { endpoint, arm, version, requests, rows, errors, batches, batchRows, latency } = stats;
  return {
    endpoint,
    arm,
    version,
    requests,
    rows,
    errors,
    batches,
    batchRows,
    p50Ms: latency.quantile(0.5),
    p95Ms: latency.quantile(0.95),
    p99Ms: latency.quantile(0.99),
    queueMs: requests > 0 ? stats.queueMs / requests : null,
  };
}

function reset(stats: ArmStats): void {
  Object.assign(stats, { requests: 0, rows: 0, errors: 0, batches: 0, batchRows: 0, queueMs: 0 });
  stats.latency.reset();
}

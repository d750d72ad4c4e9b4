/** Counters: one second at a time per endpoint and arm for the live view, and totals per version for /metrics. */
import type { ErrorCode } from '../../contract/errors.ts';
import { createHistogram, type Histogram } from '../../platform/histogram.ts';
import type { ArmCounters } from '../../platform/link.ts';

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
  /** Time in the model per row, one value per batch. */
  rowTimes: Histogram;
  /** The last batch counted, so that a batch counts once however many of its requests are this arm's. */
  lastBatch: number;
};

/** Why a request failed, in the words of Triton's metric `nv_inference_request_failure`. */
export type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER';

/** What batches of one size cost; microseconds, summed over the batches. */
export type BatchTotals = { count: number; inputUs: number; inferUs: number; outputUs: number };

/**
 * Totals since the gateway started. As in Triton's counters, durations are summed over requests: a batch of 8
 * that ran 10 ms adds 80 ms to `computeUs`.
 */
export type VersionTotals = {
  success: number;
  failure: number;
  failures: Record<FailureReason, number>;
  /** Rows, and batches, that ran. */
  inferences: number;
  executions: number;
  /** From arrival to answer, of the answered and of the failed. */
  successUs: number;
  failureUs: number;
  queueUs: number;
  /** Assembling the batch, inside the model, cutting the results: of the answered. */
  computeInputUs: number;
  computeUs: number;
  computeOutputUs: number;
  /** Time of the last answer, milliseconds since the epoch; 0 before the first. */
  lastInferenceMs: number;
  /** By rows in the batch. */
  batches: Map<number, BatchTotals>;
  /** From arrival to answer, and the part of it before the batch began. */
  requestTimes: Histogram;
  queueTimes: Histogram;
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
        entry = emptyTotals();
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
  rowTimes: createHistogram(),
  lastBatch: 0,
});

const emptyTotals = (): VersionTotals => ({
  success: 0,
  failure: 0,
  failures: { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 },
  inferences: 0,
  executions: 0,
  successUs: 0,
  failureUs: 0,
  queueUs: 0,
  computeInputUs: 0,
  computeUs: 0,
  computeOutputUs: 0,
  lastInferenceMs: 0,
  batches: new Map(),
  requestTimes: createHistogram(),
  queueTimes: createHistogram(),
});

const REJECTED: readonly ErrorCode[] = [
  'LATHE_SERVING_OVERLOADED',
  'LATHE_SERVING_QUEUE_TIMEOUT',
  'LATHE_SERVING_MODEL_UNAVAILABLE',
];
const BACKEND: readonly ErrorCode[] = [
  'LATHE_SERVING_RUN_FAILED',
  'LATHE_SERVING_RUNNER_LOST',
  'LATHE_SERVING_TIMEOUT',
];

export function failureReason(code: ErrorCode): FailureReason {
  if (REJECTED.includes(code)) return 'REJECTED';
  if (BACKEND.includes(code)) return 'BACKEND';
  return code === 'LATHE_CANCELLED' ? 'CANCELED' : 'OTHER';
}

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
    rowTimes: stats.rowTimes.packed(),
  };
}

function reset(stats: ArmStats): void {
  Object.assign(stats, { requests: 0, rows: 0, errors: 0, batches: 0, batchRows: 0, queueMs: 0 });
  stats.latency.reset();
  stats.rowTimes.reset();
}

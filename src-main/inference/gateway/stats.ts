/** Counters: one second at a time per endpoint and arm for the live view, and totals per version for /metrics. */
import type { ErrorCode, LatheError } from '../../contract/errors.ts';
import { createHistogram, type Histogram } from '../../platform/histogram.ts';
import type { ArmCounters, Refusal } from '../../platform/link.ts';

export type ArmStats = {
  readonly endpoint: string;
  readonly arm: string;
  readonly version: string;
  requests: number;
  rows: number;
  errors: number;
  refused: Record<Refusal, number>;
  invalid: number;
  batches: number;
  batchRows: number;
  batchSizes: number[];
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
  /** Of the failed, those that were refused instead of queued without end, by why. */
  refused: Record<Refusal, number>;
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
        const { requests, errors, invalid, batches } = stats;
        entry.quiet = requests + errors + invalid + batches > 0 ? 0 : entry.quiet + 1;
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
  ...zeros(),
  latency: createHistogram(),
  rowTimes: createHistogram(),
  lastBatch: 0,
});

const noRefusals = (): Record<Refusal, number> => ({ queueFull: 0, late: 0, expired: 0, unavailable: 0 });

const zeros = () => ({
  requests: 0,
  rows: 0,
  errors: 0,
  refused: noRefusals(),
  invalid: 0,
  batches: 0,
  batchRows: 0,
  batchSizes: [] as number[],
  queueMs: 0,
});

const emptyTotals = (): VersionTotals => ({
  success: 0,
  failure: 0,
  failures: { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 },
  refused: noRefusals(),
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

const REFUSALS: Partial<Record<ErrorCode, Refusal>> = {
  LATHE_SERVING_QUEUE_TIMEOUT: 'expired',
  LATHE_SERVING_MODEL_UNAVAILABLE: 'unavailable',
  LATHE_SERVING_MODEL_STOPPED: 'unavailable',
  LATHE_SERVING_MEMORY: 'unavailable',
};

/** What kind of refusal this failure is; null when it is none. */
function refusalOf({ code, details }: LatheError): Refusal | null {
  if (code === 'LATHE_SERVING_OVERLOADED') return details.late === true ? 'late' : 'queueFull';
  return REFUSALS[code] ?? null;
}

/** Counts it for its version; `tookMs` is from arrival on, where that is known. */
export function countFailed(totals: VersionTotals, error: LatheError, tookMs = 0): void {
  totals.failure += 1;
  totals.failures[failureReason(error.code)] += 1;
  totals.failureUs += tookMs * 1000;
  const refusal = refusalOf(error);
  if (refusal) totals.refused[refusal] += 1;
}

/** A wrong request says nothing about the arm; only what the server could not do counts against it. */
export function countFailure(stats: ArmStats, error: LatheError): void {
  if (error.status < 500) {
    if (error.code !== 'LATHE_CANCELLED') stats.invalid += 1;
    return;
  }
  stats.errors += 1;
  const refusal = refusalOf(error);
  if (refusal) stats.refused[refusal] += 1;
}

/** Bins of batch sizes, each of twice the rows: 1, 2, up to 4, up to 8. */
export function countBatch(stats: ArmStats, rows: number): void {
  stats.batches += 1;
  stats.batchRows += rows;
  const bin = 32 - Math.clz32(Math.max(1, rows) - 1);
  while (stats.batchSizes.length <= bin) stats.batchSizes.push(0);
  stats.batchSizes[bin] = (stats.batchSizes[bin] ?? 0) + 1;
}

function counters(stats: ArmStats): ArmCounters {
  const { endpoint, arm, version, requests, rows, errors, refused, invalid, batches, batchRows } = stats;
  const { batchSizes, latency } = stats;
  return {
    endpoint,
    arm,
    version,
    requests,
    rows,
    errors,
    refused,
    invalid,
    batches,
    batchRows,
    batchSizes,
    p50Ms: latency.quantile(0.5),
    p95Ms: latency.quantile(0.95),
    p99Ms: latency.quantile(0.99),
    queueMs: requests > 0 ? stats.queueMs / requests : null,
    rowTimes: stats.rowTimes.packed(),
  };
}

function reset(stats: ArmStats): void {
  Object.assign(stats, zeros());
  stats.latency.reset();
  stats.rowTimes.reset();
}

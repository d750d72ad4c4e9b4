/**
 * The decisions of the scheduler, as pure functions of what is measured: how large a batch may be, how long a
 * queue takes to run, whether a request is late, which sizes run. Durations are milliseconds.
 */
import type { LatencyModel } from './latency-model.ts';

export type QueueSettings = {
  /** Requests may share a batch. */
  batchable: boolean;
  /** Most rows in one batch; a single larger request runs alone. */
  maxBatchRows: number;
  /** Within which an answer should be there; null leaves it to the scheduler. */
  sloMs: number | null;
  /** Most rows that may wait. */
  maxQueueRows: number;
  /** Of requests that name none; 1 is served first. */
  priority: number;
  /** Share of the device when models compete for it. */
  weight: number;
  /** Batches are filled up to a power of two, for devices that plan anew for every size. */
  padded: boolean;
};

/** Of a model that is not there yet. */
export const DEFAULT_SETTINGS: QueueSettings = {
  batchable: true,
  maxBatchRows: 64,
  sloMs: null,
  maxQueueRows: 1_024,
  priority: 2,
  weight: 1,
  padded: false,
};

export type Capacity = {
  /** Most rows of one batch. */
  cap: number;
  /** What a full batch takes, on the safe side. */
  fullMs: number;
  /** What a newcomer may be expected to take in all; beyond it, it is refused at the door. */
  doorMs: number;
};

/** Without a target: refused at the door when it would take longer than this, or than so many full batches. */
const AUTOMATIC_DOOR_MS = 1_000;
const AUTOMATIC_DOOR_BATCHES = 8;
/** A model that was never measured begins with batches of this size. */
const FIRST_ROWS = 8;
/** Of the time that is allowed, how much a prediction may take up. */
const ADMIT_SHARE = 0.9;
const EVICT_SHARE = 0.98;

type Latency = Pick<LatencyModel, 'expect' | 'safe' | 'largest' | 'line'>;

/**
 * Half of the target for the batch that runs when a request comes, half for its own: so no batch may take
 * longer than that. Where the fixed cost alone comes near it, a batch may take twice that cost, as smaller ones
 * would only waste the device.
 */
export function capacityOf(latency: Latency, settings: QueueSettings, timeoutMs: number): Capacity {
  const { sloMs, maxBatchRows } = settings;
  const allowedMs = sloMs ?? AUTOMATIC_DOOR_MS;
  const baseMs = latency.line()?.baseMs ?? 0;
  const batchMs = Math.max(allowedMs / 2, Math.min(ADMIT_SHARE * allowedMs, 2 * baseMs));
  const most = Math.min(maxBatchRows, rowsToDare(latency, batchMs));
  const cap = settings.batchable ? largestWithin(latency, batchMs, most) : 1;
  const fullMs = latency.safe(cap);
  const automaticMs = Math.max(AUTOMATIC_DOOR_MS, AUTOMATIC_DOOR_BATCHES * fullMs);
  return { cap, fullMs, doorMs: Math.min(timeoutMs, sloMs ?? automaticMs) };
}

/** Twice what was ever run; more, as long as it keeps the time even if rows save nothing by sharing a batch. */
function rowsToDare(latency: Latency, ms: number): number {
  const largest = latency.largest();
  if (largest === 0) return FIRST_ROWS;
  return Math.max(2 * largest, Math.floor((ms * largest) / latency.expect(largest)));
}

function largestWithin(latency: Latency, ms: number, most: number): number {
  if (latency.expect(most) <= ms) return most;
  let low = 1;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (latency.expect(middle) <= ms) low = middle;
    else high = middle;
  }
  return low;
}

/** How long so many rows take in batches of at most `cap`. */
export function runMs(latency: Latency, { cap, fullMs }: Capacity, rows: number): number {
  if (rows <= 0) return 0;
  const rest = rows % cap;
  return Math.floor(rows / cap) * fullMs + (rest > 0 ? latency.safe(rest) : 0);
}

/** Whether a request that would be answered `inMs` from now is refused when it comes. */
export const isRefused = (inMs: number, leftMs: number): boolean => inMs > ADMIT_SHARE * leftMs;

/** Whether a request that has waited would be answered too late to be worth a place in a batch. */
export const isLate = (waitedMs: number, inMs: number, allowedMs: number): boolean =>
  waitedMs + inMs > EVICT_SHARE * allowedMs;

/** The size to run `rows` in: powers of two, and the cap itself. */
export function sizeFor(rows: number, cap: number): number {
  if (rows >= cap) return rows;
  return Math.min(cap, 2 ** Math.ceil(Math.log2(rows)));
}

/**
 * How many of the rows that wait to take, where sizes are padded: all of them in the next larger size, unless
 * the next smaller one, full, costs less per row. The rest follows at once.
 */
export function rowsToTake(latency: Latency, waiting: number, cap: number): number {
  const rows = Math.min(waiting, cap);
  const up = sizeFor(rows, cap);
  const down = 2 ** Math.floor(Math.log2(rows));
  return up === rows || latency.expect(up) / rows <= latency.expect(down) / down ? rows : down;
}

/** The sizes a model is warmed up with: those that padding makes, or a sample of all. */
export function warmUpSizes(maxBatchRows: number, batchable: boolean): number[] {
  if (!batchable) return [1];
  const sizes: number[] = [];
  for (let rows = 1; rows < maxBatchRows; rows *= 2) sizes.push(rows);
  return [...sizes, maxBatchRows];
}

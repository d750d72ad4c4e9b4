/** The door of the batcher: what a request is held to, and whether it is let in. All times monotonic milliseconds. */
import type { LatheError } from '../../contract/errors.ts';
import { isRefused } from './batch-policy.ts';
import type { Place } from './batch-queue.ts';
import type { BatcherErrors, BatcherLimits, Submission } from './batcher-types.ts';
import type { Due } from './deadlines.ts';
import { backlogMs, capacity, type ModelQueue, workBefore } from './model-queue.ts';

export type Entry<Payload, Result> = Submission<Payload, Result> &
  Due & {
    arrivedMs: number;
    priority: number;
    rank: number;
    /** How long it may take: beyond it, it is answered with a timeout. */
    limitMs: number;
    /** The client set that limit itself. */
    ownLimit: boolean;
    /** How long it should take: beyond it, it is not worth a place in a batch. */
    worthMs: number;
    startedMs: number | null;
    settled: boolean;
    /** Null before it was queued. */
    place: Place<Entry<Payload, Result>> | null;
  };

const MAX_PRIORITY = 16;
/**
 * A level down goes behind what comes within so much of the target after it, and before what comes later: it
 * waits longer and never for ever, and has its turn while its answer is still worth something.
 */
const AGE_SHARE = 0.25;

export function enter<Payload, Result>(
  submission: Submission<Payload, Result>,
  queue: ModelQueue<Entry<Payload, Result>>,
  limits: BatcherLimits,
  nowMs: number,
  lagMs: number,
): Entry<Payload, Result> {
  const { requestTimeoutMs } = limits;
  const arrivedMs = Math.min(nowMs, submission.arrivedMs ?? nowMs);
  const own = submission.timeoutMs && submission.timeoutMs > 0 ? submission.timeoutMs : null;
  const limitMs = Math.min(own ?? Number.POSITIVE_INFINITY, requestTimeoutMs);
  const priority = Math.min(MAX_PRIORITY, submission.priority || queue.settings.priority);
  return {
    ...submission,
    arrivedMs,
    priority,
    rank: arrivedMs + (priority - 1) * AGE_SHARE * capacity(queue, requestTimeoutMs).doorMs,
    limitMs,
    ownLimit: own !== null && own <= requestTimeoutMs,
    worthMs: Math.min(limitMs, targetMs(queue.settings.sloMs, lagMs)),
    dueMs: arrivedMs + limitMs,
    heapAt: -1,
    startedMs: null,
    settled: false,
    place: null,
  };
}

/** Never less than three quarters of the target: a process that is very late would refuse everything for it. */
const targetMs = (sloMs: number | null, lagMs: number): number =>
  sloMs === null ? Number.POSITIVE_INFINITY : sloMs - Math.min(lagMs, sloMs / 4);

/**
 * Why it is not let in, or null. `busyMs` is how long the device is taken by what runs; `idle` that nothing runs
 * and nobody waits.
 */
export function refusal<Payload, Result>(
  entry: Entry<Payload, Result>,
  queue: ModelQueue<Entry<Payload, Result>>,
  all: ReadonlyMap<string, ModelQueue<Entry<Payload, Result>>>,
  device: { nowMs: number; idle: boolean; busyMs: number; limits: BatcherLimits },
  errors: BatcherErrors,
): LatheError | null {
  const { waiting, settings, key } = queue;
  const { nowMs, limits } = device;
  if (!queue.ready && queue.holdUntilMs <= nowMs) return errors.unavailable(key);
  if (entry.dueMs <= nowMs) return timeoutOf(entry, errors);
  if (entry.part && !entry.part.first) return null;
  const rows = entry.part?.allRows ?? entry.rows;
  // A request that is larger than the whole queue may still pass, alone.
  const full =
    waiting.rows > 0 &&
    (waiting.rows + rows > settings.maxQueueRows || waiting.bytes + entry.bytes > limits.maxQueueBytes);
  if (full) return errors.overloaded(key, { queuedRows: waiting.rows, late: null });
  // How long a model that is away will take is not known; its requests wait as long as they may.
  if (!queue.ready) return null;
  // With nothing before it, it has the best chance there is. It also keeps the estimate honest: one that was
  // made in a bad moment would refuse everything, and never be put right.
  if (device.idle && waiting.count === 0) {
    entry.worthMs = entry.limitMs;
    return null;
  }
  const inMs = device.busyMs + workMs(entry.priority, rows, queue, all, limits.requestTimeoutMs);
  const { doorMs } = capacity(queue, limits.requestTimeoutMs);
  const leftMs = entry.worthMs - (nowMs - entry.arrivedMs);
  // Without a target the door bounds the queue, and what a slow client took to send its request is not the queue's.
  const allowedMs = settings.sloMs === null ? Math.min(leftMs, doorMs) : leftMs;
  if (!isRefused(inMs, allowedMs)) return null;
  return errors.overloaded(key, { queuedRows: waiting.rows, late: { inMs, allowedMs } });
}

export function timeoutOf<Payload, Result>(entry: Entry<Payload, Result>, errors: BatcherErrors): LatheError {
  return entry.ownLimit && entry.startedMs === null
    ? errors.queueTimeout(entry.key, entry.limitMs)
    : errors.timeout(entry.key, entry.limitMs);
}

/** Its model's work up to and with it; when others wait too, stretched by its share of the device. */
function workMs<Payload, Result>(
  priority: number,
  rows: number,
  queue: ModelQueue<Entry<Payload, Result>>,
  all: ReadonlyMap<string, ModelQueue<Entry<Payload, Result>>>,
  timeoutMs: number,
): number {
  const own = workBefore(queue, timeoutMs, priority, rows);
  let others = 0;
  let weights = queue.share.weight;
  if (all.size > 1)
    for (const other of all.values()) {
      if (other === queue || !other.ready || other.waiting.count === 0) continue;
      others += backlogMs(other, timeoutMs);
      weights += other.share.weight;
    }
  return Math.min(own + others, (own * weights) / queue.share.weight);
}

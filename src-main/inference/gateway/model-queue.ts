/** One model version in the batcher: what waits for it, what its batches cost, and how it is to be treated. */
import { type Capacity, capacityOf, type QueueSettings, rowsToTake, runMs } from './batch-policy.ts';
import {
  emptyQueue,
  first,
  type Lane,
  leave,
  oldestMs,
  type Queue,
  rowsBefore,
  type Waiting,
} from './batch-queue.ts';
import { type Company, createCompany } from './company.ts';
import type { Share } from './fair-share.ts';
import { createLatencyModel, type LatencyModel } from './latency-model.ts';

export type ModelQueue<Item extends Waiting> = {
  key: string;
  /** The model can run now. */
  ready: boolean;
  /** While not ready: until when requests wait for it (monotonic). */
  holdUntilMs: number;
  settings: QueueSettings;
  waiting: Queue<Item>;
  latency: LatencyModel;
  share: Share;
  company: Company;
  /** Called once nothing waits or runs any more; it is being taken out. */
  drained: (() => void) | null;
  /** Batches on the device. */
  running: number;
  capacity: { version: number; timeoutMs: number; value: Capacity } | null;
};

export function modelQueue<Item extends Waiting>(key: string, settings: QueueSettings): ModelQueue<Item> {
  return {
    key,
    ready: false,
    holdUntilMs: Number.NEGATIVE_INFINITY,
    settings,
    waiting: emptyQueue(),
    latency: createLatencyModel(),
    share: { usedMs: 0, weight: settings.weight },
    company: createCompany(),
    drained: null,
    running: 0,
    capacity: null,
  };
}

export function capacity<Item extends Waiting>(queue: ModelQueue<Item>, timeoutMs: number): Capacity {
  const version = queue.latency.version();
  if (queue.capacity?.version !== version || queue.capacity.timeoutMs !== timeoutMs) {
    const value = capacityOf(queue.latency, queue.settings, timeoutMs);
    queue.capacity = { version, timeoutMs, value };
  }
  return queue.capacity.value;
}

/** Device time of all that waits. */
export function backlogMs<Item extends Waiting>(queue: ModelQueue<Item>, timeoutMs: number): number {
  return workMs(queue, timeoutMs, queue.waiting.rows, queue.waiting.count);
}

/** Device time until a newcomer of so many rows and this priority is done, of this model's work alone. */
export function workBefore<Item extends Waiting>(
  queue: ModelQueue<Item>,
  timeoutMs: number,
  priority: number,
  rows: number,
): number {
  return workMs(queue, timeoutMs, rowsBefore(queue.waiting, priority) + rows, queue.waiting.count + 1);
}

function workMs<Item extends Waiting>(
  queue: ModelQueue<Item>,
  timeoutMs: number,
  rows: number,
  requests: number,
): number {
  const { latency, settings } = queue;
  return settings.batchable ? runMs(latency, capacity(queue, timeoutMs), rows) : requests * latency.safe(1);
}

/** Whether several models wait for more device time than half of the shortest target leaves. */
export function isTight<Item extends Waiting>(
  queues: readonly ModelQueue<Item>[],
  timeoutMs: number,
): boolean {
  if (queues.length < 2) return false;
  let workMs = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const queue of queues) {
    workMs += backlogMs(queue, timeoutMs);
    leastMs = Math.min(leastMs, capacity(queue, timeoutMs).doorMs);
  }
  return workMs > leastMs / 2;
}

export type Choice<Item extends Waiting> =
  | { queue: ModelQueue<Item>; lane: Lane<Item> }
  | { waitUntilMs: number }
  | null;

/**
 * The lane whose first request is the most urgent, its target counted from its rank. A lane that is not full waits for
 * company that is about to come (company.ts), and with a delay set until its oldest request has waited that long.
 */
export function chooseLane<Item extends Waiting>(
  queues: Iterable<ModelQueue<Item>>,
  nowMs: number,
  delayMs: number,
  timeoutMs: number,
): Choice<Item> {
  let best: { queue: ModelQueue<Item>; lane: Lane<Item> } | null = null;
  let bestMs = Number.POSITIVE_INFINITY;
  let waitUntilMs = Number.POSITIVE_INFINITY;
  for (const queue of queues) {
    const { cap, doorMs } = capacity(queue, timeoutMs);
    const companyMs = queue.company.waitsUntil();
    for (const lane of queue.waiting.lanes.values()) {
      if ((delayMs > 0 || companyMs > nowMs) && lane.rows < cap) {
        const readyMs = Math.max(companyMs, delayMs > 0 ? oldestMs(lane) + delayMs : 0);
        if (readyMs > nowMs) {
          waitUntilMs = Math.min(waitUntilMs, readyMs);
          continue;
        }
      }
      const urgentMs = (first(lane)?.item.rank ?? Number.POSITIVE_INFINITY) + doorMs;
      if (best && urgentMs >= bestMs) continue;
      best = { queue, lane };
      bestMs = urgentMs;
    }
  }
  if (best) return best;
  return waitUntilMs === Number.POSITIVE_INFINITY ? null : { waitUntilMs };
}

/** A batch larger than this would be slow to copy; requests beyond it wait for the next one. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/** The next batch of a lane: in order, as many as fit; the first always does. */
export function takeBatch<Item extends Waiting>(
  { settings, latency }: ModelQueue<Item>,
  lane: Lane<Item>,
  cap: number,
): Item[] {
  const most = settings.padded ? rowsToTake(latency, lane.rows, cap) : cap;
  const taken: Item[] = [];
  let rows = 0;
  let bytes = 0;
  for (let place = first(lane); place; place = first(lane)) {
    const { item } = place;
    rows += item.rows;
    bytes += item.bytes;
    const fits = settings.batchable && rows <= most && bytes <= MAX_BATCH_BYTES;
    if (taken.length > 0 && !fits) break;
    leave(place);
    taken.push(item);
  }
  return taken;
}

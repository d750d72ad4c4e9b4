/**
 * Where requests wait: one queue per model version, in it one lane per shape, in it the order of arrival.
 * Keeps the counts of rows and bytes right when requests leave from the middle. No time, no policy.
 */
import type { BatchLimits } from './batch-policy.ts';

export type Waiting = { key: string; shapeKey: string; rows: number; bytes: number; arrivedMs: number };

/** A request's place; `lane` is null once it has left. */
export type Place<Item extends Waiting> = { item: Item; lane: Lane<Item> | null };

export type Lane<Item extends Waiting> = {
  shapeKey: string;
  queue: ModelQueue<Item>;
  places: Place<Item>[];
  /** Index of the oldest that still waits. */
  head: number;
  rows: number;
  oldestMs: number;
};

export type ModelQueue<Item extends Waiting> = {
  key: string;
  /** The model can run now. */
  ready: boolean;
  /** While not ready: until when requests wait for it (monotonic). */
  holdUntilMs: number;
  /** Several requests may share a batch. */
  batchable: boolean;
  lanes: Map<string, Lane<Item>>;
  rows: number;
  bytes: number;
};

/** A batch larger than this would be slow to copy; requests beyond it wait for the next one. */
const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** Places behind the head are let go when there are this many. */
const COMPACT_AT = 256;

export function modelQueue<Item extends Waiting>(key: string): ModelQueue<Item> {
  const holdUntilMs = Number.NEGATIVE_INFINITY;
  return { key, ready: false, batchable: true, holdUntilMs, lanes: new Map(), rows: 0, bytes: 0 };
}

export function enqueue<Item extends Waiting>(queue: ModelQueue<Item>, item: Item): Place<Item> {
  let lane = queue.lanes.get(item.shapeKey);
  if (!lane) {
    lane = { shapeKey: item.shapeKey, queue, places: [], head: 0, rows: 0, oldestMs: item.arrivedMs };
    queue.lanes.set(item.shapeKey, lane);
  }
  const place: Place<Item> = { item, lane };
  lane.places.push(place);
  lane.rows += item.rows;
  queue.rows += item.rows;
  queue.bytes += item.bytes;
  return place;
}

/** Takes a request out, wherever it stands; nothing when it has left already. */
export function leave<Item extends Waiting>(place: Place<Item>): void {
  const { lane, item } = place;
  if (!lane) return;
  place.lane = null;
  lane.rows -= item.rows;
  lane.queue.rows -= item.rows;
  lane.queue.bytes -= item.bytes;
  trim(lane);
}

/** The next batch of a lane: from the oldest on, as many as fit; the first always does. */
export function takeBatch<Item extends Waiting>(lane: Lane<Item>, limits: BatchLimits): Item[] {
  const taken: Place<Item>[] = [];
  let rows = 0;
  let bytes = 0;
  for (let at = lane.head; at < lane.places.length; at++) {
    const place = lane.places[at] as Place<Item>;
    if (place.lane !== lane) continue;
    rows += place.item.rows;
    bytes += place.item.bytes;
    const fits = lane.queue.batchable && rows <= limits.maxBatchRows && bytes <= MAX_BATCH_BYTES;
    if (taken.length > 0 && !fits) break;
    taken.push(place);
  }
  for (const place of taken) leave(place);
  return taken.map((place) => place.item);
}

export function* waitingIn<Item extends Waiting>(queue: ModelQueue<Item>): Generator<Item> {
  for (const lane of queue.lanes.values())
    for (let at = lane.head; at < lane.places.length; at++) {
      const place = lane.places[at] as Place<Item>;
      if (place.lane === lane) yield place.item;
    }
}

/** Moves the head past those who left; an empty lane goes, as there may be any number of shapes. */
function trim<Item extends Waiting>(lane: Lane<Item>): void {
  while (lane.head < lane.places.length && lane.places[lane.head]?.lane !== lane) lane.head += 1;
  const oldest = lane.places[lane.head];
  if (!oldest) {
    lane.queue.lanes.delete(lane.shapeKey);
    return;
  }
  lane.oldestMs = oldest.item.arrivedMs;
  if (lane.head > COMPACT_AT) {
    lane.places = lane.places.slice(lane.head);
    lane.head = 0;
  }
}

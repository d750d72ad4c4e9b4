/**
 * Where requests wait: one queue per model version, in it one lane per shape, in it one class per priority, in
 * it the order of arrival. Keeps the counts of rows and bytes right when requests leave from the middle. No
 * clock, no policy.
 */
export type Waiting = {
  shapeKey: string;
  rows: number;
  bytes: number;
  arrivedMs: number;
  /** 1 is served first. */
  priority: number;
  /** Arrival plus what its priority adds: the smallest goes first. Never changes, so everyone's turn comes. */
  rank: number;
};

/** A request's place; `lane` is null once it has left. */
export type Place<Item extends Waiting> = { item: Item; lane: Lane<Item> | null };

type PriorityClass<Item extends Waiting> = {
  priority: number;
  places: Place<Item>[];
  /** Index of the first that still waits. */
  head: number;
};

export type Lane<Item extends Waiting> = {
  shapeKey: string;
  queue: Queue<Item>;
  /** Those with requests, highest priority first. */
  classes: PriorityClass<Item>[];
  rows: number;
  count: number;
};

export type Queue<Item extends Waiting> = {
  lanes: Map<string, Lane<Item>>;
  rows: number;
  bytes: number;
  count: number;
  /** Rows by priority. */
  priorityRows: Map<number, number>;
};

/** Places before the head are let go when there are this many. */
const COMPACT_AT = 256;

export const emptyQueue = <Item extends Waiting>(): Queue<Item> => ({
  lanes: new Map(),
  rows: 0,
  bytes: 0,
  count: 0,
  priorityRows: new Map(),
});

export function enqueue<Item extends Waiting>(queue: Queue<Item>, item: Item): Place<Item> {
  let lane = queue.lanes.get(item.shapeKey);
  if (!lane) {
    lane = { shapeKey: item.shapeKey, queue, classes: [], rows: 0, count: 0 };
    queue.lanes.set(item.shapeKey, lane);
  }
  let own = lane.classes.find(({ priority }) => priority === item.priority);
  if (!own) {
    own = { priority: item.priority, places: [], head: 0 };
    lane.classes.push(own);
    lane.classes.sort((left, right) => left.priority - right.priority);
  }
  const place: Place<Item> = { item, lane };
  own.places.push(place);
  count(lane, item, 1);
  return place;
}

/** Takes a request out, wherever it stands; nothing when it has left already. */
export function leave<Item extends Waiting>(place: Place<Item>): void {
  const { lane, item } = place;
  if (!lane) return;
  place.lane = null;
  count(lane, item, -1);
  const own = lane.classes.find(({ priority }) => priority === item.priority);
  if (own) trim(lane, own);
}

/** The request whose turn it is; undefined in an empty lane. */
export function first<Item extends Waiting>(lane: Lane<Item>): Place<Item> | undefined {
  let best: Place<Item> | undefined;
  for (const own of lane.classes) {
    const head = own.places[own.head];
    if (head && (!best || head.item.rank < best.item.rank)) best = head;
  }
  return best;
}

/** When the one that waits longest came. */
export function oldestMs<Item extends Waiting>(lane: Lane<Item>): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const own of lane.classes)
    oldest = Math.min(oldest, own.places[own.head]?.item.arrivedMs ?? Number.POSITIVE_INFINITY);
  return oldest;
}

/** Rows that go before a newcomer of this priority, as long as no lower one has aged past it. */
export function rowsBefore<Item extends Waiting>(queue: Queue<Item>, priority: number): number {
  let rows = 0;
  for (const [each, own] of queue.priorityRows) if (each <= priority) rows += own;
  return rows;
}

export function* waitingIn<Item extends Waiting>(queue: Queue<Item>): Generator<Item> {
  for (const lane of queue.lanes.values())
    for (const own of lane.classes)
      for (let at = own.head; at < own.places.length; at++) {
        const place = own.places[at] as Place<Item>;
        if (place.lane === lane) yield place.item;
      }
}

function count<Item extends Waiting>(lane: Lane<Item>, item: Item, sign: 1 | -1): void {
  const { queue } = lane;
  lane.rows += sign * item.rows;
  lane.count += sign;
  queue.rows += sign * item.rows;
  queue.bytes += sign * item.bytes;
  queue.count += sign;
  const rows = (queue.priorityRows.get(item.priority) ?? 0) + sign * item.rows;
  if (rows > 0) queue.priorityRows.set(item.priority, rows);
  else queue.priorityRows.delete(item.priority);
}

/** Moves the head past those who left; what is empty goes, as there may be any number of shapes. */
function trim<Item extends Waiting>(lane: Lane<Item>, own: PriorityClass<Item>): void {
  while (own.head < own.places.length && own.places[own.head]?.lane !== lane) own.head += 1;
  if (own.head === own.places.length) {
    lane.classes.splice(lane.classes.indexOf(own), 1);
    if (lane.classes.length === 0) lane.queue.lanes.delete(lane.shapeKey);
  } else if (own.head > COMPACT_AT) {
    own.places = own.places.slice(own.head);
    own.head = 0;
  }
}

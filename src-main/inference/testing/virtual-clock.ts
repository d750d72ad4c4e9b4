/** Time that a test moves: events run in the order of their time, those of the same moment as they were set. */
import type { Clock } from '../../platform/clock.ts';

type Event = { atMs: number; order: number; run: () => void };

export type VirtualClock = {
  clock: Clock;
  nowMs(): number;
  /** Returns how to take it back. */
  at(ms: number, run: () => void): () => void;
  /** Runs the next event; false when there is none, or none until `untilMs`, to which the time moves then. */
  step(untilMs?: number): boolean;
};

export function createVirtualClock(): VirtualClock {
  const heap: Event[] = [];
  const cancelled = new Set<Event>();
  let nowMs = 0;
  let order = 0;

  const before = (left: Event, right: Event) =>
    left.atMs !== right.atMs ? left.atMs < right.atMs : left.order < right.order;
  const swap = (left: number, right: number) => {
    [heap[left], heap[right]] = [heap[right] as Event, heap[left] as Event];
  };
  const push = (event: Event) => {
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent] as Event)) break;
      swap(at, parent);
      at = parent;
    }
  };
  const pop = (): Event | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || top === last) return top;
    heap[0] = last;
    for (let at = 0; ; ) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!before(heap[child] as Event, last)) break;
      swap(at, child);
      at = child;
    }
    return top;
  };

  return {
    clock: { now: () => nowMs, monotonic: () => nowMs },
    nowMs: () => nowMs,
    at(ms, run) {
      const event = { atMs: Math.max(ms, nowMs), order: order++, run };
      push(event);
      return () => cancelled.add(event);
    },
    step(untilMs = Number.POSITIVE_INFINITY) {
      for (;;) {
        const next = heap[0];
        if (!next || next.atMs > untilMs) {
          if (untilMs !== Number.POSITIVE_INFINITY) nowMs = Math.max(nowMs, untilMs);
          return false;
        }
        pop();
        if (cancelled.delete(next)) continue;
        nowMs = next.atMs;
        next.run();
        return true;
      }
    },
  };
}

/** mulberry32: deterministic numbers in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal, by Box and Muller. */
export const normalOf = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

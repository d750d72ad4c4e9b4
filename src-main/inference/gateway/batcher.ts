/**
 * The batcher of one device: requests of all clients and models queue here, and leave as batches that run
 * one at a time. Pure logic: clock, timers and the runner are given, so tests move time by hand.
 *
 * What holds, whatever happens: every submitted request settles exactly once; requests of one lane leave in
 * the order they came; no batch mixes models or shapes; a failing batch is halved until the request that
 * makes it fail fails alone.
 */
import type { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { type BatchLimits, type Choice, chooseGreedy, type LaneView } from './batch-policy.ts';
import {
  enqueue,
  type Lane,
  leave,
  type ModelQueue,
  modelQueue,
  type Place,
  takeBatch,
  waitingIn,
} from './batch-queue.ts';

export type Outcome<Result> = { ok: true; result: Result } | { ok: false; error: LatheError };

export type Submission<Payload, Result> = {
  /** Model version, "<model>@<version>". */
  key: string;
  /** Equal for requests whose tensors can be concatenated along the first dimension. */
  shapeKey: string;
  rows: number;
  bytes: number;
  payload: Payload;
  timeoutMs: number;
  /** Called exactly once, unless the request is cancelled first. `queuedMs` is the wait before it first ran. */
  settle(outcome: Outcome<Result>, queuedMs: number): void;
};

export type Batch<Payload> = {
  readonly id: number;
  readonly key: string;
  readonly rows: number;
  readonly payloads: readonly Payload[];
};

export type BatcherPorts<Payload> = {
  clock: Clock;
  /** Calls back once after `ms`; returns how to take it back. */
  setTimer(ms: number, callback: () => void): () => void;
  /** Calls back when what has already arrived in this turn has been read, so that it travels together. */
  defer(callback: () => void): void;
  /** Starts a batch on the device; ends in `finish`, `fail` or `deviceLost`. May throw. */
  dispatch(batch: Batch<Payload>): void;
  errors: {
    timeout(key: string, ms: number): LatheError;
    overloaded(key: string, queuedRows: number): LatheError;
    unavailable(key: string): LatheError;
    lost(key: string): LatheError;
    internal(thrown: unknown): LatheError;
  };
  choose?: <Lane extends LaneView>(lanes: Iterable<Lane>, nowMs: number, limits: BatchLimits) => Choice<Lane>;
};

export type BatcherLimits = BatchLimits & { maxQueueRows: number; maxQueueBytes: number };

export type Batcher<Payload, Result> = {
  configure(limits: BatcherLimits): void;
  /** The model is loaded: its requests may run. Unbatchable models run one request at a time. */
  open(key: string, batchable: boolean): void;
  /** The model cannot run now; its requests wait for `open` until `untilMs` (monotonic) and are refused then. */
  hold(key: string, untilMs: number): void;
  /** The model is gone; what is queued is refused with this error. */
  drop(key: string, error: LatheError): void;
  /** While paused nothing new is dispatched. */
  setPaused(paused: boolean): void;
  /** Returns the cancel: the request leaves the queue, or its result is thrown away. */
  submit(submission: Submission<Payload, Result>): () => void;
  /** Results of a batch, in the order of its payloads. */
  finish(batchId: number, results: readonly Result[]): void;
  fail(batchId: number, error: LatheError): void;
  /** The device died: what ran on it is refused at once, what is queued stays. */
  deviceLost(): void;
  isRunning(): boolean;
  /** Rows waiting, per model version with any. */
  queuedRows(): Record<string, number>;
  /** Refuses everything and stops the timer. */
  close(error: LatheError): void;
};

type Entry<Payload, Result> = Submission<Payload, Result> & {
  arrivedMs: number;
  deadlineMs: number;
  startedMs: number | null;
  settled: boolean;
  /** Null before it was queued. */
  place: Place<Entry<Payload, Result>> | null;
};

type Running<Payload, Result> = { id: number; key: string; entries: Entry<Payload, Result>[] };

export function createBatcher<Payload, Result>(ports: BatcherPorts<Payload>): Batcher<Payload, Result> {
  type E = Entry<Payload, Result>;
  type Q = ModelQueue<E>;
  const { clock, errors } = ports;
  const choose = ports.choose ?? chooseGreedy;
  const queues = new Map<string, Q>();
  let retries: Running<Payload, Result>[] = [];
  let running: Running<Payload, Result> | null = null;
  let limits: BatcherLimits = {
    maxBatchRows: 64,
    maxQueueDelayUs: 0,
    maxQueueRows: 4096,
    maxQueueBytes: 256 * 1024 * 1024,
  };
  let paused = false;
  let deferred = false;
  let nextId = 1;
  let armed: { atMs: number; cancel(): void } | null = null;

  const settle = (entry: E, outcome: Outcome<Result>) => {
    if (entry.settled) return;
    forget(entry);
    const startedMs = entry.startedMs ?? clock.monotonic();
    entry.settle(outcome, Math.max(0, startedMs - entry.arrivedMs));
  };

  const forget = (entry: E) => {
    entry.settled = true;
    if (entry.place) leave(entry.place);
  };

  const queueOf = (key: string): Q => {
    let queue = queues.get(key);
    if (!queue) {
      queue = modelQueue(key);
      queues.set(key, queue);
    }
    return queue;
  };

  const schedule = () => {
    if (deferred) return;
    deferred = true;
    ports.defer(() => {
      deferred = false;
      pump();
    });
  };

  function* readyLanes(): Generator<Lane<E>> {
    for (const queue of queues.values()) if (queue.ready) yield* queue.lanes.values();
  }

  function pump(): void {
    while (running === null && !paused) {
      const entries = nextRetry() ?? nextFresh();
      if (!entries) return;
      start(entries);
    }
  }

  function nextRetry(): E[] | null {
    for (let at = 0; at < retries.length; at++) {
      const batch = retries[at] as Running<Payload, Result>;
      if (!queues.get(batch.key)?.ready) continue;
      retries.splice(at, 1);
      const alive = batch.entries.filter((entry) => !entry.settled);
      if (alive.length > 0) return alive;
      at -= 1;
    }
    return null;
  }

  function nextFresh(): E[] | null {
    const choice = choose(readyLanes(), clock.monotonic(), limits);
    if (choice === null) return null;
    if ('waitUntilMs' in choice) {
      wakeAt(choice.waitUntilMs);
      return null;
    }
    return takeBatch(choice.take, limits);
  }

  function start(entries: E[]): void {
    const first = entries[0] as E;
    const batch: Running<Payload, Result> = { id: nextId++, key: first.key, entries };
    running = batch;
    const nowMs = clock.monotonic();
    let rows = 0;
    for (const entry of entries) {
      entry.startedMs ??= nowMs;
      rows += entry.rows;
    }
    try {
      const payloads = entries.map((entry) => entry.payload);
      ports.dispatch({ id: batch.id, key: batch.key, rows, payloads });
    } catch (thrown) {
      failed(batch, errors.internal(thrown));
    }
  }

  /** Alone: it is the culprit. In company: each half is tried again by itself, in order, before anything else. */
  function failed(batch: Running<Payload, Result>, error: LatheError): void {
    running = null;
    const { entries, key } = batch;
    if (entries.length === 1) settle(entries[0] as E, { ok: false, error });
    else {
      const middle = Math.ceil(entries.length / 2);
      const halves = [entries.slice(0, middle), entries.slice(middle)];
      retries = [...halves.map((half) => ({ id: 0, key, entries: half })), ...retries];
    }
    schedule();
  }

  // ---- time ------------------------------------------------------------------------------------------

  function wakeAt(atMs: number): void {
    if (armed && armed.atMs <= atMs) return;
    armed?.cancel();
    const cancel = ports.setTimer(Math.max(0, atMs - clock.monotonic()), () => {
      armed = null;
      expire();
      pump();
    });
    armed = { atMs, cancel };
  }

  function* waiting(): Generator<E> {
    for (const queue of queues.values()) yield* waitingIn(queue);
    for (const batch of retries) for (const entry of batch.entries) if (!entry.settled) yield entry;
  }

  function expire(): void {
    const nowMs = clock.monotonic();
    let nextMs = Number.POSITIVE_INFINITY;
    const late: { entry: E; error: LatheError }[] = [];
    const look = (entry: E, untilMs: number, error: () => LatheError) => {
      if (untilMs <= nowMs) late.push({ entry, error: error() });
      else nextMs = Math.min(nextMs, untilMs);
    };
    for (const entry of waiting()) {
      const queue = queues.get(entry.key);
      const heldUntilMs = queue && !queue.ready ? queue.holdUntilMs : Number.POSITIVE_INFINITY;
      if (heldUntilMs < entry.deadlineMs) look(entry, heldUntilMs, () => errors.unavailable(entry.key));
      else look(entry, entry.deadlineMs, () => errors.timeout(entry.key, entry.timeoutMs));
    }
    for (const entry of running?.entries ?? [])
      if (!entry.settled) look(entry, entry.deadlineMs, () => errors.timeout(entry.key, entry.timeoutMs));
    for (const { entry, error } of late) settle(entry, { ok: false, error });
    if (nextMs !== Number.POSITIVE_INFINITY) wakeAt(nextMs);
  }

  // ---- door ------------------------------------------------------------------------------------------

  function submit(submission: Submission<Payload, Result>): () => void {
    const queue = queueOf(submission.key);
    const nowMs = clock.monotonic();
    const deadlineMs = nowMs + submission.timeoutMs;
    const entry: E = {
      ...submission,
      arrivedMs: nowMs,
      deadlineMs,
      startedMs: null,
      settled: false,
      place: null,
    };
    if (!queue.ready && queue.holdUntilMs <= nowMs) {
      settle(entry, { ok: false, error: errors.unavailable(queue.key) });
      return () => {};
    }
    // A request that is larger than the whole queue may still pass, alone.
    const full =
      queue.rows > 0 &&
      (queue.rows + entry.rows > limits.maxQueueRows || queue.bytes + entry.bytes > limits.maxQueueBytes);
    if (full) {
      settle(entry, { ok: false, error: errors.overloaded(queue.key, queue.rows) });
      return () => {};
    }
    entry.place = enqueue(queue, entry);
    wakeAt(queue.ready ? deadlineMs : Math.min(deadlineMs, queue.holdUntilMs));
    schedule();
    return () => {
      if (!entry.settled) forget(entry);
    };
  }

  function refuseWaiting(key: string | null, error: LatheError): void {
    for (const entry of [...waiting()])
      if (key === null || entry.key === key) settle(entry, { ok: false, error });
    retries = retries.filter((batch) => batch.entries.some((entry) => !entry.settled));
  }

  return {
    configure(next) {
      limits = next;
      schedule();
    },
    open(key, batchable) {
      const queue = queueOf(key);
      queue.ready = true;
      queue.batchable = batchable;
      schedule();
    },
    hold(key, untilMs) {
      const queue = queueOf(key);
      queue.ready = false;
      queue.holdUntilMs = untilMs;
      expire();
    },
    drop(key, error) {
      refuseWaiting(key, error);
      queues.delete(key);
    },
    setPaused(next) {
      paused = next;
      if (!paused) schedule();
    },
    submit,
    finish(batchId, results) {
      if (running?.id !== batchId) return;
      const { entries } = running;
      running = null;
      // The device is fed before the answers are written: it works while they are.
      pump();
      entries.forEach((entry, at) => {
        const result = results[at];
        if (result === undefined) settle(entry, { ok: false, error: errors.internal('a result is missing') });
        else settle(entry, { ok: true, result });
      });
    },
    fail(batchId, error) {
      if (running?.id === batchId) failed(running, error);
    },
    deviceLost() {
      const lost = running;
      running = null;
      for (const entry of lost?.entries ?? []) settle(entry, { ok: false, error: errors.lost(entry.key) });
    },
    isRunning: () => running !== null,
    queuedRows() {
      const rows: Record<string, number> = {};
      for (const queue of queues.values()) if (queue.rows > 0) rows[queue.key] = queue.rows;
      return rows;
    },
    close(error) {
      paused = true;
      for (const entry of running?.entries ?? []) settle(entry, { ok: false, error });
      running = null;
      refuseWaiting(null, error);
      armed?.cancel();
      armed = null;
    },
  };
}

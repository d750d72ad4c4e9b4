/**
 * The batcher of one device: requests of all clients and models queue here, and leave as batches that run
 * one after the other. Pure logic: clock, timers and the runner are given, so tests move time by hand.
 *
 * It is greedy: when the device frees up, everything that waits goes, up to the largest batch that keeps the
 * target; it waits only for those who are seen to come back the moment they are answered (company.ts). It refuses at the door what would be late, and drops before a batch what has become late, so that
 * overload costs the requests that cannot be served and no others.
 *
 * What holds, whatever happens: every submitted request settles exactly once; requests of one lane and
 * priority leave in the order they came; no batch mixes models or shapes; a failing batch is halved until the
 * request that makes it fail fails alone.
 */
import type { LatheError } from '../../contract/errors.ts';
import { ASIDE_LIMIT_MS, createDevice, type OnDevice } from './batch-device.ts';
import { type Entry, enter, refusal, timeoutOf } from './batch-door.ts';
import { DEFAULT_SETTINGS, isLate, sizeFor } from './batch-policy.ts';
import { enqueue, first, type Lane, leave, waitingIn } from './batch-queue.ts';
import { batcherFigures } from './batcher-figures.ts';
import type { Batcher, BatcherLimits, BatcherPorts, Outcome, Submission } from './batcher-types.ts';
import { createDeadlines } from './deadlines.ts';
import { charge, eligible, join, type Share } from './fair-share.ts';
import { capacity, chooseLane, isTight, type ModelQueue, modelQueue, takeBatch } from './model-queue.ts';

const ANSWER_SMOOTHING = 0.1;

export function createBatcher<Payload, Result>(ports: BatcherPorts<Payload>): Batcher<Payload, Result> {
  type E = Entry<Payload, Result>;
  type Q = ModelQueue<E>;
  type R = OnDevice<Payload, Q, E>;
  const { clock, errors } = ports;
  const queues = new Map<string, Q>();
  const due = createDeadlines<E>();
  const device = createDevice<Payload, Q, E>();
  /** Halves of a batch that failed; they run before anything else. */
  let retries: { queue: Q; entries: E[] }[] = [];
  let limits: BatcherLimits = {
    maxQueueDelayUs: 0,
    maxQueueBytes: 256 * 1024 * 1024,
    requestTimeoutMs: 30_000,
    pipeline: 1,
  };
  let closed = false;
  /** Begin of the run that was said to be stuck. */
  let stuckSinceMs = Number.NaN;
  let deferred = false;
  /** What handing out one answer takes, smoothed. */
  let answerMs = 0;
  let nextId = 1;
  let armed: { atMs: number; cancel(): void } | null = null;

  // ---- settling --------------------------------------------------------------------------------------

  const forget = (entry: E) => {
    entry.settled = true;
    due.remove(entry);
    if (entry.place) leave(entry.place);
  };

  const settle = (entry: E, outcome: Outcome<Result>) => {
    if (entry.settled) return;
    forget(entry);
    const startedMs = entry.startedMs ?? clock.monotonic();
    entry.settle(outcome, Math.max(0, startedMs - entry.arrivedMs));
  };

  const refuse = (entry: E, error: LatheError) => settle(entry, { ok: false, error });

  const lookDrained = (queue: Q) => {
    const { drained } = queue;
    if (!drained || isBusy(queue)) return;
    queue.drained = null;
    queues.delete(queue.key);
    drained();
  };

  const isBusy = (queue: Q): boolean =>
    queue.waiting.count > 0 || queue.running > 0 || retries.some((retry) => retry.queue === queue);

  // ---- dispatch --------------------------------------------------------------------------------------

  const schedule = () => {
    if (deferred) return;
    deferred = true;
    ports.defer(() => {
      deferred = false;
      pump();
    });
  };

  function pump(): void {
    while (!closed && !device.task()) {
      const nowMs = clock.monotonic();
      if (device.startTask(nowMs, batchWaits())) {
        wakeAt(nowMs + (device.task()?.limitMs ?? 0));
        return;
      }
      // With a task waiting, the device is let run empty for it.
      if (device.runs().length >= (device.hasTask() ? 1 : limits.pipeline)) return;
      const next = nextRetry() ?? nextFresh();
      if (!next) return;
      start(next.queue, next.entries);
    }
  }

  const batchWaits = (): boolean =>
    retries.some(({ queue }) => queue.ready) ||
    [...queues.values()].some((queue) => queue.ready && queue.waiting.count > 0);

  function nextRetry(): { queue: Q; entries: E[] } | null {
    if (device.runs().length > 0) return null;
    for (let at = 0; at < retries.length; at++) {
      const { queue, entries } = retries[at] as { queue: Q; entries: E[] };
      if (!queue.ready) continue;
      retries.splice(at, 1);
      const alive = entries.filter((entry) => !entry.settled);
      if (alive.length > 0) return { queue, entries: alive };
      lookDrained(queue);
      at -= 1;
    }
    return null;
  }

  function nextFresh(): { queue: Q; entries: E[] } | null {
    for (;;) {
      const nowMs = clock.monotonic();
      const waiting = [...queues.values()].filter((queue) => queue.ready && queue.waiting.count > 0);
      const choice = chooseLane(
        isTight(waiting, limits.requestTimeoutMs) ? eligible(waiting) : waiting,
        nowMs,
        limits.maxQueueDelayUs / 1000,
        limits.requestTimeoutMs,
      );
      if (choice === null) return null;
      if ('waitUntilMs' in choice) {
        wakeAt(choice.waitUntilMs);
        return null;
      }
      const { queue, lane } = choice;
      if (dropLate(queue, lane, nowMs)) continue;
      // Behind a running batch only a full one is sent: a smaller one could still grow while it waits.
      const full = queue.settings.batchable && lane.rows >= capacityOf(queue).cap;
      if (device.runs().length > 0 && !full) return null;
      return { queue, entries: takeBatch(queue, lane, capacityOf(queue).cap) };
    }
  }

  /** Drops those at the head that would be answered too late; says whether there were any. */
  function dropLate(queue: Q, lane: Lane<E>, nowMs: number): boolean {
    const before = lane.count;
    const { cap } = capacityOf(queue);
    // The last of a batch has its answer after all others.
    const answersMs = answerMs * Math.min(lane.count, cap);
    const inMs = device.busyMs(nowMs) + queue.latency.safe(Math.min(lane.rows, cap)) + answersMs;
    for (let place = first(lane); place; place = first(lane)) {
      const entry = place.item;
      const waitedMs = nowMs - entry.arrivedMs;
      if (!isLate(waitedMs, inMs, entry.worthMs)) break;
      const late = { inMs, allowedMs: entry.worthMs - waitedMs };
      refuse(entry, errors.overloaded(queue.key, { queuedRows: queue.waiting.rows, late }));
    }
    lookDrained(queue);
    return lane.count < before;
  }

  function start(queue: Q, entries: E[], aside = false): void {
    const nowMs = clock.monotonic();
    let rows = 0;
    for (const entry of entries) {
      entry.startedMs ??= nowMs;
      rows += entry.rows;
    }
    const { settings, latency } = queue;
    const paddedRows = settings.padded ? Math.max(rows, sizeFor(rows, capacityOf(queue).cap)) : rows;
    const payloads = entries.map((entry) => entry.payload);
    const batch = { id: nextId++, key: queue.key, rows, paddedRows, payloads };
    const expectedMs = latency.expect(paddedRows);
    const run: R = { batch, queue, entries, startedMs: nowMs, expectedMs, aside };
    device.begin(run);
    charge(queue.share, expectedMs);
    wakeAt(nowMs + (aside ? ASIDE_LIMIT_MS : limits.requestTimeoutMs));
    try {
      ports.dispatch(batch);
    } catch (thrown) {
      device.end(run, nowMs);
      failed(run, errors.internal(thrown));
    }
  }

  /** Alone: it is the culprit. In company: each half is tried again by itself, in order, before anything else. */
  function failed({ queue, entries, aside }: R, error: LatheError): void {
    if (aside || entries.length === 1) for (const entry of entries) refuse(entry, error);
    else {
      const middle = Math.ceil(entries.length / 2);
      const halves = [entries.slice(0, middle), entries.slice(middle)];
      retries = [...halves.map((half) => ({ queue, entries: half })), ...retries];
    }
    lookDrained(queue);
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

  /** Ends what has waited or run too long, and sets the timer for what is next. */
  function expire(): void {
    const nowMs = clock.monotonic();
    for (const queue of queues.values())
      if (!queue.ready && queue.holdUntilMs <= nowMs) refuseWaiting(queue, errors.unavailable(queue.key));
    for (let entry = due.next(); entry && entry.dueMs <= nowMs; entry = due.next())
      refuse(entry, timeoutOf(entry, errors));
    let nextMs = due.next()?.dueMs ?? Number.POSITIVE_INFINITY;
    const present = device.present();
    if (present && present.startedMs !== stuckSinceMs) {
      const endMs = present.startedMs + (present.limitMs ?? limits.requestTimeoutMs);
      if (endMs <= nowMs) {
        stuckSinceMs = present.startedMs;
        ports.stuck(present.key, nowMs - present.startedMs);
      } else nextMs = Math.min(nextMs, endMs);
    }
    for (const queue of queues.values()) {
      if (!queue.ready && isBusy(queue)) nextMs = Math.min(nextMs, queue.holdUntilMs);
      lookDrained(queue);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) wakeAt(nextMs);
  }

  // ---- door ------------------------------------------------------------------------------------------

  const capacityOf = (queue: Q) => capacity(queue, limits.requestTimeoutMs);

  function submit(submission: Submission<Payload, Result>): () => void {
    const nowMs = clock.monotonic();
    const queue = queueOf(submission.key);
    const entry = enter(submission, queue, limits, nowMs, ports.lagMs());
    queue.company.arrived(nowMs);
    const idle = device.present() === null && !batchWaits();
    const now = { nowMs, idle, busyMs: device.busyMs(nowMs), limits };
    const error = refusal(entry, queue, queues, now, errors);
    if (error) {
      refuse(entry, error);
      return () => {};
    }
    if (queue.waiting.count === 0) join(queue.share, waitingShares());
    entry.place = enqueue(queue.waiting, entry);
    due.add(entry);
    wakeAt(queue.ready ? entry.dueMs : Math.min(entry.dueMs, queue.holdUntilMs));
    schedule();
    return () => {
      if (entry.settled) return;
      refuse(entry, errors.cancelled());
      lookDrained(queue);
    };
  }

  function* waitingShares(): Generator<Share> {
    for (const { share, waiting } of queues.values()) if (waiting.count > 0) yield share;
  }

  function queueOf(key: string): Q {
    let queue = queues.get(key);
    if (!queue) {
      queue = modelQueue(key, DEFAULT_SETTINGS);
      queues.set(key, queue);
    }
    return queue;
  }

  function refuseWaiting(queue: Q, error: LatheError): void {
    for (const entry of [...waitingIn(queue.waiting)]) refuse(entry, error);
    for (const retry of retries)
      if (retry.queue === queue) for (const entry of retry.entries) refuse(entry, error);
    retries = retries.filter((retry) => retry.queue !== queue);
  }

  return {
    configure(next) {
      limits = next;
      schedule();
    },
    open(key, settings) {
      const queue = queueOf(key);
      queue.ready = true;
      queue.settings = settings;
      queue.share.weight = settings.weight;
      queue.capacity = null;
      queue.drained = null;
      schedule();
    },
    hold(key, untilMs) {
      const queue = queueOf(key);
      queue.ready = false;
      queue.holdUntilMs = untilMs;
      expire();
    },
    drop(key, error) {
      const queue = queues.get(key);
      if (!queue) return;
      queues.delete(key);
      refuseWaiting(queue, error);
    },
    drain(key, done) {
      const queue = queues.get(key);
      if (!queue) return done();
      queue.drained = done;
      if (!queue.ready) refuseWaiting(queue, errors.unavailable(key));
      lookDrained(queue);
    },
    observe: (key, rows, ms) => queueOf(key).latency.add(rows, ms),
    occupy(task) {
      device.addTask(task);
      schedule();
    },
    taskDone() {
      device.endTask();
      schedule();
    },
    submit,
    runAside(submissions) {
      const queue = queues.get(submissions[0]?.key ?? '');
      const idle = !closed && !deferred && device.present() === null && !device.hasTask();
      if (!queue?.ready || !idle || retries.length > 0 || batchWaits()) return false;
      const nowMs = clock.monotonic();
      const entries = submissions.map((submission) => enter(submission, queue, limits, nowMs, 0));
      start(queue, entries, true);
      return true;
    },
    finish(batchId, results) {
      const run = device.find(batchId);
      if (!run) return;
      const { queue, batch, entries } = run;
      const nowMs = clock.monotonic();
      const tookMs = nowMs - run.startedMs;
      device.end(run, nowMs);
      queue.latency.add(batch.paddedRows, tookMs);
      charge(queue.share, tookMs - run.expectedMs);
      if (!run.aside) {
        const baseMs = queue.latency.line()?.baseMs ?? 0;
        queue.company.answered(entries.length, nowMs, baseMs, capacityOf(queue).doorMs);
      }
      // The device is fed before the answers are written: it works while they are.
      pump();
      const beganMs = clock.monotonic();
      entries.forEach((entry, at) => {
        const result = results[at];
        if (result === undefined) refuse(entry, errors.internal('a result is missing'));
        else settle(entry, { ok: true, result });
      });
      answerMs += ANSWER_SMOOTHING * ((clock.monotonic() - beganMs) / entries.length - answerMs);
      lookDrained(queue);
    },
    fail(batchId, error) {
      const run = device.find(batchId);
      if (!run) return;
      device.end(run, clock.monotonic());
      failed(run, error);
    },
    deviceLost() {
      const [ran, ...behind] = device.clear();
      // What had not begun was harmless; it goes first when the device is back.
      for (const { queue, entries } of behind) {
        for (const entry of entries) entry.startedMs = null;
        retries.push({ queue, entries });
      }
      for (const entry of ran?.entries ?? []) refuse(entry, errors.lost(entry.key));
      expire();
    },
    isRunning: () => device.runs().length > 0,
    isAside: () => device.runs()[0]?.aside ?? false,
    runningKeys: () => device.runs().map(({ queue }) => queue.key),
    isBusy(key) {
      const queue = queues.get(key);
      return queue !== undefined && isBusy(queue);
    },
    ...batcherFigures(queues, capacityOf),
    close(error) {
      closed = true;
      for (const { entries } of device.clear()) for (const entry of entries) refuse(entry, error);
      for (const queue of queues.values()) refuseWaiting(queue, error);
      armed?.cancel();
      armed = null;
    },
  };
}

/**
 * What is on the device: the batch that runs, and perhaps one behind it that begins when the first ends; or a
 * task (a load, a warm-up run), which has the device to itself.
 */
import type { Batch, Task } from './batcher-types.ts';

export type OnDevice<Payload, Queue, Entry> = {
  batch: Batch<Payload>;
  queue: Queue;
  entries: Entry[];
  /** When the device began with it, monotonic; for the one behind, when it was sent. */
  startedMs: number;
  expectedMs: number;
  /** Nobody waits for it: it is not tried again. */
  aside: boolean;
};

type Counted = { running: number };

/** After which something that nobody waits for is stuck. */
export const ASIDE_LIMIT_MS = 2_000;

export type Device<Payload, Queue extends Counted, Entry> = {
  runs(): readonly OnDevice<Payload, Queue, Entry>[];
  begin(run: OnDevice<Payload, Queue, Entry>): void;
  find(batchId: number): OnDevice<Payload, Queue, Entry> | undefined;
  /** Takes it off; the one behind it begins now. */
  end(run: OnDevice<Payload, Queue, Entry>, nowMs: number): void;
  /** Empties it and returns what was there. */
  clear(): OnDevice<Payload, Queue, Entry>[];
  /** Tasks wait here for an idle device, and take turns with batches. */
  addTask(task: Task): void;
  task(): Task | null;
  /** Starts the next task, if it is its turn: the device is idle, and the last turn was a batch's or none waits. */
  startTask(nowMs: number, batchWaits: boolean): boolean;
  hasTask(): boolean;
  endTask(): void;
  /** What runs now and since when; null when it is idle. */
  present(): { key: string; startedMs: number; limitMs: number | null } | null;
  /** Until it is free. What is overdue is expected at any moment. */
  busyMs(nowMs: number): number;
};

export function createDevice<Payload, Queue extends Counted, Entry>(): Device<Payload, Queue, Entry> {
  let runs: OnDevice<Payload, Queue, Entry>[] = [];
  let tasks: Task[] = [];
  let task: (Task & { startedMs: number }) | null = null;
  let lastWasTask = false;
  return {
    runs: () => runs,
    begin(run) {
      runs.push(run);
      lastWasTask = false;
      run.queue.running += 1;
    },
    find: (batchId) => runs.find(({ batch }) => batch.id === batchId),
    end(run, nowMs) {
      const first = runs[0] === run;
      runs = runs.filter((other) => other !== run);
      run.queue.running -= 1;
      if (first && runs[0]) runs[0].startedMs = nowMs;
    },
    clear() {
      const were = runs;
      runs = [];
      tasks = [];
      task = null;
      for (const { queue } of were) queue.running -= 1;
      return were;
    },
    addTask: (next) => void tasks.push(next),
    task: () => task,
    hasTask: () => task !== null || tasks.length > 0,
    startTask(nowMs, batchWaits) {
      if (task || runs.length > 0 || (lastWasTask && batchWaits)) return false;
      const next = tasks.shift();
      if (!next) return false;
      task = { ...next, startedMs: nowMs };
      lastWasTask = true;
      next.start();
      return true;
    },
    endTask() {
      task = null;
    },
    present() {
      if (task) return { key: task.key, startedMs: task.startedMs, limitMs: task.limitMs };
      const run = runs[0];
      const limitMs = run?.aside ? ASIDE_LIMIT_MS : null;
      return run ? { key: run.batch.key, startedMs: run.startedMs, limitMs } : null;
    },
    busyMs(nowMs) {
      let ms = task ? Math.max(0, task.expectedMs - (nowMs - task.startedMs)) : 0;
      for (const { startedMs, expectedMs } of runs)
        ms += Math.max(0, expectedMs - Math.max(0, nowMs - startedMs));
      return ms;
    },
  };
}

/** What the batcher is given and what it gives: shared by its parts, its tests and its users. */
import type { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { QueueSettings } from './batch-policy.ts';

export type Outcome<Result> = { ok: true; result: Result } | { ok: false; error: LatheError };

export type Submission<Payload, Result> = {
  /** Model version, "<model>@<version>". */
  key: string;
  /** Equal for requests whose tensors can be concatenated along the first dimension. */
  shapeKey: string;
  rows: number;
  bytes: number;
  payload: Payload;
  /** When it came, monotonic; now when it is not given. Every limit counts from here. */
  arrivedMs?: number;
  /** The client's own limit on the whole, in milliseconds with fractions. */
  timeoutMs?: number;
  /** 1 is served first; 0 or none means the model's default. */
  priority?: number;
  /** Of a request in parts: the first asks at the door for the rows of all, the others are let in with it. */
  part?: { first: boolean; allRows: number };
  /** Called exactly once, whatever happens. `queuedMs` is the wait before it first ran. */
  settle(outcome: Outcome<Result>, queuedMs: number): void;
};

export type Batch<Payload> = {
  readonly id: number;
  readonly key: string;
  readonly rows: number;
  /** At least `rows`: rows to fill up with, whose results nobody gets. */
  readonly paddedRows: number;
  readonly payloads: readonly Payload[];
};

/** What a device does besides batches, and nothing else beside it: loading a model, a warm-up run. */
export type Task = {
  key: string;
  expectedMs: number;
  /** After which it is stuck. */
  limitMs: number;
  start(): void;
};

/** Why a request is refused at the door: the queue is full, or it would be late. Times in milliseconds. */
export type Overload = {
  queuedRows: number;
  /** Of requests that are not read yet, where they are what is full. */
  queuedBytes?: number;
  late: { inMs: number; allowedMs: number } | null;
};

export type BatcherErrors = {
  timeout(key: string, ms: number): LatheError;
  /** The client's own limit passed before the request could begin. */
  queueTimeout(key: string, ms: number): LatheError;
  overloaded(key: string, overload: Overload): LatheError;
  unavailable(key: string): LatheError;
  lost(key: string): LatheError;
  /** The client gave it up. */
  cancelled(): LatheError;
  internal(thrown: unknown): LatheError;
};

export type BatcherPorts<Payload> = {
  clock: Clock;
  /** Calls back once after `ms`; returns how to take it back. */
  setTimer(ms: number, callback: () => void): () => void;
  /** Calls back when what has already arrived in this turn has been read, so that it travels together. */
  defer(callback: () => void): void;
  /** Starts a batch on the device; ends in `finish`, `fail` or `deviceLost`. May throw. */
  dispatch(batch: Batch<Payload>): void;
  /** A batch or task of this model runs longer than it may: replace the device, and say `deviceLost`. */
  stuck(key: string, ranMs: number): void;
  errors: BatcherErrors;
  /**
   * How late this process is to see what arrives, milliseconds: a request has waited that long before it is submitted,
   * and of a target so much less is left.
   */
  lagMs(): number;
};

export type BatcherLimits = {
  /** How long the oldest request may wait for company, in microseconds; 0 never waits. */
  maxQueueDelayUs: number;
  /** Most bytes that may wait for one model. */
  maxQueueBytes: number;
  /** No request waits longer for its answer, and no batch runs longer. */
  requestTimeoutMs: number;
  /** Batches on the device: 2 sends a full batch while another runs, so that the device never waits for it. */
  pipeline: 1 | 2;
};

export type Batcher<Payload, Result> = {
  configure(limits: BatcherLimits): void;
  /** The model is loaded: its requests may run. */
  open(key: string, settings: QueueSettings): void;
  /** The model cannot run now; its requests wait for `open` until `untilMs` (monotonic) and are refused then. */
  hold(key: string, untilMs: number): void;
  /** The model is gone; what is queued is refused with this error. */
  drop(key: string, error: LatheError): void;
  /** What is queued and running is still answered; `done` is called, once, when nothing is left. */
  drain(key: string, done: () => void): void;
  /** One run of a model outside any batch, for the estimate of what batches cost. */
  observe(key: string, rows: number, ms: number): void;
  /** Starts the task once the device is idle; it has it to itself until `taskDone`. Forgotten when it is lost. */
  occupy(task: Task): void;
  taskDone(): void;
  /** Returns the cancel: the request leaves the queue, or its result is thrown away, and it settles as cancelled. */
  submit(submission: Submission<Payload, Result>): () => void;
  /**
   * Runs these as one batch now, if the device is idle and nobody waits; false otherwise. They are tried once, and
   * are stuck sooner than others.
   */
  runAside(submissions: readonly Submission<Payload, Result>[]): boolean;
  /** Results of a batch, in the order of its payloads. */
  finish(batchId: number, results: readonly Result[]): void;
  fail(batchId: number, error: LatheError): void;
  /** The device died: what ran on it is refused at once, what is queued stays. */
  deviceLost(): void;
  isRunning(): boolean;
  /** What runs was let in by `runAside`. */
  isAside(): boolean;
  /** Keys of what is on the device, the running batch first. */
  runningKeys(): string[];
  /** Something of this model waits or runs. */
  isBusy(key: string): boolean;
  /** Most rows of one batch now; infinite where requests cannot share one, as they must not be cut then. */
  largestBatch(key: string): number;
  /** Rows waiting, per model version with any. */
  queuedRows(): Record<string, number>;
  /** Requests waiting, per model version with any; one in parts counts until its first part leaves. */
  queuedRequests(): Record<string, number>;
  /** Bytes waiting for this model. */
  queuedBytes(key: string): number;
  /** What is known of a model's batches; null for a model that is not there. */
  estimate(key: string): Estimate | null;
  /** Refuses everything and stops the timer. */
  close(error: LatheError): void;
};

/** Milliseconds per batch and per row, the largest batch in use, and the rows a second that makes. */
export type Estimate = { baseMs: number; rowMs: number; cap: number; rowsPerSecond: number };

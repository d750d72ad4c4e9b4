/**
 * Read-only connections on other threads, for queries that may take more than 10 ms. Threads start with the
 * first query. A query past its time limit is given up: its thread is replaced, because SQLite inside it
 * cannot be told to stop from here.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LatheError } from '../../contract/errors.ts';
import type { ReaderAnswer, ReaderQuery } from './reader-worker.ts';

export type SqlValue = string | number | bigint | Uint8Array | null;

export type Readers = {
  /** Every row of the query. Rejects with LATHE_INTERNAL after `timeoutMs` (10 s by default). */
  all<Row>(sql: string, params?: readonly SqlValue[], timeoutMs?: number): Promise<Row[]>;
  /**
   * What the module at this URL makes of `input` beside the data (see ReaderJob in reader-worker.ts). Rejects with
   * LATHE_INTERNAL after `timeoutMs` (60 s by default).
   */
  job<Result>(module: string, input: unknown, timeoutMs?: number): Promise<Result>;
  close(): Promise<void>;
};

type Waiting = {
  query: ReaderQuery;
  timeoutMs: number;
  resolve(rows: unknown): void;
  reject(reason: unknown): void;
};
type Slot = { worker: Worker; current: (Waiting & { timer: NodeJS.Timeout }) | null };

const DEFAULT_TIMEOUT_MS = 10_000;
const JOB_TIMEOUT_MS = 60_000;
const CLOSE_WAIT_MS = 500;

export function createReaders(options: { file: string; bundles: string; size?: number }): Readers {
  const size = options.size ?? 2;
  const slots = new Set<Slot>();
  const queue: Waiting[] = [];
  const ending = new Set<Promise<unknown>>();
  let nextId = 0;
  let closed = false;

  function spawn(): Slot {
    const worker = new Worker(workerFile(options.bundles), {
      workerData: { file: options.file },
      name: 'reader',
    });
    worker.unref();
    const slot: Slot = { worker, current: null };
    slots.add(slot);
    worker.on('message', (answer: ReaderAnswer) => {
      const job = slot.current;
      if (!job || job.query.id !== answer.id) return;
      settle(slot);
      if ('rows' in answer) job.resolve(answer.rows);
      else job.reject(Object.assign(new Error(answer.message), { code: answer.code }));
      next();
    });
    const lost = (reason: unknown) => {
      if (!slots.delete(slot)) return;
      const job = slot.current;
      settle(slot);
      job?.reject(reason);
      next();
    };
    worker.on('error', lost);
    worker.on('exit', (code) => lost(new Error(`the reader thread ended (${code})`)));
    return slot;
  }

  function settle(slot: Slot): void {
    if (slot.current) clearTimeout(slot.current.timer);
    slot.current = null;
  }

  function next(): void {
    if (queue.length === 0 || closed) return;
    const idle = [...slots].find((slot) => slot.current === null) ?? (slots.size < size ? spawn() : null);
    const job = idle && queue.shift();
    if (!idle || !job) return;
    const timer = setTimeout(() => {
      slots.delete(idle);
      idle.current = null;
      const end = idle.worker.terminate().finally(() => ending.delete(end));
      ending.add(end);
      job.reject(
        new LatheError('LATHE_INTERNAL', { reason: `a query took longer than ${job.timeoutMs} ms` }),
      );
      next();
    }, job.timeoutMs);
    idle.current = { ...job, timer };
    idle.worker.postMessage(job.query);
  }

  function ask<Answer>(
    what: { sql: string; params: readonly SqlValue[] } | { job: string; input: unknown },
    timeoutMs: number,
  ): Promise<Answer> {
    if (closed) return Promise.reject(new LatheError('LATHE_ENGINE_UNAVAILABLE'));
    return new Promise<Answer>((resolve, reject) => {
      const query = { id: ++nextId, ...what };
      queue.push({ query, timeoutMs, resolve: (answer) => resolve(answer as Answer), reject });
      next();
    });
  }

  return {
    all: (sql, params = [], timeoutMs = DEFAULT_TIMEOUT_MS) => ask({ sql, params }, timeoutMs),
    job: (module, input, timeoutMs = JOB_TIMEOUT_MS) => ask({ job: module, input }, timeoutMs),
    async close() {
      closed = true;
      const gone = new LatheError('LATHE_ENGINE_UNAVAILABLE');
      for (const job of queue.splice(0)) job.reject(gone);
      for (const slot of slots) {
        slot.current?.reject(gone);
        settle(slot);
        ending.add(slot.worker.terminate());
      }
      slots.clear();
      // A query that was given up may still hold its thread; closing does not wait for its end.
      const patience = new Promise((resolve) => setTimeout(resolve, CLOSE_WAIT_MS).unref());
      await Promise.race([Promise.all(ending), patience]);
    },
  };
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const workerFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('./reader-worker.ts', import.meta.url))
    : join(bundles, 'engine', 'reader-worker.js');

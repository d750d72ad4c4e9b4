/**
 * Writes that arrive together share one commit, and each is answered after it. A write is whole or not at all by
 * itself: inside the group it is a savepoint (inTransaction). While another program holds the database, writes wait
 * without holding the thread.
 */
import { LatheError } from '../../contract/errors.ts';
import { BUSY_TIMEOUT_MS, type Database } from './database.ts';
import { codeOf } from './failures.ts';

export type GroupCommit = {
  /** What `work` returns, after the commit. `work` may run twice; only its last run is committed. */
  run<T>(work: () => T): Promise<T>;
};

type Job = {
  work: () => unknown;
  sinceMs: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
};

/** Longest hold of the thread by one group; what is left comes in the next turn of the loop. */
const HOLD_MS = 8;
/** Clients give up after 120 s. */
const DEFAULT_PATIENCE_MS = 100_000;
const RETRY_MS = 10;

export function createGroupCommit(db: Database, patienceMs = DEFAULT_PATIENCE_MS): GroupCommit {
  let waiting: Job[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After this turn's input: what other connections have sent by then joins.
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    if (waiting.length === 0) return;
    if (!db.open) {
      for (const job of waiting.splice(0)) job.reject(new LatheError('LATHE_ENGINE_UNAVAILABLE'));
      return;
    }
    try {
      if (begin(db)) commitSome();
      else {
        giveUp();
        scheduled = true;
        setTimeout(flush, RETRY_MS);
      }
    } catch (thrown) {
      for (const job of waiting.splice(0)) job.reject(thrown);
    }
    if (waiting.length > 0) schedule();
  }

  /** In an open transaction: as many as fit into HOLD_MS. */
  function commitSome(): void {
    const until = performance.now() + HOLD_MS;
    const done: { job: Job; value: unknown }[] = [];
    const failed: { job: Job; reason: unknown }[] = [];
    let count = 0;
    while (count < waiting.length && (count === 0 || performance.now() < until)) {
      const job = waiting[count] as Job;
      count += 1;
      try {
        done.push({ job, value: job.work() });
      } catch (reason) {
        failed.push({ job, reason });
        // A full disk undoes the whole transaction: what was done before is done again, without this one.
        if (!db.inTransaction) break;
      }
    }
    if (db.inTransaction) {
      try {
        db.exec(COMMIT);
      } catch (thrown) {
        db.exec(db.inTransaction ? `ROLLBACK; ${PATIENT}` : PATIENT);
        for (const { job } of done.splice(0)) failed.push({ job, reason: thrown });
      }
      waiting = waiting.slice(count);
    } else {
      db.exec(PATIENT);
      waiting = [...done.splice(0).map(({ job }) => job), ...waiting.slice(count)];
    }
    for (const { job, value } of done) job.resolve(value);
    for (const { job, reason } of failed) job.reject(reason);
  }

  function giveUp(): void {
    const nowMs = performance.now();
    const late = waiting.filter(({ sinceMs }) => nowMs - sinceMs > patienceMs);
    waiting = waiting.filter((job) => !late.includes(job));
    for (const job of late) job.reject(new LatheError('LATHE_WORKSPACE_BUSY'));
  }

  return {
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, sinceMs: performance.now(), resolve: resolve as Job['resolve'], reject });
        schedule();
      }),
  };
}

// Two statements in one call: this is the hottest path there is. The time-out counts when it is set, not later.
const BEGIN = 'PRAGMA busy_timeout = 0; BEGIN IMMEDIATE';
const COMMIT = `COMMIT; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`;
const PATIENT = `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`;

/** Takes the write lock, or says at once that another program has it. */
function begin(db: Database): boolean {
  try {
    db.exec(BEGIN);
    return true;
  } catch (thrown) {
    db.exec(PATIENT);
    if (codeOf(thrown)?.startsWith('SQLITE_BUSY')) return false;
    throw thrown;
  }
}

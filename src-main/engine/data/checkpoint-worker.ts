/** Entry of the checkpoint thread: a connection that does nothing but write the WAL back into the file. */
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';

/** More than one round: what is committed during a checkpoint is left for the next. */
const MOST_ROUNDS = 3;
/**
 * From 16 MB on the WAL is to begin anew, which it can only when no page is left to write back. A writer that never rests
 * always leaves some: it would grow until the writer had to do all of that itself. So the last few are written while the
 * writer is kept out, when there are no more than a millisecond's worth.
 */
const LONG_PAGES = 4_000;
const FEW_PAGES = 500;
/** The writer is in the way for a part of the time; a reader may be for long. */
const MOST_TRIES = 50;
const TRY_AGAIN_MS = 1;
/** While it grows fast it is looked after so many times as often. */
const HURRY = 4;

const { file, everyMs } = workerData as { file: string; everyMs: number };
const db = new BetterSqlite3(file, { fileMustExist: true });
db.pragma('busy_timeout = 0');
db.pragma('synchronous = NORMAL');

function write(how: 'PASSIVE' | 'RESTART') {
  const [done] = db.pragma(`wal_checkpoint(${how})`) as { busy: number; log: number; checkpointed: number }[];
  const { busy = 1, log = 0, checkpointed = 0 } = done ?? {};
  return { inTheWay: busy !== 0, pages: log, left: log - checkpointed };
}

/** Pages that the WAL had, and has: fewer when it began anew. */
function checkpoint(): { had: number; has: number } {
  let done = write('PASSIVE');
  const had = done.pages;
  for (let round = 1; round < MOST_ROUNDS && !done.inTheWay && done.left > 0; round++)
    done = write('PASSIVE');
  for (let tried = 0; tried < MOST_TRIES && done.pages >= LONG_PAGES && done.left <= FEW_PAGES; tried++) {
    done = write('RESTART');
    if (!done.inTheWay) return { had, has: 0 };
    Atomics.wait(clock, 0, 0, TRY_AGAIN_MS);
  }
  return { had, has: done.pages };
}
const clock = new Int32Array(new SharedArrayBuffer(4));

let timer: NodeJS.Timeout;

function look(inMs: number, before: number): void {
  timer = setTimeout(() => {
    let pages = { had: before, has: before };
    try {
      pages = checkpoint();
    } catch {
      // A full disk, or somebody else at it: what is committed stays in the WAL, and the next round tries again.
    }
    // Where it would be long by then, not the usual time is waited.
    const grown = pages.had < before ? pages.had : pages.had - before;
    const hurry = (grown / inMs) * everyMs >= LONG_PAGES;
    look(hurry ? everyMs / HURRY : everyMs, pages.has);
  }, inMs);
}
look(everyMs, 0);

parentPort?.once('message', () => {
  clearTimeout(timer);
  db.close();
  parentPort?.close();
});

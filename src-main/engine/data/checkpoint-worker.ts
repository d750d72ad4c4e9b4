/** Entry of the checkpoint thread: a connection that does nothing but write the WAL back into the file. */
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';

/** More than one round: what is committed during a checkpoint is left for the next. */
const MOST_ROUNDS = 3;

const { file, everyMs } = workerData as { file: string; everyMs: number };
const db = new BetterSqlite3(file, { fileMustExist: true });
db.pragma('busy_timeout = 0');
db.pragma('synchronous = NORMAL');

function checkpoint(): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [result] = db.pragma('wal_checkpoint(PASSIVE)') as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    if (result?.busy !== 0 || result.checkpointed >= result.log) return;
  }
}

const timer = setInterval(() => {
  try {
    checkpoint();
  } catch {
    // A full disk, or somebody else at it: what is committed stays in the WAL, and the next round tries again.
  }
}, everyMs);

parentPort?.once('message', () => {
  clearInterval(timer);
  db.close();
  parentPort?.close();
});

/** The writer connection. One per workspace, on the engine's thread; reads that can exceed 10 ms go to readers.ts. */
import BetterSqlite3 from 'better-sqlite3';
import { codeOf } from './failures.ts';

export type Database = BetterSqlite3.Database;

/** "LATH": marks a SQLite file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x4c415448;

/** How long a statement holds its thread while another program writes; a GroupCommit does not hold it. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the file for reading and writing. WAL with synchronous NORMAL: a commit survives the death of the
 * process at once and the death of the machine after the next checkpoint, and readers never wait for the writer.
 */
export function openDatabase(file: string): Database {
  const db = new BetterSqlite3(file);
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma('temp_store = MEMORY');
    // After a burst the WAL is cut back to this many bytes.
    db.pragma('journal_size_limit = 33554432');
    db.pragma('trusted_schema = OFF');
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** All of `work` or nothing of it. Takes the write lock at once, so that a read inside cannot go stale. */
export function inTransaction<T>(db: Database, work: () => T): T {
  return db.transaction(work).immediate();
}

/** Lets pages that became free be given back one by one. Call before the first table, or make it true with VACUUM. */
export const keepCompactable = (db: Database): void => void db.pragma('auto_vacuum = INCREMENTAL');

export const isCompactable = (db: Database): boolean => db.pragma('auto_vacuum', { simple: true }) === 2;

/**
 * Writes the WAL back into the file and empties it. A reader in the way or a full disk is no reason to fail:
 * what was committed stays in the WAL and is read from there.
 */
export function checkpoint(db: Database): void {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (thrown) {
    if (!/^SQLITE_(FULL|BUSY|LOCKED|IOERR)/.test(codeOf(thrown) ?? '')) throw thrown;
  }
}

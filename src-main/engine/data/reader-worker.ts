/** Entry of a reader thread: one read-only connection, one query at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3, { type Statement } from 'better-sqlite3';

export type ReaderQuery = { id: number; sql: string; params: readonly unknown[] };
export type ReaderAnswer =
  | { id: number; rows: unknown[] }
  | { id: number; message: string; code: string | undefined };

const KEPT_STATEMENTS = 64;

const db = new BetterSqlite3((workerData as { file: string }).file, { readonly: true });
db.pragma('busy_timeout = 5000');
const statements = new Map<string, Statement<unknown[]>>();

parentPort?.on('message', (query: ReaderQuery) => {
  parentPort?.postMessage(answer(query));
});

function answer({ id, sql, params }: ReaderQuery): ReaderAnswer {
  try {
    return { id, rows: prepared(sql).all(...params) };
  } catch (thrown) {
    const { message, code } = thrown as { message: string; code?: string };
    return { id, message, code };
  }
}

function prepared(sql: string): Statement<unknown[]> {
  let statement = statements.get(sql);
  if (!statement) {
    if (statements.size >= KEPT_STATEMENTS) statements.clear();
    statement = db.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

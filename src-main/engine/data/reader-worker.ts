/** Entry of a reader thread: one read-only connection, one query or job at a time. */
import { parentPort, type Transferable, workerData } from 'node:worker_threads';
import BetterSqlite3, { type Statement } from 'better-sqlite3';
import type { Database } from './database.ts';

export type ReaderQuery = { id: number } & (
  | { sql: string; params: readonly unknown[] }
  /** URL of a module that exports `run` (see ReaderJob). */
  | { job: string; input: unknown }
);
export type ReaderAnswer =
  | { id: number; rows: unknown }
  | { id: number; message: string; code: string | undefined };

/** What a job's module exports as `run`. `transfer` are the buffers in `result` that move instead of being copied. */
export type ReaderJob<Input, Result> = (
  db: Database,
  input: Input,
) => { result: Result; transfer?: readonly Transferable[] };

const KEPT_STATEMENTS = 64;

const db = new BetterSqlite3((workerData as { file: string }).file, { readonly: true });
db.pragma('busy_timeout = 5000');
const statements = new Map<string, Statement<unknown[]>>();

parentPort?.on('message', async (query: ReaderQuery) => {
  try {
    const { result, transfer = [] } =
      'job' in query
        ? await run(query.job, query.input)
        : { result: prepared(query.sql).all(...query.params) };
    parentPort?.postMessage({ id: query.id, rows: result } satisfies ReaderAnswer, transfer);
  } catch (thrown) {
    const { message, code } = thrown as { message: string; code?: string };
    parentPort?.postMessage({ id: query.id, message, code } satisfies ReaderAnswer);
  }
});

async function run(job: string, input: unknown): Promise<ReturnType<ReaderJob<unknown, unknown>>> {
  const { run } = (await import(job)) as { run: ReaderJob<unknown, unknown> };
  // One transaction: all that a job reads is of one moment.
  return db.transaction(() => run(db, input))();
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

/** The writer connection. One per workspace, on the engine's thread; reads that can exceed 10 ms go to readers.ts. */
import type BetterSqlite3 from 'better-sqlite3';

export type Database = BetterSqlite3.Database;

import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../testing.ts';
import { inTransaction } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { databaseFile } from './inspect.ts';

let context: TestContext;
let other: BetterSqlite3.Database;
beforeEach(async () => {
  context = await openTestContext();
  other = new BetterSqlite3(databaseFile(context.paths.root));
  other.pragma('busy_timeout = 0');
});
afterEach(async () => {
  other.close();
  await context.close();
});

const put = (name: string, value = 'x') =>
  void context.db.prepare('INSERT INTO workspace(key, value) VALUES (?, ?)').run(name, value);
const seen = () =>
  other.prepare("SELECT key FROM workspace WHERE key LIKE 't%' ORDER BY key").pluck().all() as string[];
const turn = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('writes that share a commit', () => {
  test('are there for everybody when they are answered', async () => {
    const { writes } = context;
    const answers = await Promise.all([
      writes.run(() => {
        put('t1');
        return 'first';
      }),
      writes.run(() => put('t2')),
    ]);
    expect(answers).toEqual(['first', undefined]);
    expect(seen()).toEqual(['t1', 't2']);
  });

  test('fail each by itself, and then leave nothing', async () => {
    const { writes, db } = context;
    const both = () =>
      inTransaction(db, () => {
        put('t-half');
        put('t1');
      });
    const answers = await Promise.allSettled([
      writes.run(() => put('t1')),
      writes.run(both),
      writes.run(() => put('t3')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(seen()).toEqual(['t1', 't3']);
  });

  test('are done again without the one that undid them all', async () => {
    const { writes, db } = context;
    let runs = 0;
    const answers = await Promise.allSettled([
      writes.run(() => {
        runs += 1;
        put('t1');
      }),
      writes.run(() => {
        // What SQLite does by itself when the disk is full.
        db.exec('ROLLBACK');
        throw new Error('full');
      }),
      writes.run(() => put('t3')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect({ runs, seen: seen() }).toEqual({ runs: 2, seen: ['t1', 't3'] });
  });

  test('wait for a busy database, and the thread goes on meanwhile', async () => {
    other.exec('BEGIN IMMEDIATE');
    let answered = false;
    const write = context.writes
      .run(() => put('t1'))
      .then(() => {
        answered = true;
      });
    await turn();
    expect(answered).toBe(false);
    other.exec('COMMIT');
    await write;
    expect(seen()).toEqual(['t1']);
  });

  test('say so when it stays busy', async () => {
    const impatient = createGroupCommit(context.db, 20);
    other.exec('BEGIN IMMEDIATE');
    await expect(impatient.run(() => put('t1'))).rejects.toMatchObject({ code: 'LATHE_WORKSPACE_BUSY' });
    other.exec('ROLLBACK');
    await impatient.run(() => put('t2'));
    expect(seen()).toEqual(['t2']);
  });

  test('are refused once the database is closed', async () => {
    const { writes, workspace } = context;
    const late = writes.run(() => put('t1'));
    workspace.db.close();
    await expect(late).rejects.toMatchObject({ code: 'LATHE_ENGINE_UNAVAILABLE' });
  });
});

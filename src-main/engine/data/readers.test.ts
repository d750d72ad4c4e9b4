import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../testing.ts';
import { databaseFile } from './inspect.ts';
import { createReaders } from './readers.ts';

let context: TestContext;
beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const FOREVER =
  'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 30000000) SELECT SUM(x) AS s FROM n';

describe('readers', () => {
  test('see what is committed', async () => {
    context.db.exec("INSERT INTO key(name) VALUES ('loss'), ('auc')");
    expect(await context.readers.all('SELECT name FROM key WHERE name > ? ORDER BY name', ['a'])).toEqual([
      { name: 'auc' },
      { name: 'loss' },
    ]);
  });

  test('cannot write', async () => {
    await expect(context.readers.all("INSERT INTO key(name) VALUES ('x')")).rejects.toThrow(/readonly|data/i);
    expect(context.db.prepare('SELECT COUNT(*) FROM key').pluck().get()).toBe(0);
  });

  test('tell what is wrong with a query, and go on', async () => {
    await expect(context.readers.all('SELECT * FROM nowhere')).rejects.toThrow('no such table: nowhere');
    expect(await context.readers.all('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('answer many at once, each its own', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => context.readers.all<{ n: number }>('SELECT ? AS n', [n])),
    );
    expect(answers.map((rows) => rows[0]?.n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('a query past its limit is given up; the engine’s thread and the next queries do not wait for it', async () => {
    await context.readers.all('SELECT 1');
    const startMs = performance.now();
    const slow = context.readers.all(FOREVER, [], 150);
    const next = context.readers.all('SELECT 2 AS two');
    await expect(slow).rejects.toMatchObject({ code: 'LATHE_INTERNAL' });
    expect(await next).toEqual([{ two: 2 }]);
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  test('closing refuses what is waiting', async () => {
    const readers = createReaders({
      file: databaseFile(context.paths.root),
      bundles: context.paths.bundles,
      size: 1,
    });
    const waiting = [readers.all('SELECT 1'), readers.all('SELECT 2')];
    const outcomes = Promise.allSettled(waiting);
    await readers.close();
    for (const outcome of await outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'LATHE_ENGINE_UNAVAILABLE' });
    await expect(readers.all('SELECT 3')).rejects.toMatchObject({ code: 'LATHE_ENGINE_UNAVAILABLE' });
  });
});

import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../data/migrations/index.ts';
import { createPanesStore } from './panes.store.ts';

it('carries the days over that an older version counted, and their rows', () => {
  const db = new BetterSqlite3(':memory:');
  const upTo = (from: number, to: number) => {
    for (const { version, sql } of MIGRATIONS) if (version > from && version <= to) db.exec(sql);
  };
  upTo(0, 8);
  const day = 86_400_000;
  const counts = Buffer.from(Uint32Array.of(1, 2, 3).buffer);
  db.prepare("INSERT INTO pane VALUES (1, 'a', 2, ?, 'x', 6, 1, 4.5, ?)").run(day, counts);
  db.prepare(
    "INSERT INTO cohort(endpoint_id, window_ms, arm, version, predictions) VALUES (1, ?, 'a', 2, 6)",
  ).run(day);
  db.prepare(
    `INSERT INTO prediction(id, endpoint_id, arm, version, event_ms, received_ms, latency_us, features)
     VALUES ('p', 1, 'a', 2, ?, ?, 1, '{}')`,
  ).run(day + 5, day + 9);
  upTo(8, 9);
  expect(db.prepare('SELECT * FROM window_pane').all()).toEqual([
    {
      ...{ endpoint_id: 1, level: 2, feature: 'x', window_ms: day, arm: 'a', version: 2, form: 0, counts },
      ...{ sum: 4.5, squares: null, min: null, max: null },
    },
  ]);
  expect(db.prepare('SELECT * FROM window_rows').all()).toEqual([
    { endpoint_id: 1, level: 2, window_ms: day, arm: 'a', version: 2, rows: 6, skewed: 0, unlogged: 0 },
  ]);
  upTo(9, Number.POSITIVE_INFINITY);
  expect(createPanesStore(db).watched(1)).toEqual({ lastEventMs: day + 5, lastReceivedMs: day + 9 });
  db.close();
});

import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../data/migrations/index.ts';
import { createMinutesStore, eachOfMinutes } from './minutes.store.ts';
import { addStretch, emptyPane, packPanes } from './pane.rules.ts';
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

it('reads minutes on that an older version counted, and adds to them', () => {
  const db = new BetterSqlite3(':memory:');
  const upTo = (from: number, to: number) => {
    for (const { version, sql } of MIGRATIONS) if (version > from && version <= to) db.exec(sql);
  };
  upTo(0, 16);
  const minute = 60_000;
  const packed = (...counts: number[]) =>
    [1, 40].map((id) => ({ id, pane: { ...emptyPane(3), counts: Uint32Array.from(counts), sum: id } }));
  db.prepare("INSERT INTO pane_feature VALUES (1, 'x'), (40, 'y')").run();
  db.prepare("INSERT INTO minute_pane VALUES (1, ?, 'a', 2, 6, 1, 3, ?)").run(
    minute,
    packPanes(packed(1, 2, 3)),
  );
  upTo(16, 17);
  const rows = { endpoint_id: 1, level: 0, window_ms: minute, arm: 'a', version: 2 };
  expect(db.prepare('SELECT * FROM window_rows').all()).toEqual([
    { ...rows, rows: 6, skewed: 1, unlogged: 3 },
  ]);
  const minutes = createMinutesStore(db);
  minutes.add([1, minute, 'a', 2], [packPanes(packed(0, 0, 4))]);
  minutes.add([1, 2 * minute, 'a', 2], [packPanes(packed(0, 5, 0))]);
  const found: [number, number, number[]][] = [];
  eachOfMinutes(
    db,
    { endpointId: 1, arm: null, fromMs: 0, toMs: 2 * minute },
    [40],
    (id, windowMs, version, pane) => {
      const counts = new Uint32Array(3);
      addStretch(counts, pane, 1);
      expect(version).toBe(2);
      found.push([id, windowMs, [...counts]]);
    },
  );
  expect(found).toEqual([
    [40, minute, [1, 2, 3]],
    [40, minute, [0, 0, 4]],
    [40, 2 * minute, [0, 5, 0]],
  ]);
  expect(minutes.prune(1, 2 * minute, 100)).toBe(3);
  db.close();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../data/migrations/index.ts';
import { openIn } from '../../data/testing.ts';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, recount, row } from '../../testing-monitoring.ts';

const rows = Array.from({ length: 500 }, (_, at) => ({
  id: `r${at}`,
  eventMs: NOW - (1 + (at % 60)) * HOUR,
  score: (at % 100) / 100,
  truth: at % 3 === 0 ? null : String(at % 2),
}));

/** As version 8 counted: days, and accuracy with log loss. */
const OLD_COHORT = `INSERT INTO cohort SELECT 1, event_ms / ${DAY} * ${DAY}, 'a', 1, count(*), count(truth),
  sum(score >= 0.5 AND truth = '1'), sum(score >= 0.5 AND truth = '0'), sum(score < 0.5 AND truth = '1'), sum(score < 0.5 AND truth = '0'),
  coalesce(sum(CASE truth WHEN '1' THEN -ln(max(score, 1e-7)) WHEN '0' THEN -ln(1 - score) END), 0)
  FROM prediction GROUP BY 2`;

it('days of an older workspace are carried over, and moved into hours row by row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-carry-'));
  const old = await openIn(folder, { migrations: MIGRATIONS.filter(({ version }) => version <= 8) });
  const insert = old.db.prepare(
    `INSERT INTO prediction(id, endpoint_id, arm, version, event_ms, received_ms, latency_us, features, score, truth, truth_ms)
     VALUES (?, 1, 'a', 1, ?, ?, 1, '{}', ?, ?, ?)`,
  );
  for (const { id, eventMs, score, truth } of rows)
    insert.run(id, eventMs, eventMs, score, truth, truth === null ? null : eventMs);
  old.db.exec(OLD_COHORT);
  // What retention removed long ago is in the days alone.
  old.db.exec(`INSERT INTO cohort VALUES (1, ${NOW - 100 * DAY}, 'a', 1, 10, 10, 5, 0, 0, 5, 1.5)`);
  await old.close();

  const migrated = await openIn(folder);
  const world = await openWorld();
  try {
    const { db } = world.context;
    db.prepare('ATTACH ? AS old').run(join(folder, 'lathe.db'));
    for (const table of ['prediction', 'cohort', 'cohort_carry'])
      db.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM old.${table}`);
    const days = async () => (await world.monitoring.performance(ENDPOINT)).points;
    const before = await days();
    expect(before.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(510);
    expect(before[0]).toMatchObject({ accuracy: 1, labelled: 10, predictions: 10 });
    expect(before[0]?.logLoss).toBeCloseTo(0.15, 12);
    // New rows and labels come while it goes on.
    await world.monitoring.ingest([row('new', { eventMs: NOW - HOUR })]);
    await world.monitoring.label([
      { predictionId: 'r0', label: '1', labelledMs: NOW },
      { predictionId: 'r1', label: '0', labelledMs: NOW },
      { predictionId: 'new', label: '1', labelledMs: NOW },
    ]);
    await world.monitoring.carry();
    await world.monitoring.label([{ predictionId: 'r3', label: '1', labelledMs: NOW }]);

    const hours = db
      .prepare(
        'SELECT window_ms, predictions, labelled, tp, fp, fn, tn, judged, "right", scored, log_loss, brier FROM cohort WHERE slice = 0',
      )
      .all() as Record<string, number>[];
    const { ...found } = recount(world, 'binary-classification', () => []);
    for (const key of Object.keys(found)) if (key.endsWith('delays')) delete found[key];
    expect(hours).toHaveLength(Object.keys(found).length);
    for (const { window_ms: windowMs, log_loss: logLoss, brier, ...counts } of hours) {
      const by = found[`0 ${windowMs} a`] ?? {};
      for (const [name, n] of Object.entries(counts)) expect([name, n]).toEqual([name, by[name] ?? 0]);
      expect(logLoss).toBeCloseTo(by.logLoss ?? 0, 6);
      expect(brier).toBeCloseTo(by.brier ?? 0, 6);
    }
    // Only what has no rows stays by the day.
    expect(db.prepare('SELECT window_ms, predictions FROM cohort WHERE slice = -1').all()).toEqual([
      { window_ms: NOW - 100 * DAY, predictions: 10 },
    ]);
    expect((await days()).reduce((sum, { predictions }) => sum + predictions, 0)).toBe(511);
    await world.monitoring.carry();
    expect(db.prepare('SELECT count(*) FROM cohort WHERE slice = 0').pluck().get()).toBe(hours.length);
  } finally {
    await migrated.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/**
 * How fast logged predictions are taken in and drift is answered, and how long either holds the engine's thread.
 * Ingest is held against its floor in the same run: the same rows inserted into SQLite in one transaction, nothing
 * counted. Times are the thread's own, so that what else the machine does does not count.
 */

import { createMonitoringService } from '../src-main/engine/areas/monitoring/monitoring.service.ts';
import { sampleFacts, samplePredictions } from '../src-main/engine/areas/monitoring/sample-traffic.ts';
import { openTestContext } from '../src-main/engine/testing.ts';
import type { Prediction } from '../src-main/platform/link.ts';
import { cpuClock, holds } from './lib/holds.ts';
import { quantile, tell } from './lib/report.ts';

const ROWS = 20_000;
const TAP_ROWS = 500;
const DAY_MS = 86_400_000;

const context = await openTestContext();
const facts = sampleFacts();
const service = createMonitoringService(context, {
  endpoints: () => [
    {
      ...{ id: 1, name: 'flight-delay', model: 'flight-delay', salt: 's', logging: true, enabled: true },
      ...{ revision: 1, createdMs: 0, updatedMs: 0 },
      ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null, canary: null, former: null },
      arms: [
        { key: 'champion', version: '1', weight: 8000 },
        { key: 'challenger', version: '1', weight: 2000 },
      ],
    },
  ],
  version: () => facts,
  reference: () => (facts.reference === null ? null : JSON.stringify(facts.reference)),
  retentionDays: () => 30,
});

const rows = await samplePredictions(0, ROWS);
const floorMs = insertOnly(rows);
await service.ingest(rows.slice(0, 1_000));
const busy = cpuClock();
const ingestHolds = await holds(async () => {
  for (let from = 1_000; from < ROWS; from += TAP_ROWS) {
    await service.ingest(rows.slice(from, from + TAP_ROWS));
    // Taps come over a socket: each in a turn of its own.
    await new Promise((done) => setImmediate(done));
  }
});
const ingestMs = busy();

const year = (await samplePredictions(0, 30)).flatMap((row) =>
  Array.from({ length: 365 }, (_, day) => ({
    ...row,
    id: `${row.id}.${day}`,
    eventMs: row.eventMs + day * DAY_MS,
  })),
);
await service.ingest(year);
const driftHolds = await holds(() => service.drift('flight-delay'));
service.close();
await context.close();

const perSecond = (ROWS - 1_000) / (ingestMs / 1_000);
const floorPerSecond = ROWS / (floorMs / 1_000);
tell({
  name: 'monitoring',
  columns: ['what', 'rows/s', 'to the floor', 'longest hold ms', 'p95 hold ms'],
  rows: [
    ['SQLite insert alone (floor)', Math.round(floorPerSecond), '1.00', '', ''],
    [
      `ingest: insert, 13 drift panes, cohorts (taps of ${TAP_ROWS})`,
      Math.round(perSecond),
      (perSecond / floorPerSecond).toFixed(2),
      Math.max(...ingestHolds).toFixed(1),
      quantile(ingestHolds, 0.95).toFixed(1),
    ],
    [
      'drift of 13 features over 365 days, cold',
      '',
      '',
      Math.max(...driftHolds).toFixed(1),
      quantile(driftHolds, 0.95).toFixed(1),
    ],
  ],
  notes: ['a hold is the thread\u2019s own time between two turns of its event loop; the budget is 10 ms'],
  data: { perSecond, floorPerSecond, ingestHolds, driftHolds },
});

/** The rows as they are stored, without anything that monitoring does with them. Returns the thread's ms. */
function insertOnly(predictions: readonly Prediction[]): number {
  const { db } = context;
  db.exec('CREATE TEMP TABLE floor AS SELECT * FROM prediction LIMIT 0');
  const insert = db.prepare(
    'INSERT INTO floor(id, arm, version, event_ms, features, score) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const spent = cpuClock();
  db.transaction(() => {
    for (const row of predictions)
      insert.run(row.id, row.arm, row.version, row.eventMs, JSON.stringify(row.features), row.score);
  })();
  return spent();
}

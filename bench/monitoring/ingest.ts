/**
 * How fast the engine takes rows in and how long it holds its thread, held against the floor in the same run: the same
 * rows inserted into SQLite in one transaction, nothing counted. Times are the thread's own.
 */
import type { Chunk } from '../../src-main/engine/areas/monitoring/cutter.ts';
import { createMonitoringService } from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import { sampleFacts, samplePredictions } from '../../src-main/engine/areas/monitoring/sample-traffic.ts';
import { startCheckpointer } from '../../src-main/engine/data/checkpointer.ts';
import { databaseFile } from '../../src-main/engine/data/inspect.ts';
import { openTestContext, type TestContext } from '../../src-main/engine/testing.ts';
import type { Prediction } from '../../src-main/platform/link.ts';
import { blocksOfPredictions } from '../../src-main/platform/tap-block.ts';
import { cpuClock, holds } from '../lib/holds.ts';
import { quantile, tell } from '../lib/report.ts';
import { blockOf, depsOf, factsOf } from './world.ts';

const ROWS = 20_000;
const TAP_ROWS = 500;
/** Of live traffic: seconds, and chunks of each. */
const SECONDS = 8;
const CHUNKS = 10;
const LIVE = { rows: 25_000, logEvery: 5 } as const;
const LOGGED = { rows: 5_000, logEvery: 1 } as const;

export async function ingest(): Promise<void> {
  const context = await openEngine();
  const rows = await samplePredictions(0, ROWS);
  const floorMs = insertOnly(context, rows);
  const sample = createMonitoringService(context, depsOf(sampleFacts(), 'flight-delay'));
  const replayed = await taken(sample.ingestTap, chunksOf(rows));
  sample.close();
  await context.close();

  const counted = await live(LIVE);
  const logged = await live(LOGGED);

  const line = (what: string, n: number, { ms, longest, p95 }: Taken) => [
    what,
    Math.round(n / (ms / 1000)),
    ((1000 * ms) / n).toFixed(1),
    longest.toFixed(1),
    p95.toFixed(1),
  ];
  tell({
    name: 'monitoring-ingest',
    columns: ['what', 'rows/s', 'µs a row', 'longest hold ms', 'p95 hold ms'],
    rows: [
      [
        'SQLite insert alone (floor)',
        Math.round(ROWS / (floorMs / 1000)),
        ((1000 * floorMs) / ROWS).toFixed(1),
        '',
        '',
      ],
      line(`the sample's replay, all logged, 13 features, chunks of ${TAP_ROWS}`, ROWS, replayed),
      line('live, 30 features, every fifth logged', SECONDS * LIVE.rows, counted),
      line('live, 30 features, all logged', SECONDS * LOGGED.rows, logged),
    ],
    notes: [
      'with panes of minutes, hours and days, and cohorts',
      `live: ${((100 * counted.ms) / (SECONDS * 1000)).toFixed(0)} % of the engine's thread at 25,000 rows a second`,
      'a hold is the thread’s own time between two turns of its event loop; the budget is 10 ms',
    ],
    data: { floorMs, replayed, counted, logged },
  });
}

async function live(traffic: Traffic): Promise<Taken> {
  const context = await openEngine();
  const service = createMonitoringService(context, depsOf(factsOf(30)));
  const found = await taken(service.ingestTap, liveChunks(traffic));
  service.close();
  await context.close();
  return found;
}

/** The WAL is written back by another thread, as in the engine. */
async function openEngine(): Promise<TestContext> {
  const context = await openTestContext();
  const { db, log, paths } = context;
  const checkpointer = startCheckpointer(db, { file: databaseFile(paths.root), bundles: paths.bundles, log });
  return {
    ...context,
    async close() {
      await checkpointer.close();
      await context.close();
    },
  };
}

type Taken = { ms: number; longest: number; p95: number };

async function taken(take: (chunks: readonly Chunk[]) => Promise<unknown>, chunks: Chunk[]): Promise<Taken> {
  const first = chunks.shift();
  if (first) await take([first]);
  const busy = cpuClock();
  const found = await holds(async () => {
    for (const chunk of chunks) {
      await take([chunk]);
      // Taps come over a socket: each in a turn of its own.
      await new Promise((done) => setImmediate(done));
    }
  });
  return { ms: busy(), longest: Math.max(...found), p95: quantile(found, 0.95) };
}

function chunksOf(rows: readonly Prediction[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < rows.length; from += TAP_ROWS) {
    const cursor = { instance: 'bench', seq: chunks.length + 1 };
    const blocks = blocksOfPredictions(rows.slice(from, from + TAP_ROWS));
    chunks.push({ blocks, cursor, dropped: 0, sampledOut: 0 });
  }
  return chunks;
}

type Traffic = { rows: number; logEvery: number };

function liveChunks({ rows: perSecond, logEvery }: Traffic): Chunk[] {
  return Array.from({ length: SECONDS * CHUNKS }, (_, at) => {
    const rows = perSecond / CHUNKS;
    const block = blockOf(rows, 30, 1_700_000_000_000 + at * (1000 / CHUNKS), at + 1);
    for (let row = 0; row < rows; row += logEvery) {
      block.logged.at.push(row);
      block.logged.id.push(`${at}.${row}`);
      block.logged.unit.push(null);
      block.logged.inputUnit.push(null);
      block.logged.latencyUs.push(900);
      block.logged.apart.push(false);
      block.logged.label.push('1');
    }
    const cursor = { instance: 'bench', seq: at + 1 };
    return { blocks: [block], cursor, dropped: 0, sampledOut: 0 };
  });
}

/** The rows as they are stored, without anything that monitoring does with them. Returns the thread's ms. */
function insertOnly({ db }: TestContext, predictions: readonly Prediction[]): number {
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

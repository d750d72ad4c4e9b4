import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import type { Chunk } from './cutter.ts';
import { ingestChunks } from './ingest.ts';
import { createLossesStore } from './losses.store.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { createPace } from './pace.ts';
import { createPanesStore } from './panes.store.ts';
import { layoutsOf, planOf } from './plans.ts';
import { rollSlice } from './roller.ts';
import { sampleFacts, sampleTap } from './sample-traffic.ts';

const child = fileURLToPath(new URL('./ingest-crash-child.ts', import.meta.url));
const plan = planOf(sampleFacts());

/** Returns the rows of the log that were tried although they were there. */
async function ingestInto({ db }: TestContext, chunks: readonly Chunk[]): Promise<number> {
  const resolve = () => ({ endpointId: 1, plan });
  const panes = createPanesStore(db);
  let repeated = 0;
  await ingestChunks(
    {
      ...{ db, store: createMonitoringStore(db), panes, resolve, now: () => 1, pace: createPace() },
      lost: createLossesStore(db).add,
    },
    chunks,
    (result) => {
      repeated += result.repeated;
    },
    async () => {},
  );
  while (rollSlice(db, panes, () => layoutsOf(plan), 1 / 4));
  return repeated;
}
const all = ({ db }: TestContext, sql: string) => db.prepare(sql).all();
const stored = (context: TestContext) => ({
  predictions: all(context, 'SELECT id FROM prediction ORDER BY id'),
  counts: all(context, 'SELECT level, arm, window_ms, feature, counts FROM window_pane'),
  bins: all(context, 'SELECT level, arm, chunk_ms, bins FROM bin_chunk'),
  rows: all(context, 'SELECT * FROM window_rows'),
  minutes: all(context, 'SELECT part, window_ms, arm, length(panes) FROM minute_pane'),
  cohorts: all(context, 'SELECT * FROM cohort'),
  details: all(context, 'SELECT * FROM cohort_detail ORDER BY size_ms, window_ms, arm'),
  cursor: all(context, 'SELECT * FROM tap_cursor'),
  pending: all(context, 'SELECT * FROM pane_pending'),
});

it.each([
  ['ingest', 1],
  ['ingest', 60],
  ['roll-up', 1],
  ['roll-up', 7],
] as const)(
  'killed in the %s after %i writes, before the commit: the tap sent again counts once',
  async (where, dieAfter) => {
    // Chunks of 100 rows, of which every other is counted only.
    // Each tells of losses too.
    const chunks = (await sampleTap(0, 500)).map((chunk) => ({ ...chunk, dropped: 3, sampledOut: 2 }));
    const clean = await openTestContext();
    const crashed = await openTestContext();
    try {
      expect(await ingestInto(clean, chunks)).toBe(0);
      const dying = fork(child, [crashed.paths.root, where, String(dieAfter)], { stdio: 'ignore' });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      // Of the transaction under way there is nothing, and what is before it stays.
      const logged = stored(crashed).predictions.length;
      if (where === 'ingest') expect(logged).toBeLessThan(250);
      else expect(logged).toBe(250);
      // None is tried twice: the cursor knows how far it was.
      expect(await ingestInto(crashed, chunks)).toBe(0);
      expect(stored(crashed)).toEqual(stored(clean));
      expect(createLossesStore(crashed.db).all()).toEqual({
        dropped: 15,
        sampledOut: 10,
        reused: 0,
        labels: 0,
      });
      const days = (stored(crashed).rows as { level: number; rows: number; unlogged: number }[]).filter(
        ({ level }) => level === 2,
      );
      expect(days.reduce((sum, each) => sum + each.rows, 0)).toBe(500);
      expect(days.reduce((sum, each) => sum + each.unlogged, 0)).toBe(250);
    } finally {
      await clean.close();
      await crashed.close();
    }
  },
);

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { type Chunk, ingestChunks } from './ingest.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { createPanesStore } from './panes.store.ts';
import { planOf } from './plans.ts';
import { sampleFacts, sampleTap } from './sample-traffic.ts';

const child = fileURLToPath(new URL('./ingest-crash-child.ts', import.meta.url));
const plan = planOf(sampleFacts());

async function ingestInto({ db }: TestContext, chunks: readonly Chunk[]): Promise<number> {
  const resolve = () => ({ endpointId: 1, plan });
  const stores = { store: createMonitoringStore(db), panes: createPanesStore(db) };
  let repeated = 0;
  await ingestChunks(
    { db, ...stores, resolve, now: () => 1 },
    chunks,
    (result) => {
      repeated += result.repeated;
    },
    async () => {},
  );
  return repeated;
}
const stored = ({ db }: TestContext) => ({
  predictions: db.prepare('SELECT id FROM prediction ORDER BY id').all(),
  counts: db.prepare('SELECT level, arm, window_ms, feature, counts FROM window_pane').all(),
  rows: db.prepare('SELECT * FROM window_rows').all(),
  minutes: db.prepare('SELECT window_ms, arm, rows, unlogged, length(panes) FROM minute_pane').all(),
  cohorts: db.prepare('SELECT * FROM cohort').all(),
  cursor: db.prepare('SELECT * FROM tap_cursor').all(),
});

it.each([1, 3, 10])(
  'killed after adding to %i windows, before the commit: the tap sent again counts once',
  async (dieAfter) => {
    // Chunks of 100 rows, of which every other is counted only.
    const chunks = await sampleTap(0, 500);
    const clean = await openTestContext();
    const crashed = await openTestContext();
    try {
      await ingestInto(clean, chunks);
      const dying = fork(child, [crashed.paths.root, '2', String(dieAfter)], { stdio: 'ignore' });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      // The first two chunks were committed, and maybe slices after them; of the slice under way nothing is there.
      expect(stored(crashed).predictions.length).toBeGreaterThanOrEqual(100);
      expect(stored(crashed).predictions.length).toBeLessThan(250);
      // None is tried twice: the cursor knows how far it was.
      expect(await ingestInto(crashed, chunks)).toBe(0);
      expect(stored(crashed)).toEqual(stored(clean));
      const rows = stored(crashed).rows as { level: number; rows: number; unlogged: number }[];
      const days = rows.filter(({ level }) => level === 2);
      expect(days.reduce((sum, each) => sum + each.rows, 0)).toBe(500);
      expect(days.reduce((sum, each) => sum + each.unlogged, 0)).toBe(250);
    } finally {
      await clean.close();
      await crashed.close();
    }
  },
);

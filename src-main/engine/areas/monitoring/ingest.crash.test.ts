import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { ingestSlice } from './ingest.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { planOf } from './plans.ts';
import { sampleFacts, samplePredictions } from './sample-traffic.ts';

const child = fileURLToPath(new URL('./ingest-crash-child.ts', import.meta.url));
const plan = planOf(sampleFacts());

const ingestInto = (context: TestContext, rows: Awaited<ReturnType<typeof samplePredictions>>) =>
  ingestSlice(context.db, createMonitoringStore(context.db), () => ({ endpointId: 1, plan }), rows);
const stored = ({ db }: TestContext) => ({
  predictions: db.prepare('SELECT id FROM prediction ORDER BY id').all(),
  counts: db.prepare('SELECT arm, window_ms, feature, n, missing, counts FROM pane').all(),
  cohorts: db.prepare('SELECT * FROM cohort').all(),
  details: db.prepare('SELECT * FROM cohort_detail ORDER BY size_ms, window_ms, arm').all(),
});

it.each([1, 20, 26])(
  'killed after %i panes, before the commit: the message sent again counts once',
  async (dieAfter) => {
    const rows = await samplePredictions(0, 500);
    const clean = await openTestContext();
    const crashed = await openTestContext();
    try {
      ingestInto(clean, rows);
      const dying = fork(child, [crashed.paths.root, '200', String(dieAfter)], { stdio: 'ignore' });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      // The first 200 were committed; of the message under way nothing is there.
      expect(stored(crashed).predictions).toHaveLength(200);
      expect(ingestInto(crashed, rows)).toMatchObject({ inserted: 300, repeated: 200 });
      expect(stored(crashed)).toEqual(stored(clean));
    } finally {
      await clean.close();
      await crashed.close();
    }
  },
);

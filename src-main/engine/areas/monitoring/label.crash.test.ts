import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';

const child = fileURLToPath(new URL('./label-crash-child.ts', import.meta.url));
const COUNT = 40;

const stored = ({ context: { db } }: World) => ({
  truths: db.prepare('SELECT id, truth, truth_ms FROM prediction ORDER BY id').all(),
  cohorts: db.prepare('SELECT * FROM cohort').all(),
  details: db.prepare('SELECT * FROM cohort_detail ORDER BY size_ms, window_ms, arm').all(),
});
/** Rows of four hours, so that the labels touch four windows. */
const rows = Array.from({ length: COUNT }, (_, at) =>
  row(`r${at}`, { eventMs: NOW - (1 + (at % 4)) * HOUR }),
);
const labels = rows.map(({ id }, at) => ({ predictionId: id, label: String(at % 2) }));

it.each([1, 3])(
  'killed after %i sums, between labels and commit: nothing is there, and said again it counts once',
  async (dieAfter) => {
    const [clean, crashed] = [await openWorld(), await openWorld()];
    try {
      for (const world of [clean, crashed]) await world.monitoring.ingest(rows);
      const before = stored(crashed);
      await clean.monitoring.label(labels);
      const dying = fork(child, [crashed.context.paths.root, String(COUNT), String(dieAfter)], {
        stdio: 'ignore',
      });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      expect(stored(crashed)).toEqual(before);
      expect(await crashed.monitoring.label(labels)).toMatchObject({ joined: COUNT });
      expect(await crashed.monitoring.label(labels)).toMatchObject({ joined: 0, unchanged: COUNT });
      expect(stored(crashed)).toEqual(stored(clean));
    } finally {
      await clean.close();
      await crashed.close();
    }
  },
);

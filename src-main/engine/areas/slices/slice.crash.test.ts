import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { SliceCondition } from '../../../contract/slices.ts';
import { areasOn, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';
import { createSliceStore } from './slices.store.ts';

const child = fileURLToPath(new URL('./slice-crash-child.ts', import.meta.url));
const OLD: SliceCondition = { feature: 'age', op: 'range', from: 50, to: null };
/** Rows of three hours; two of three are in the slice, and half of those have labels. */
const rows = Array.from({ length: 900 }, (_, at) =>
  row(`r${at}`, {
    eventMs: NOW - (1 + (at % 3)) * HOUR,
    features: { age: at % 3 === 0 ? 20 : 60, plan: 'basic' },
  }),
);
const labels = rows.filter((_, at) => at % 2 === 0).map(({ id }) => ({ predictionId: id, label: '1' }));

/** A slice that is to be filled; nobody has begun. */
async function withSlice(): Promise<World & { number: number }> {
  const world = await openWorld();
  await world.monitoring.ingest(rows);
  await world.labels.push(labels);
  const number = createSliceStore(world.context.db).insert({
    ...{ id: 'old', endpointId: 1, bit: 0, name: 'old', conditions: [OLD], createdMs: NOW },
  });
  return { ...world, number };
}
async function filled({ context }: World): Promise<void> {
  const { slices, close } = areasOn(context);
  slices.start();
  await slices.settled();
  await close();
}
const stored = ({ context: { db } }: World) => ({
  marks: db.prepare('SELECT id FROM prediction WHERE slices = 1 ORDER BY id').pluck().all(),
  cohorts: db.prepare('SELECT * FROM cohort').all(),
  details: db.prepare('SELECT * FROM cohort_detail ORDER BY slice, size_ms, window_ms').all(),
  slices: db.prepare('SELECT state, next_seq, end_seq FROM slice').all(),
});
const counted = ({ context: { db } }: World) =>
  db.prepare('SELECT coalesce(sum(predictions), 0) FROM cohort WHERE slice > 0').pluck().get();

it.each([
  ['the first part', 20, 0],
  ['a later part', 300, 200],
] as const)(
  'killed in the midst of %s, after %i rows: what is sorted in is counted, and the next engine goes on',
  async (_where, dieAfter, least) => {
    const [clean, crashed] = [await withSlice(), await withSlice()];
    try {
      await filled(clean);
      const dying = fork(child, [crashed.context.paths.root, String(crashed.number), String(dieAfter)], {
        stdio: 'ignore',
      });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      const { marks, slices } = stored(crashed);
      expect(slices).toMatchObject([{ state: 'filling' }]);
      // Whole parts and nothing of the one that was cut off.
      expect(marks.length).toBeLessThan(dieAfter);
      expect(marks.length).toBeGreaterThanOrEqual(least);
      expect(counted(crashed)).toBe(marks.length);
      await filled(crashed);
      expect(stored(crashed)).toEqual(stored(clean));
      expect(counted(crashed)).toBe(600);
    } finally {
      await clean.close();
      await crashed.close();
    }
  },
);

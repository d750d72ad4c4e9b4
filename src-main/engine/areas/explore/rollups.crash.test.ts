import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { lineAsRead, packAll, rightLines } from './testing-lines.ts';

const child = fileURLToPath(new URL('./rollup-crash-child.ts', import.meta.url));
let context: TestContext;
let area: ReturnType<typeof createExperimentsArea>;
beforeEach(async () => {
  context = await openTestContext();
  area = createExperimentsArea(context);
});
afterEach(() => context.close());

function log(run: string, from: number, count: number, timestampMs: number): void {
  for (let at = from; at < from + count; at += 1000) {
    const steps = Array.from({ length: Math.min(1000, from + count - at) }, (_, step) => at + step);
    const metrics = steps.map((step) => ({ key: 'm', step, timestampMs, value: (step * 7919) % 1000 }));
    area.experiments.log(run, { metrics });
  }
}

/** What is read is right whatever of the packing was done: before the kill, after it, and once it was done again. */
function expectRight(run: string): void {
  for (const look of [
    { from: null, to: null, buckets: 300 },
    { from: 2_000, to: 35_000, buckets: 100 },
  ])
    expect(rightLines(context.db, run, 'step', look)).toContainEqual(
      lineAsRead(context.db, run, { kind: 'step' }, look),
    );
}

test.each([1, 20, 40])(
  'killed after %i chunks: no line is read from what was half written',
  async (dieAfter) => {
    const run = area.experiments.createRun({
      experimentId: area.experiments.ensureExperiment('e'),
      name: 'r',
      startedMs: 0,
    });
    log(run, 0, 36_000, 1);
    // Once from nothing, and once over chunks that no longer hold because points came in between.
    for (const round of ['first', 'again']) {
      if (round === 'again') {
        packAll(context.db);
        log(run, 1_500, 3, 2);
        log(run, 36_000, 4_000, 2);
      }
      const dying = fork(child, [context.paths.root, String(dieAfter)], { stdio: 'inherit' });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      expectRight(run);
    }
    packAll(context.db);
    expect(context.db.prepare('SELECT n FROM rollup_head').pluck().get()).toBe(40_003);
    expectRight(run);
  },
);

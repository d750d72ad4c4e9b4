/** The intake alone: what is asked of it while rows come. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { NO_SLICES } from './cohort-turn.ts';
import { createIntake } from './intake.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { createPanesStore } from './panes.store.ts';
import { layoutsOf, planOf } from './plans.ts';
import { ROLL } from './roller.ts';
import { blockOf, chunkOf, FACTS, record } from './testing-watch.ts';

const MINUTE = 60_000;
const T = 20_000 * 86_400_000;
const plan = planOf(FACTS);

let context: TestContext;
let intake: ReturnType<typeof createIntake>;
beforeEach(async () => {
  context = await openTestContext();
  intake = createIntake(context, {
    ...{ store: createMonitoringStore(context.db), panes: createPanesStore(context.db), slicer: NO_SLICES },
    endpoints: () => [record],
    plan: () => plan,
    decide: () => plan.decision,
    layouts: () => layoutsOf(plan),
    touched: () => {},
  });
});
afterEach(async () => {
  intake.close();
  await context.close();
});

it('has an end for two that ask at once, however fast rows come', async () => {
  // Two transactions' worth. What is pending has numbers of its own, which begin again once all of it is rolled up.
  const rows = Array.from({ length: ROLL.pending + 50 }, (_, at) => ({ atMs: T + at * MINUTE }));
  await intake.ingestTap([chunkOf(1, blockOf(rows))]);
  let rolled = 0;
  for (let asked = 0; asked < 2; asked++) void intake.rollUp().then(() => rolled++);
  let seq = 1;
  while (rolled < 2 && seq < 30) await intake.ingestTap([chunkOf(++seq, blockOf([{ atMs: T }]))]);
  expect(rolled).toBe(2);
});

it('rolls up what came while another was at it', async () => {
  await intake.ingestTap([chunkOf(1, blockOf([{ atMs: T }]))]);
  const first = intake.rollUp();
  await new Promise(setImmediate);
  await intake.ingestTap([chunkOf(2, blockOf([{ atMs: T }, { atMs: T }]))]);
  await Promise.all([first, intake.rollUp()]);
  expect(context.db.prepare('SELECT rows FROM minute_pane').pluck().all()).toEqual([3]);
});

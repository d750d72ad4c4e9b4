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
const open = () =>
  createIntake(context, {
    ...{ store: createMonitoringStore(context.db), panes: createPanesStore(context.db), slicer: NO_SLICES },
    endpoints: () => [record],
    plan: () => plan,
    decide: () => plan.decision,
    layouts: () => layoutsOf(plan),
    touched: () => {},
  });
beforeEach(async () => {
  context = await openTestContext();
  intake = open();
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
  expect(context.db.prepare('SELECT rows FROM window_rows WHERE level = 0').pluck().all()).toEqual([3]);
});

it('does not wait for ever behind rows that no try can commit: they are lost, and those around them are not', async () => {
  const { db } = context;
  // Only the second chunk meets it.
  db.exec(
    "CREATE TRIGGER no BEFORE INSERT ON prediction WHEN new.id LIKE 'bad%' BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const chunks = [
    chunkOf(1, blockOf([{ atMs: T }], [0], 'a')),
    { ...chunkOf(2, blockOf([{ atMs: T }, { atMs: T }], [0], 'bad')), dropped: 5 },
    chunkOf(3, blockOf([{ atMs: T }], [0], 'c')),
  ];
  await intake.ingestTap(chunks.slice(0, 1));
  for (let tried = 1; tried < 5; tried++)
    await expect(intake.ingestTap(chunks.slice(1, 2))).rejects.toThrow('no');
  await intake.ingestTap(chunks.slice(1));
  expect(db.prepare('SELECT id FROM prediction ORDER BY id').pluck().all()).toEqual(['a0', 'c0']);
  expect(intake.losses()).toMatchObject({ dropped: 7 });
  await intake.rollUp();
  expect(db.prepare('SELECT rows FROM window_rows WHERE level = 0').pluck().all()).toEqual([2]);
  // Sent again, none of them is new, and nothing is lost twice.
  await intake.ingestTap(chunks);
  expect(intake.losses()).toMatchObject({ dropped: 7 });
  // The next engine knows of it, and has lost nothing itself.
  intake.close();
  intake = open();
  expect(intake.allLosses()).toEqual({ dropped: 7, sampledOut: 0, reused: 0, labels: 0 });
  expect(intake.losses()).toMatchObject({ dropped: 0 });
  await intake.ingestTap([{ ...chunkOf(4, blockOf([{ atMs: T }])), sampledOut: 2 }]);
  expect(intake.allLosses()).toMatchObject({ dropped: 7, sampledOut: 2 });
  expect(intake.losses()).toMatchObject({ dropped: 0, sampledOut: 2 });
});

it('tries for as long as it takes while the disk is full', async () => {
  const { db } = context;
  const chunk = chunkOf(1, blockOf([{ atMs: T }], [0], 'a'));
  const pages = db.pragma('page_count', { simple: true });
  db.pragma(`max_page_count = ${pages}`);
  const wide = chunkOf(
    1,
    blockOf(
      Array.from({ length: 800 }, () => ({ atMs: T })),
      Array.from({ length: 800 }, (_, at) => at),
    ),
  );
  for (let tried = 0; tried < 8; tried++)
    await expect(intake.ingestTap([wide])).rejects.toMatchObject({ code: 'SQLITE_FULL' });
  db.pragma('max_page_count = 1000000');
  await intake.ingestTap([wide, { ...chunk, cursor: { instance: 'g', seq: 2 } }]);
  expect(db.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(801);
  expect(intake.losses()).toMatchObject({ dropped: 0 });
});

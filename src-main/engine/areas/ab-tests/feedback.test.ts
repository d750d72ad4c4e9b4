/** Feedback on a real workspace: what it joins, when, and how often. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Feedback } from '../../../contract/ab-tests.ts';
import { predictionId, requestKey } from '../../../platform/prediction-id.ts';
import { createAbTestsStore } from './ab-tests.store.ts';
import { createFeedbackDesk } from './feedback.ts';
import { type AbWorld, armOf, ENDPOINT, openAbWorld, row, sumsIn, tell } from './testing-ab-tests.ts';

let world: AbWorld;
beforeEach(async () => {
  world = await openAbWorld();
});
afterEach(() => world.close());

describe('feedback', () => {
  it('joins by request id, counts once, and says so', async () => {
    await world.monitoring.ingest([row(world, 'one'), row(world, 'two', { arm: 'b' })]);
    expect(await tell(world, { requestId: 'one', reward: 1 }, { requestId: 'two', reward: 3 })).toEqual([
      'joined',
      'joined',
    ]);
    expect(armOf(world, 'b', 'reward-mean')).toMatchObject({ n: 1, mean: 3, rows: 1, coverage: 1 });
    const before = sumsIn(world);
    expect(await tell(world, { requestId: 'one', reward: 1 }, { predictionId: 'two', reward: 3 })).toEqual([
      'duplicate',
      'duplicate',
    ]);
    expect(sumsIn(world)).toEqual(before);
    expect(world.abTests.rewards(ENDPOINT, 10)).toMatchObject([
      { predictionId: 'two', reward: 3, correction: false },
      { predictionId: 'one', reward: 1 },
    ]);
  });

  it('that contradicts takes the place of the former only with a later time', async () => {
    await world.monitoring.ingest([row(world, 'one')]);
    const nowMs = world.context.clock.now();
    expect(await tell(world, { requestId: 'one', reward: 1 })).toEqual(['joined']);
    expect(await tell(world, { requestId: 'one', reward: 2 })).toEqual(['conflict']);
    expect(await tell(world, { requestId: 'one', reward: 2, atMs: nowMs - 1 })).toEqual(['conflict']);
    expect(await tell(world, { requestId: 'one', reward: 5, atMs: nowMs + 1 })).toEqual(['joined']);
    // The first message again: it is older, and stays without effect.
    expect(await tell(world, { requestId: 'one', reward: 1, atMs: nowMs })).toEqual(['conflict']);
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ n: 1, mean: 5 });
    expect(world.abTests.rewards(ENDPOINT, 10)).toMatchObject([
      { reward: 5, correction: true },
      { reward: 1 },
    ]);
  });

  it.each([true, false])(
    'ends the same in whatever order it comes; before its prediction: %s',
    async (before) => {
      const nowMs = world.context.clock.now();
      const said = [1, 1, 0].map((value, at) => ({ value, atMs: nowMs - [9, 3, 6][at]! }));
      const orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
      ];
      for (const [at, order] of orders.entries()) {
        const id = `r${at}`;
        if (!before) await world.monitoring.ingest([row(world, id)]);
        for (const place of order) {
          const { value, atMs } = said[place] as (typeof said)[number];
          await tell(world, { requestId: id, reward: value, atMs });
          await tell(world, { requestId: id, label: value === 1 ? 'yes' : 'no', atMs });
        }
        if (before) await world.monitoring.ingest([row(world, id)]);
        expect(world.monitoring.find(id)).toMatchObject({ truth: 'yes', truthMs: nowMs - 3 });
        expect(await tell(world, { requestId: id, reward: 0, atMs: nowMs - 6 })).toEqual(['conflict']);
      }
      expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ n: 6, mean: 1 });
      expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 6, mean: 1 });
    },
  );

  it('holds together: a label that contradicts keeps the reward out as well', async () => {
    await world.monitoring.ingest([row(world, 'one')]);
    await tell(world, { requestId: 'one', label: 'yes' });
    expect(await tell(world, { requestId: 'one', label: 'no', reward: 1 })).toEqual(['conflict']);
    expect(armOf(world, 'a', 'reward-mean').n).toBe(0);
    expect(await tell(world, { requestId: 'one', label: 'yes', reward: 1 })).toEqual(['joined']);
  });

  it('with a label goes through monitoring, and counts there as well, once', async () => {
    await world.monitoring.ingest([row(world, 'one'), row(world, 'two')]);
    expect(await tell(world, { requestId: 'one', label: 'yes' }, { requestId: 'two', label: 'no' })).toEqual([
      'joined',
      'joined',
    ]);
    expect(world.monitoring.totals()).toEqual({ predictions: 2, labelled: 2 });
    expect(await world.monitoring.label([{ predictionId: 'one', label: 'yes' }])).toMatchObject({
      unchanged: 1,
    });
    expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 2, mean: 0.5 });
    // What labels elsewhere change counts here.
    await world.monitoring.label([{ predictionId: 'two', label: 'yes' }]);
    expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 2, mean: 1 });
    expect(world.monitoring.totals()).toEqual({ predictions: 2, labelled: 2 });
  });

  it('by entity and time joins the newest prediction of the entity, and none twice', async () => {
    const nowMs = world.context.clock.now();
    await world.monitoring.ingest([row(world, 'one', { unit: 'u', eventMs: nowMs - 1_000 })]);
    const item = { entity: 'u', endpoint: ENDPOINT, atMs: nowMs, withinMs: 60_000, label: 'yes' };
    expect(await tell(world, item, item)).toEqual(['joined', 'duplicate']);
    expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 1, mean: 1 });
    expect(await tell(world, { ...item, label: 'no' })).toEqual(['joined']);
    expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 1, mean: 0 });
    const refused = await world.abTests.feedback([
      { ...item, entity: 'nobody' },
      { ...item, endpoint: 'nowhere' },
      { ...item, atMs: nowMs + 1 },
    ]);
    expect(refused.map(({ error }) => error?.code)).toEqual([
      'LATHE_LABELS_NO_PREDICTION',
      'LATHE_NOT_FOUND',
      'LATHE_LABELS_NO_PREDICTION',
    ]);
    expect(Feedback.safeParse({ ...item, withinMs: undefined }).success).toBe(false);
    expect(Feedback.safeParse({ ...item, reward: 1 }).success).toBe(false);
    expect(Feedback.safeParse({ ...item, requestId: 'one' }).success).toBe(false);
    expect(Feedback.safeParse({ requestId: 'one', endpoint: ENDPOINT, label: 'yes' }).success).toBe(false);
  });

  it('that comes before its prediction waits for it', async () => {
    expect(await tell(world, { requestId: 'late', reward: 2 })).toEqual(['pending']);
    expect(await tell(world, { requestId: 'late', reward: 2 })).toEqual(['duplicate']);
    expect(await tell(world, { requestId: 'late', reward: 3 })).toEqual(['conflict']);
    expect(await tell(world, { requestId: 'late', label: 'no' })).toEqual(['pending']);
    expect(world.abTests.pending()).toMatchObject({ items: 1, expired: 0 });
    await world.monitoring.ingest([row(world, 'late')]);
    expect(world.abTests.pending()).toMatchObject({ items: 0, oldestMs: null });
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ n: 1, mean: 2 });
    expect(armOf(world, 'a', 'accuracy')).toMatchObject({ n: 1, mean: 0 });
    expect(world.monitoring.totals().labelled).toBe(1);
    expect(await tell(world, { requestId: 'late', reward: 2, label: 'no' })).toEqual(['duplicate']);
  });

  it('that waited and then cannot be a label of its prediction is counted as lost, and its reward is not', async () => {
    await world.close();
    world = await openAbWorld([5_000, 5_000], 'binary-classification');
    expect(await tell(world, { requestId: 'late', label: 'purple', reward: 2 })).toEqual(['pending']);
    await world.monitoring.ingest([row(world, 'late', { label: '1' })]);
    expect(world.monitoring.find('late')).toMatchObject({ truth: null });
    expect(world.monitoring.losses()).toMatchObject({ labels: 1, dropped: 0 });
    expect((await world.monitoring.quality({ endpoint: ENDPOINT })).losses).toMatchObject({ labels: 1 });
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ n: 1, mean: 2 });
    // One that fits is lost by nobody.
    await tell(world, { requestId: 'fits', label: '0' });
    await world.monitoring.ingest([row(world, 'fits', { label: '1' })]);
    expect(world.monitoring.find('fits')).toMatchObject({ truth: '0' });
    expect(world.monitoring.losses()).toMatchObject({ labels: 1 });
  });

  it('waits for a day, and so many at most', async () => {
    await tell(world, { requestId: 'never', reward: 1 });
    world.context.clock.advance(86_400_000 + 1);
    await tell(world, { requestId: 'soon', reward: 1 });
    await world.abTests.clean();
    expect(world.abTests.pending()).toMatchObject({ items: 1, expired: 1 });

    const store = createAbTestsStore(world.context.db);
    const desk = createFeedbackDesk({
      store,
      monitoring: world.monitoring,
      counting: { rewarded: () => {} },
      mostPending: 2,
    });
    const take = (requestId: string) => desk.take([{ requestId, reward: 1 }], 1)[0];
    expect(take('second')?.state).toBe('pending');
    expect(take('third')).toMatchObject({ state: 'refused', error: { code: 'LATHE_AB_TESTS_PENDING_FULL' } });
    // What waits already may still be told more of.
    expect(take('second')?.state).toBe('duplicate');
  });

  it('is forgotten after its prediction and not before, or it would count twice', async () => {
    await world.monitoring.ingest([row(world, 'one')]);
    await tell(world, { requestId: 'one', reward: 1 });
    world.context.clock.advance(31 * 86_400_000);
    await world.abTests.clean();
    expect(await tell(world, { requestId: 'one', reward: 1 })).toEqual(['duplicate']);
    await world.monitoring.prune();
    await world.abTests.clean();
    expect(world.context.db.prepare('SELECT count(*) FROM reward').pluck().get()).toBe(0);
    // What it added to its test stays.
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ n: 1, mean: 1 });
    expect(await tell(world, { requestId: 'one', reward: 1 })).toEqual(['pending']);
  });

  it('on a request with several rows says which', async () => {
    await world.monitoring.ingest([row(world, 'many#0'), row(world, 'many#1')]);
    expect(await world.abTests.feedback([{ requestId: 'many', reward: 1 }])).toMatchObject([
      { state: 'refused', error: { code: 'LATHE_AB_TESTS_ROW' } },
    ]);
    expect(await tell(world, { requestId: 'many', row: 1, reward: 1 })).toEqual(['joined']);
    expect(await tell(world, { predictionId: 'many#0', reward: 0 })).toEqual(['joined']);
    // One request is one unit, however many rows it has.
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ units: 1, rows: 2, n: 2, mean: 0.5 });
  });

  it('finds a request by an id that is too long to be kept', async () => {
    const long = 'x'.repeat(300);
    await world.monitoring.ingest([row(world, predictionId(requestKey(long), null))]);
    expect(await tell(world, { requestId: long, reward: 1 })).toEqual(['joined']);
  });
});

/** Results and the bandit, on a real workspace. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Feedback } from '../../../contract/ab-tests.ts';
import type { Prediction } from '../../../platform/link.ts';
import { createAbTestsStore } from './ab-tests.store.ts';
import { createCounting } from './counting.ts';
import { type AbWorld, armOf, ENDPOINT, openAbWorld, reroute, row, tell } from './testing-ab-tests.ts';

let world: AbWorld;
beforeEach(async () => {
  world = await openAbWorld();
});
afterEach(() => world.close());

describe('a result', () => {
  /** So many rows in each arm, with rewards of 1 in every `every`th. */
  async function fill(sizes: { arm: string; n: number; every: number }[], part: Partial<Prediction> = {}) {
    for (const { arm, n, every } of sizes) {
      const rows = Array.from({ length: n }, (_, at) => row(world, `${arm}${at}`, { arm, ...part }));
      await world.monitoring.ingest(rows);
      const items = rows.map(
        ({ id }, at): Feedback => ({ predictionId: id, reward: Number(at % every === 0) }),
      );
      for (let from = 0; from < n; from += 500) await world.abTests.feedback(items.slice(from, from + 500));
    }
  }

  it('has nothing to say of nothing', () => {
    const empty = world.abTests.result({ endpoint: ENDPOINT });
    expect(empty).toMatchObject({
      metric: 'accuracy',
      baseline: 'a',
      verdict: { kind: 'empty' },
      need: null,
    });
    expect(empty.ratio).toMatchObject({ enough: false, alarm: false });
    expect(empty.arms.map(({ mean, latency }) => [mean, latency])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(world.abTests.series({ endpoint: ENDPOINT })).toEqual([{ arm: 'b', points: [] }]);
  });

  it('finds the better arm, says by how much, and shows how it came to it', async () => {
    await fill([
      { arm: 'a', n: 1_200, every: 5 },
      { arm: 'b', n: 1_200, every: 3 },
    ]);
    const found = world.abTests.result({ endpoint: ENDPOINT, metric: 'reward-rate' });
    expect(found.ratio).toMatchObject({
      alarm: false,
      p: 1,
      arms: [{ observed: 1_200 }, { observed: 1_200 }],
    });
    expect(found.verdict).toMatchObject({ kind: 'better', arm: 'b' });
    expect(found.verdict.title).toBe('b is better than a in reward rate.');
    const [effect] = found.effects;
    expect(effect?.effect).toBeCloseTo(1 / 3 - 1 / 5, 6);
    expect(effect?.low).toBeGreaterThan(0);
    expect(effect?.relative).toBeCloseTo(2 / 3, 2);
    expect(found.arms[0]?.latency).toMatchObject({ rows: 1_200 });
    expect(found.arms[0]?.latency?.p95Ms).toBeCloseTo(0.9, 1);
    const series = world.abTests.series({ endpoint: ENDPOINT, metric: 'reward-rate' });
    expect(series[0]?.points.at(-1)).toMatchObject({
      effect: effect?.effect,
      low: effect?.low,
      units: 2_400,
    });
    // Asked the other way round it is the mirror.
    const back = world.abTests.result({ endpoint: ENDPOINT, metric: 'reward-rate', baseline: 'b' });
    expect(back.verdict).toMatchObject({ kind: 'worse', arm: 'a' });
    expect(back.effects[0]?.low).toBeCloseTo(-(effect?.high ?? 0), 10);
  });

  it('does not take the silence before the first reward for two equal rates', async () => {
    await world.monitoring.ingest(
      ['a', 'b'].flatMap((arm) => Array.from({ length: 900 }, (_, at) => row(world, `${arm}${at}`, { arm }))),
    );
    const asked = { endpoint: ENDPOINT, metric: 'reward-rate' as const };
    expect(world.abTests.result({ ...asked, minEffect: 0.2 }).verdict.kind).toBe('empty');
    expect(world.abTests.series(asked)).toEqual([{ arm: 'b', points: [] }]);
    await tell(world, { requestId: 'a0', reward: 0 });
    expect(world.abTests.result({ ...asked, minEffect: 0.2 }).verdict.kind).toBe('same');
  });

  it('concludes nothing from a split that is not what it should be', async () => {
    await fill([
      { arm: 'a', n: 700, every: 2 },
      { arm: 'b', n: 500, every: 9 },
    ]);
    const found = world.abTests.result({ endpoint: ENDPOINT, metric: 'reward-rate' });
    expect(found.ratio).toMatchObject({
      alarm: true,
      arms: [{ expected: 600, observed: 700 }, { observed: 500 }],
    });
    expect(found.verdict.kind).toBe('mismatch');
  });

  it('says how much more is needed, or that there is no difference that matters', async () => {
    await fill([
      { arm: 'a', n: 400, every: 4 },
      { arm: 'b', n: 400, every: 4 },
    ]);
    world.context.clock.advance(3_600_000);
    const ask = (minEffect: number) =>
      world.abTests.result({ endpoint: ENDPOINT, metric: 'reward-rate', minEffect });
    const small = ask(0.01);
    expect(small.verdict.kind).toBe('undecided');
    expect(small.need).toMatchObject({ collected: 400, perArm: 30_076 });
    expect(small.need?.perArmSequential).toBeGreaterThan(30_076);
    expect(small.need?.remainingMs).toBeGreaterThan(3_600_000);
    expect(ask(0.2).verdict.kind).toBe('same');
  });

  it('of errors comes with the gateway’s seconds', async () => {
    const second = (errors: number) => ({
      ...{ endpoint: ENDPOINT, requests: 100, rows: 100, errors, batches: 10, batchRows: 100 },
      batchSizes: [],
      refused: { queueFull: 0, late: 0, expired: 0, unavailable: 0 },
      invalid: 0,
      ...{ p50Ms: 1, p95Ms: 1, p99Ms: 1, queueMs: 0, rowTimes: [10, 10] },
    });
    const store = createAbTestsStore(world.context.db);
    const test = {
      periods: [{ revision: 1, fromMs: 0 }],
      since: 1,
      startedMs: 0,
      endedMs: null,
      until: null,
    };
    const arms = [
      { key: 'a', version: '1' },
      { key: 'b', version: '2' },
    ];
    const counting = createCounting(store, () => [{ ...test, arms } as never], world.context.clock.now);
    const id = world.serving.find(ENDPOINT)?.id as number;
    for (let at = 0; at < 10; at++)
      counting.requests(id, [
        { ...second(1), arm: 'a', version: '1' },
        { ...second(30), arm: 'b', version: '2' },
        { ...second(9), arm: 'b', version: '7' },
      ]);
    expect(armOf(world, 'b', 'error-rate')).toMatchObject({
      n: 1_300,
      mean: 300 / 1_300,
      compute: { rows: 100 },
    });
    expect(world.abTests.result({ endpoint: ENDPOINT, metric: 'error-rate' }).verdict).toMatchObject({
      kind: 'worse',
      arm: 'b',
    });
  });

  it('goes by the plan, which nobody overwrites unseen', () => {
    const plan = { metric: 'reward-mean' as const, baseline: 'b', minEffect: 0.5, revision: 0 };
    const saved = world.abTests.setPlan({ endpoint: ENDPOINT, since: 1, plan });
    expect(saved).toEqual({ ...plan, revision: 1 });
    expect(world.abTests.result({ endpoint: ENDPOINT })).toMatchObject({
      metric: 'reward-mean',
      baseline: 'b',
      minEffect: 0.5,
    });
    expect(() => world.abTests.setPlan({ endpoint: ENDPOINT, since: 1, plan })).toThrow(
      'was changed by someone else',
    );
    expect(world.abTests.setPlan({ endpoint: ENDPOINT, since: 1, plan: saved }).revision).toBe(2);
    const stranger = { ...plan, baseline: 'z', revision: 2 };
    expect(() => world.abTests.setPlan({ endpoint: ENDPOINT, since: 1, plan: stranger })).toThrow('named z');
  });
});

describe('the bandit', () => {
  it('moves traffic to the better arm after so many rewards, keeps the floor, and leaves its figures', async () => {
    reroute(world, { mode: { kind: 'bandit', floor: 1_000, reward: 'binary', everyRewards: 100 } });
    const rows = ['a', 'b'].flatMap((arm) =>
      Array.from({ length: 60 }, (_, at) => row(world, `${arm}${at}`, { arm })),
    );
    await world.monitoring.ingest(rows);
    const reward = (id: string) => Number(Number(id.slice(1)) % (id.startsWith('b') ? 2 : 10) === 0);
    const items = rows.map(({ id }): Feedback => ({ requestId: id, reward: reward(id) }));
    await world.abTests.feedback(items.slice(0, 99));
    world.abTests.look();
    expect(world.abTests.bandit(ENDPOINT)).toMatchObject({ since: 99, every: 100, computedMs: null });
    expect(world.serving.find(ENDPOINT)?.arms.map(({ weight }) => weight)).toEqual([5_000, 5_000]);
    await world.abTests.feedback(items.slice(99));
    world.abTests.look();
    const [a = 0, b = 0] = world.serving.find(ENDPOINT)?.arms.map(({ weight }) => weight) ?? [];
    expect(a + b).toBe(10_000);
    expect(b).toBeGreaterThan(8_900);
    expect(a).toBeGreaterThanOrEqual(1_000);
    const [change] = world.serving.history(ENDPOINT);
    expect(change).toMatchObject({
      ...{ actor: 'bandit', automatic: true },
      figures: {
        kind: 'bandit',
        rewards: 120,
        arms: [
          { key: 'a', mean: 0.1 },
          { key: 'b', mean: 0.5 },
        ],
      },
    });
    expect(world.abTests.bandit(ENDPOINT)).toMatchObject({
      since: 0,
      floor: 1_000,
      arms: [{ rewards: 60 }, { weight: b }],
    });
    // It is the same test still, and no new rewards change nothing.
    expect(world.abTests.list(ENDPOINT)).toMatchObject([{ running: true, periods: 2 }]);
    world.abTests.look();
    expect(world.serving.history(ENDPOINT)[0]?.revision).toBe(change?.revision);
  });

  it('is none where the route has another mode', () => {
    expect(world.abTests.bandit(ENDPOINT)).toBeNull();
    world.abTests.look();
    expect(world.serving.history(ENDPOINT)).toHaveLength(1);
  });
});

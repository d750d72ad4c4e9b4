/** Tests and feedback on a real workspace. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Feedback } from '../../../contract/ab-tests.ts';
import type { Prediction } from '../../../platform/link.ts';
import { isRight } from '../monitoring/index.ts';
import { createAbTestsStore } from './ab-tests.store.ts';
import { unitOf } from './counting.ts';
import { createFeedbackDesk } from './feedback.ts';
import { addChange, emptySums, type Sums } from './moments.rules.ts';
import {
  type AbWorld,
  abAreas,
  ENDPOINT,
  openAbWorld,
  reroute,
  row,
  sumsIn,
  tell,
} from './testing-ab-tests.ts';

let world: AbWorld;
beforeEach(async () => {
  world = await openAbWorld();
});
afterEach(() => world.close());

const armOf = (
  key: string,
  metric?: 'accuracy' | 'reward-mean' | 'reward-rate' | 'error-rate' | 'score-mean',
) => {
  const found = world.abTests
    .result({ endpoint: ENDPOINT, ...(metric ? { metric } : {}) })
    .arms.find((arm) => arm.key === key);
  if (!found) throw new Error(`no arm ${key}`);
  return found;
};

describe('feedback', () => {
  it('joins by request id, counts once, and says so', async () => {
    await world.monitoring.ingest([row(world, 'one'), row(world, 'two', { arm: 'b' })]);
    expect(await tell(world, { requestId: 'one', reward: 1 }, { requestId: 'two', reward: 3 })).toEqual([
      'joined',
      'joined',
    ]);
    expect(armOf('b', 'reward-mean')).toMatchObject({ n: 1, mean: 3, rows: 1, coverage: 1 });
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
    expect(armOf('a', 'reward-mean')).toMatchObject({ n: 1, mean: 5 });
    expect(world.abTests.rewards(ENDPOINT, 10)).toMatchObject([
      { reward: 5, correction: true },
      { reward: 1 },
    ]);
  });

  it('holds together: a label that contradicts keeps the reward out as well', async () => {
    await world.monitoring.ingest([row(world, 'one')]);
    await tell(world, { requestId: 'one', label: 'yes' });
    expect(await tell(world, { requestId: 'one', label: 'no', reward: 1 })).toEqual(['conflict']);
    expect(armOf('a', 'reward-mean').n).toBe(0);
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
    expect(armOf('a', 'accuracy')).toMatchObject({ n: 2, mean: 0.5 });
    // What labels elsewhere change counts here.
    await world.monitoring.label([{ predictionId: 'two', label: 'yes' }]);
    expect(armOf('a', 'accuracy')).toMatchObject({ n: 2, mean: 1 });
    expect(world.monitoring.totals()).toEqual({ predictions: 2, labelled: 2 });
  });

  it('that comes before its prediction waits for it', async () => {
    expect(await tell(world, { requestId: 'late', reward: 2 })).toEqual(['pending']);
    expect(await tell(world, { requestId: 'late', reward: 2 })).toEqual(['duplicate']);
    expect(await tell(world, { requestId: 'late', reward: 3 })).toEqual(['conflict']);
    expect(await tell(world, { requestId: 'late', label: 'no' })).toEqual(['pending']);
    expect(world.abTests.pending()).toMatchObject({ items: 1, expired: 0 });
    await world.monitoring.ingest([row(world, 'late')]);
    expect(world.abTests.pending()).toMatchObject({ items: 0, oldestMs: null });
    expect(armOf('a', 'reward-mean')).toMatchObject({ n: 1, mean: 2 });
    expect(armOf('a', 'accuracy')).toMatchObject({ n: 1, mean: 0 });
    expect(world.monitoring.totals().labelled).toBe(1);
    expect(await tell(world, { requestId: 'late', reward: 2, label: 'no' })).toEqual(['duplicate']);
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
    expect(armOf('a', 'reward-mean')).toMatchObject({ n: 1, mean: 1 });
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
    expect(armOf('a', 'reward-mean')).toMatchObject({ units: 1, rows: 2, n: 2, mean: 0.5 });
  });

  it('finds a request by an id that is too long to be kept', async () => {
    const long = 'x'.repeat(300);
    const { predictionId, requestKey } = await import('../../../platform/prediction-id.ts');
    await world.monitoring.ingest([row(world, predictionId(requestKey(long), null))]);
    expect(await tell(world, { requestId: long, reward: 1 })).toEqual(['joined']);
  });
});

describe('what counts', () => {
  it('is what the split assigned: not what a tester forced, asked for by version, or another version answered', async () => {
    await world.monitoring.ingest([
      row(world, 'one'),
      row(world, 'forced', { apart: true }),
      row(world, 'direct', { arm: 'direct' }),
      row(world, 'old', { version: '4' }),
    ]);
    await tell(world, ...['one', 'forced', 'direct', 'old'].map((requestId) => ({ requestId, reward: 1 })));
    // The row of another version was assigned, so that the split's check sees it; what it earned is not this arm's.
    expect(armOf('a', 'reward-mean')).toMatchObject({ units: 2, rows: 2, n: 1 });
    expect(world.abTests.rewards(ENDPOINT, 10)).toHaveLength(4);
  });

  it('is one unit for each input, where clients name none: a prober that repeats itself is no crowd', async () => {
    const same = Array.from({ length: 50 }, (_, at) => row(world, `probe${at}`, { inputUnit: 'same' }));
    await world.monitoring.ingest([...same, row(world, 'else', { inputUnit: 'other' })]);
    expect(armOf('a', 'score-mean')).toMatchObject({ units: 2, rows: 51, n: 51 });
  });

  it('is kept by period, and what comes late goes to the period that answered it', async () => {
    await world.monitoring.ingest([row(world, 'one', { unit: 'anna' })]);
    reroute(world, { weights: [2_000, 8_000] });
    await world.monitoring.ingest([row(world, 'two', { unit: 'anna' })]);
    await tell(world, { requestId: 'one', reward: 1 }, { requestId: 'two', reward: 1 });
    const [test] = world.abTests.list(ENDPOINT);
    expect(test).toMatchObject({ since: 1, running: true, periods: 2 });
    expect(world.abTests.periods({ endpoint: ENDPOINT })).toMatchObject([
      { revision: 1, weights: { a: 5_000, b: 5_000 } },
      { revision: 2, weights: { a: 2_000, b: 8_000 }, toMs: null },
    ]);
    const sums = sumsIn(world) as { metric: string; period: number; units: number; back: number }[];
    expect(sums.filter(({ metric }) => metric === 'reward-mean')).toMatchObject([
      { period: 1, units: 1, back: 0 },
      { period: 2, units: 1, back: 1 },
    ]);
    // Anna came once to the split.
    expect(armOf('a', 'reward-mean')).toMatchObject({ units: 1, rows: 2, n: 2 });
  });

  it('is another test with other arms, and the former one stays to be looked at', async () => {
    await world.monitoring.ingest([row(world, 'one')]);
    reroute(world, { versions: ['1', '3'] });
    await world.monitoring.ingest([row(world, 'two')]);
    await tell(world, { requestId: 'one', reward: 7 });
    expect(world.abTests.list(undefined).map(({ since, running }) => [since, running])).toContainEqual([
      1,
      false,
    ]);
    expect(world.abTests.result({ endpoint: ENDPOINT, metric: 'reward-mean' }).arms[0]).toMatchObject({
      n: 0,
      rows: 1,
    });
    const former = world.abTests.result({ endpoint: ENDPOINT, since: 1, metric: 'reward-mean' });
    expect(former.arms[0]).toMatchObject({ n: 1, mean: 7 });
    expect(() => world.abTests.result({ endpoint: ENDPOINT, since: 99 })).toThrow('no A/B test');
    expect(() => world.abTests.result({ endpoint: 'nobody' })).toThrow('no endpoint named nobody');
    expect(() => world.abTests.result({ endpoint: ENDPOINT, baseline: 'z' })).toThrow(
      'no arm in this test named z',
    );
  });

  it('keeps its sums when the units of a test that is long over are forgotten', async () => {
    await world.monitoring.ingest(['anna', 'bert'].map((unit) => row(world, unit, { unit })));
    await tell(world, { requestId: 'anna', reward: 3 });
    reroute(world, { versions: ['1', '3'] });
    await world.monitoring.ingest([row(world, 'carl', { unit: 'carl' })]);
    const former = () => world.abTests.result({ endpoint: ENDPOINT, since: 1, metric: 'reward-mean' }).arms;
    const before = former();
    const units = () => world.context.db.prepare('SELECT unit FROM ab_unit ORDER BY unit').pluck().all();
    await world.abTests.clean();
    expect(units()).toEqual(['u:anna', 'u:bert', 'u:carl']);
    world.context.clock.advance(31 * 86_400_000);
    await world.abTests.clean();
    expect(units()).toEqual(['u:carl']);
    expect(former()).toEqual(before);
  });

  it('is the same after the engine has started anew', async () => {
    await world.monitoring.ingest([row(world, 'one'), row(world, 'two', { arm: 'b' })]);
    await tell(world, { requestId: 'one', reward: 1 }, { requestId: 'early', reward: 4 });
    const before = world.abTests.result({ endpoint: ENDPOINT });
    world.abTests.close();
    const again = abAreas(world.context);
    expect(again.abTests.result({ endpoint: ENDPOINT })).toEqual(before);
    await again.monitoring.ingest([row(world, 'early')]);
    expect(again.abTests.result({ endpoint: ENDPOINT, metric: 'reward-mean' }).arms[0]).toMatchObject({
      n: 2,
    });
    await again.close();
  });

  it('can be derived from the facts, in whatever order they came', async () => {
    const unit = fc.constantFrom(null, 'anna', 'bert', 'carl');
    const prediction = fc.record({
      ...{
        unit,
        arm: fc.constantFrom('a', 'b'),
        score: fc.integer({ min: 0, max: 4 }),
        label: fc.constantFrom('yes', 'no'),
      },
      rows: fc.constantFrom(1, 2),
    });
    const told = fc.record({
      request: fc.nat(7),
      reward: fc.option(fc.integer({ min: -2, max: 3 }), { nil: undefined }),
      label: fc.option(fc.constantFrom('yes', 'no'), { nil: undefined }),
      atMs: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('row' as const), at: fc.nat(7) }),
      fc.record({ kind: fc.constant('tell' as const), told }),
      fc.record({ kind: fc.constant('weights' as const), share: fc.integer({ min: 1, max: 9 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(prediction, { minLength: 8, maxLength: 8 }),
        fc.array(step, { maxLength: 40 }),
        async (made, steps) => {
          for (const table of [
            'prediction',
            'cohort',
            'reward',
            'feedback_pending',
            'ab_sum',
            'ab_unit',
            'ab_latency',
          ])
            world.context.db.exec(`DELETE FROM ${table}`);
          const of = (at: number): Prediction[] => {
            const { unit: who, arm, score, label, rows } = made[at] as (typeof made)[number];
            return Array.from({ length: rows }, (_, each) =>
              row(world, rows === 1 ? `r${at}` : `r${at}#${each}`, { unit: who, arm, score, label }),
            );
          };
          for (const each of steps) {
            if (each.kind === 'row') await world.monitoring.ingest(of(each.at));
            else if (each.kind === 'weights')
              reroute(world, { weights: [each.share * 1_000, 10_000 - each.share * 1_000] });
            else {
              const { request, reward, label, atMs } = each.told;
              if (reward === undefined && label === undefined) continue;
              const one = (made[request] as (typeof made)[number]).rows === 1;
              const item: Feedback = { requestId: `r${request}`, ...(one ? {} : { row: 0 }) };
              await tell(world, {
                ...item,
                ...(reward === undefined ? {} : { reward }),
                ...(label === undefined ? {} : { label }),
                ...(atMs === undefined ? {} : { atMs: world.context.clock.now() + atMs }),
              });
            }
          }
          expect(sumsIn(world)).toEqual(derived());
        },
      ),
      { numRuns: 60 },
    );
  });

  /** The same sums from the rows of prediction and reward alone. */
  function derived(): unknown[] {
    type Fact = {
      id: string;
      arm: string;
      unit: string | null;
      inputUnit: string | null;
      revision: number;
      score: number;
      label: string;
    };
    const facts = world.context.db
      .prepare(
        `SELECT id, arm, unit, input_unit AS inputUnit, revision, score, label, truth, seq,
           (SELECT reward FROM reward WHERE prediction_id = id ORDER BY seq DESC LIMIT 1) AS reward FROM prediction ORDER BY seq`,
      )
      .all() as (Fact & { truth: string | null; reward: number | null })[];
    const tests = world.abTests.list(ENDPOINT);
    const sums = new Map<string, Sums & { key: unknown[] }>();
    const units = new Map<string, { y: number; n: number }>();
    const firstPeriod = new Map<string, number>();
    for (const fact of facts) {
      const since = tests.find((test) => test.since <= fact.revision)?.since;
      const period = world.abTests
        .periods({ endpoint: ENDPOINT, since })
        .findLast(({ revision }) => revision <= fact.revision)?.revision as number;
      const who = unitOf(fact);
      const known = `${since} ${who}`;
      if (who !== null) firstPeriod.set(known, Math.min(period, firstPeriod.get(known) ?? period));
    }
    for (const fact of facts) {
      const since = tests.find((test) => test.since <= fact.revision)?.since;
      const period = world.abTests
        .periods({ endpoint: ENDPOINT, since })
        .findLast(({ revision }) => revision <= fact.revision)?.revision as number;
      const right =
        fact.truth === null
          ? null
          : isRight({ binary: false, threshold: 0.5 }, { ...fact, score: null }, fact.truth);
      const values: [string, number | null][] = [
        ['accuracy', right === null ? null : Number(right)],
        ['reward-mean', fact.reward],
        ['reward-rate', Number((fact.reward ?? 0) > 0)],
        ['score-mean', fact.score],
        ['traffic', 0],
      ];
      for (const [metric, y] of values) {
        if (y === null) continue;
        const who = unitOf(fact);
        const name = `${since} ${metric} ${period} ${fact.arm}`;
        const sum = sums.get(name) ?? { ...emptySums(), key: [since, metric, period, fact.arm] };
        const place = `${name} ${who ?? fact.id}`;
        const before = units.get(place) ?? { y: 0, n: 0 };
        const after = { y: before.y + y, n: before.n + 1 };
        units.set(place, after);
        addChange(
          sum,
          before,
          after,
          who !== null && (firstPeriod.get(`${since} ${who}`) as number) < period,
        );
        sums.set(name, sum);
      }
    }
    return [...sums.values()]
      .map(({ key: [since, metric, period, arm], ...rest }) => ({ since, metric, period, arm, ...rest }))
      .sort(
        (a, b) =>
          Number(a.since) - Number(b.since) ||
          String(a.metric).localeCompare(String(b.metric)) ||
          Number(a.period) - Number(b.period) ||
          String(a.arm).localeCompare(String(b.arm)),
      );
  }
});

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
      ...{ p50Ms: 1, p95Ms: 1, p99Ms: 1, queueMs: 0, rowTimes: [10, 10] },
    });
    const { createCounting } = await import('./counting.ts');
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
    expect(armOf('b', 'error-rate')).toMatchObject({ n: 1_300, mean: 300 / 1_300, compute: { rows: 100 } });
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

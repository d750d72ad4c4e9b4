/** What counts in a test, on a real workspace. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Feedback } from '../../../contract/ab-tests.ts';
import type { Prediction } from '../../../platform/link.ts';
import { isRight } from '../monitoring/index.ts';
import { unitOf } from './counting.ts';
import { addChange, emptySums, type Sums } from './moments.rules.ts';
import {
  type AbWorld,
  abAreas,
  armOf,
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
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ units: 2, rows: 2, n: 1 });
    expect(world.abTests.rewards(ENDPOINT, 10)).toHaveLength(4);
  });

  it('is one unit for each input, where clients name none: a prober that repeats itself is no crowd', async () => {
    const same = Array.from({ length: 50 }, (_, at) => row(world, `probe${at}`, { inputUnit: 'same' }));
    await world.monitoring.ingest([...same, row(world, 'else', { inputUnit: 'other' })]);
    expect(armOf(world, 'a', 'score-mean')).toMatchObject({ units: 2, rows: 51, n: 51 });
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
    expect(armOf(world, 'a', 'reward-mean')).toMatchObject({ units: 1, rows: 2, n: 2 });
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
            'cohort_detail',
            'cohort_fold',
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
          : isRight({ task: 'other', threshold: 0.5 }, { ...fact, score: null }, fact.truth);
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

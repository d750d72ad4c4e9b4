/** What the arms of a split are worth: tests, their sums, the feedback that fills them, and the bandit that acts on it. */
import type {
  AbMetric,
  AbPeriod,
  AbPlan,
  AbResult,
  AbSeries,
  AbTest,
  Feedback,
  FeedbackResult,
  RewardItem,
} from '../../../contract/ab-tests.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { MonitoringService } from '../monitoring/index.ts';
import type { EndpointRecord, ServingService } from '../serving/index.ts';
import { createAbTestsStore, type LatencyKind } from './ab-tests.store.ts';
import { createBandit } from './bandit.ts';
import { createCounting } from './counting.ts';
import { createFeedbackDesk, MOST_PENDING, PENDING_MS } from './feedback.ts';
import {
  armsOf,
  byArm,
  CONFIDENCE,
  effectsOf,
  latencyView,
  needOf,
  notesOf,
  ratioOf,
  seriesOf,
} from './result.rules.ts';
import { FEWEST } from './sequence.rules.ts';
import { addChange, type Test } from './tests.rules.ts';
import { goodOf, verdictOf } from './verdict.rules.ts';

export type AbTestsDeps = {
  serving: Pick<ServingService, 'records' | 'find' | 'changesAfter' | 'onChange' | 'onSecond' | 'reweigh'>;
  monitoring: Pick<
    MonitoringService,
    'find' | 'labelNow' | 'labelWaited' | 'labelProblem' | 'endpoint' | 'setObserver'
  >;
  retentionDays(): number;
};

export type AbTestsService = ReturnType<typeof createAbTestsService>;

/** Items of feedback in one transaction: a few milliseconds. */
const SLICE = 50;
const CLEAN_SLICE = 500;
const DAY_MS = 86_400_000;
const TELL_EVERY_MS = 1_000;
const SHOWN_PERIODS = 500;

type Which = { endpoint: string; since?: number | undefined };
type Asked = Which & { metric?: AbMetric | undefined; baseline?: string | undefined };

export function createAbTestsService(context: AreaContext, deps: AbTestsDeps) {
  const { clock, db, events, log, writes } = context;
  const { serving, monitoring } = deps;
  const store = createAbTestsStore(db);
  const known = new Map<number, { revision: number; tests: Test[] }>();
  const counting = createCounting(store, testsOf, clock.now);
  const desk = createFeedbackDesk({ store, monitoring, counting });
  const bandit = createBandit({ store, serving, present, clock, log });
  let untold = false;
  let rewarded = false;

  /** Kept, and brought up to date by what changed since. */
  function testsOf(endpointId: number): readonly Test[] {
    const record = serving.records().find(({ id }) => id === endpointId);
    if (!record) return [];
    const entry = known.get(endpointId) ?? { revision: -1, tests: [] };
    if (entry.revision < record.revision) {
      for (const change of serving.changesAfter(endpointId, entry.revision)) addChange(entry.tests, change);
      entry.revision = record.revision;
      known.set(endpointId, entry);
    }
    return entry.tests;
  }

  function present(endpointId: number): Test | null {
    const last = testsOf(endpointId).at(-1);
    return last && last.endedMs === null ? last : null;
  }

  function endpoint(name: string): EndpointRecord {
    const record = serving.find(name);
    if (!record) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return record;
  }

  function find({ endpoint: name, since }: Which): { record: EndpointRecord; test: Test } {
    const record = endpoint(name);
    const tests = testsOf(record.id);
    const test = since === undefined ? tests.at(-1) : tests.find((each) => each.since === since);
    if (!test) throw new LatheError('LATHE_NOT_FOUND', { kind: 'A/B test', name: `of ${name}` });
    return { record, test };
  }

  /** Until someone settles it: what nobody has to ask for, against the arm that had the most traffic at first. */
  function planOf(record: EndpointRecord, test: Test): AbPlan {
    const stored = store.plan(record.id, test.since);
    if (stored) return stored;
    const first = test.periods[0]?.arms ?? [];
    const most = first.toSorted((a, b) => b.weight - a.weight)[0]?.key ?? '';
    const metric = record.mode.kind === 'bandit' ? 'reward-mean' : 'accuracy';
    return { metric, baseline: most, minEffect: null, revision: 0 };
  }

  function view(record: EndpointRecord, test: Test): AbTest {
    const { since, startedMs, endedMs, arms, periods } = test;
    const weights = periods.at(-1)?.arms ?? [];
    return {
      ...{ endpoint: record.name, model: record.model, since, running: endedMs === null, startedMs, endedMs },
      arms: arms.map((arm) => ({ ...arm, weight: weights.find(({ key }) => key === arm.key)?.weight ?? 0 })),
      periods: periods.length,
      plan: planOf(record, test),
    };
  }

  function asked(input: Asked) {
    const { record, test } = find(input);
    const plan = planOf(record, test);
    const metric = input.metric ?? plan.metric;
    const baseline = input.baseline ?? plan.baseline;
    requireArm(test, baseline);
    return { record, test, plan, metric, baseline };
  }

  function result(input: Asked & { minEffect?: number | null | undefined }): AbResult {
    const { record, test, plan, metric, baseline } = asked(input);
    const minEffect = input.minEffect === undefined ? plan.minEffect : input.minEffect;
    const sums = (of: AbMetric | 'traffic') => byArm(test, store.sums(record.id, test.since, of));
    const values = sums(metric);
    const traffic = sums('traffic');
    const latency = (arm: string, kind: LatencyKind) => {
      return latencyView(store.latency(record.id, test.since, arm, kind));
    };
    const arms = armsOf(test, baseline, metric, values, traffic, (arm) => ({
      latency: latency(arm, 'answer'),
      compute: latency(arm, 'model'),
    }));
    const ratio = ratioOf(test, traffic);
    const effects = effectsOf(test, baseline, metric, values);
    const need = needOf(test, values, minEffect, clock.now());
    const good = goodOf(metric);
    const units = (key: string) => (values.get(key) ?? []).reduce((sum, each) => sum + each.units, 0);
    const available = store.available(record.id, test.since);
    const rewards = available.find((each) => each.metric === 'reward-mean')?.n ?? 0;
    const facts = {
      ...{ rewards, metric, baseline, good, minEffect, ratio, effects, need, fewest: FEWEST },
      values: arms.map(({ key, n }) => ({ key, n, units: units(key) })),
    };
    return {
      ...{ test: view(record, test), metric, baseline, minEffect, good, confidence: CONFIDENCE },
      ...{ ratio, arms, effects, verdict: verdictOf(facts), need },
      available: available.flatMap(({ metric: of, n }) => (of === 'traffic' ? [] : [{ metric: of, n }])),
      notes: notesOf(test, metric, arms, traffic),
      atMs: clock.now(),
    };
  }

  /** Each result is true once this resolves: what it says is committed. */
  async function feedback(items: readonly Feedback[]): Promise<FeedbackResult[]> {
    const results: FeedbackResult[] = [];
    for (let from = 0; from < items.length; from += SLICE) {
      const slice = items.slice(from, from + SLICE);
      results.push(...(await writes.run(() => inTransaction(db, () => desk.take(slice, clock.now())))));
    }
    if (results.some(({ state }) => state === 'joined' || state === 'pending')) untold = true;
    if (results.some(({ state }) => state === 'joined')) rewarded = true;
    return results;
  }

  monitoring.setObserver({
    logged(rows) {
      counting.logged(rows);
      const ids = [...rows.values()].flatMap((each) => each.map(({ id }) => id));
      desk.logged(ids, clock.now());
      untold ||= ids.length > 0;
      rewarded ||= ids.length > 0;
    },
    labelled(changes) {
      counting.labelled(changes);
      untold ||= changes.length > 0;
    },
  });

  const unwatch = serving.onChange(() => {
    untold = true;
  });
  const unlisten = serving.onSecond(({ arms }) => {
    const busy = arms.filter(({ requests, errors, batches }) => requests + errors + batches > 0);
    const counted = serving
      .records()
      .map((record) => ({ record, own: busy.filter((arm) => arm.endpoint === record.name) }))
      .filter(({ record, own }) => own.length > 0 && present(record.id) !== null);
    if (counted.length === 0) return;
    writes
      .run(() =>
        inTransaction(db, () => {
          for (const { record, own } of counted) counting.requests(record.id, own);
        }),
      )
      .catch((thrown: unknown) => log.warn({ err: thrown }, 'a second of errors was not counted'));
  });

  const timer = setInterval(() => {
    if (rewarded) {
      rewarded = false;
      bandit.look();
    }
    if (!untold) return;
    untold = false;
    events.changed('abTests');
  }, TELL_EVERY_MS);
  timer.unref();

  /** Gives up what waited too long, and forgets what retention does, a few rows at a time. */
  async function clean(): Promise<void> {
    const nowMs = clock.now();
    const kept = nowMs - deps.retentionDays() * DAY_MS;
    await inPieces(() => store.expire(nowMs - PENDING_MS, CLEAN_SLICE));
    await inPieces(() => store.forgetRewards(kept, CLEAN_SLICE));
    for (const { id } of serving.records())
      for (const { since, endedMs } of testsOf(id))
        if (endedMs !== null && endedMs < kept)
          await inPieces(() => store.forgetUnits(id, since, CLEAN_SLICE));
  }

  async function inPieces(work: () => number): Promise<void> {
    while ((await writes.run(() => inTransaction(db, work))) >= CLEAN_SLICE)
      await new Promise((resolve) => setTimeout(resolve, 20).unref());
  }

  return {
    list(name: string | undefined): AbTest[] {
      const records = name === undefined ? serving.records() : [endpoint(name)];
      return records
        .flatMap((record) => testsOf(record.id).map((test) => view(record, test)))
        .sort((a, b) => b.startedMs - a.startedMs);
    },
    periods: (which: Which): AbPeriod[] =>
      find(which)
        .test.periods.slice(-SHOWN_PERIODS)
        .map(({ arms, ...rest }) => ({
          ...rest,
          weights: Object.fromEntries(arms.map(({ key, weight }) => [key, weight])),
        })),
    result,
    series(input: Asked): AbSeries {
      const { record, test, metric, baseline } = asked(input);
      return seriesOf(test, baseline, metric, store.sums(record.id, test.since, metric));
    },
    setPlan(input: { endpoint: string; since: number; plan: AbPlan }): AbPlan {
      const { record, test } = find(input);
      requireArm(test, input.plan.baseline);
      const stored = store.plan(record.id, test.since);
      const expected = stored?.revision ?? 0;
      if (expected !== input.plan.revision || !store.setPlan(record.id, test.since, input.plan, clock.now()))
        throw new LatheError('LATHE_CONFLICT', { kind: 'The plan of the test on', name: record.name });
      events.changed('abTests');
      return planOf(record, test);
    },
    bandit: (name: string) => bandit.view(endpoint(name)),
    feedback,
    rewards: (name: string, limit: number): RewardItem[] => store.newest(endpoint(name).id, limit),
    pending: () => ({
      items: store.pendingCount(),
      most: MOST_PENDING,
      oldestMs: store.oldestPendingMs(),
      expired: store.expired(),
    }),
    /** Works the bandits' weights out anew where enough rewards came; a timer calls it too. */
    look: bandit.look,
    clean,
    close(): void {
      clearInterval(timer);
      unlisten();
      unwatch();
    },
  };
}

function requireArm(test: Test, key: string): void {
  if (!test.arms.some((arm) => arm.key === key))
    throw new LatheError('LATHE_NOT_FOUND', { kind: 'arm in this test', name: key });
}

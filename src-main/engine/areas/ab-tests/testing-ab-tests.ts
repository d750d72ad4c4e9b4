/** For tests only: serving, monitoring and A/B tests on a real workspace; the gateway is left out, and its rows are made. */
import type { AbArm, AbMetric, Feedback, FeedbackResult } from '../../../contract/ab-tests.ts';
import type { BanditPlan } from '../../../contract/serving-route.ts';
import type { Prediction } from '../../../platform/link.ts';
import { noRawLog, openTestContext, type TestContext } from '../../testing.ts';
import { createActivityArea } from '../activity/index.ts';
import { createMonitoringArea, type MonitoringService } from '../monitoring/index.ts';
import { createServingArea, type ServingService } from '../serving/index.ts';
import { createSettingsArea } from '../settings/index.ts';
import { type AbTestsService, createAbTestsService } from './ab-tests.service.ts';

export const ENDPOINT = 'flight-delay';

export type AbWorld = {
  context: TestContext;
  serving: ServingService;
  monitoring: MonitoringService;
  abTests: AbTestsService;
  close(): Promise<void>;
};

const VERSION = {
  ...{
    sha256: 'f'.repeat(64),
    notServable: null,
    inputs: [],
    outputs: [{ name: 'label', datatype: 'BYTES' as const, shape: [-1] }],
  },
  prediction: { task: 'multiclass-classification', label: 'label', score: null, threshold: 0.5 },
};

/** The areas on a context, as the composition root joins them. */
export function abAreas(context: TestContext, task = VERSION.prediction.task): AbWorld {
  const version = { ...VERSION, prediction: { ...VERSION.prediction, task } };
  const { settings } = createSettingsArea(context, { ports: {} });
  const { activities } = createActivityArea(context, { unclean: false });
  const { serving } = createServingArea(context, {
    findVersion: (_model, number) => (Number(number) <= 5 ? version : null),
    versionsOf: () => ['1', '2', '3', '4', '5'],
    settings,
    activities,
  });
  const { monitoring, close } = createMonitoringArea(context, {
    endpoints: serving.records,
    version: () => version,
    grid: () => null,
    reference: () => null,
    retentionDays: () => 30,
    rawLog: noRawLog,
  });
  const abTests = createAbTestsService(context, { serving, monitoring, retentionDays: () => 30 });
  return {
    ...{ context, serving, monitoring, abTests },
    async close() {
      abTests.close();
      close();
      await serving.close();
    },
  };
}

export async function openAbWorld(
  weights: readonly number[] = [5_000, 5_000],
  task?: string,
): Promise<AbWorld> {
  const context = await openTestContext();
  context.db.exec(
    `INSERT INTO registered_model(uuid, name, created_ms, updated_ms) VALUES ('u', '${ENDPOINT}', 1, 1)`,
  );
  const areas = abAreas(context, task);
  const arms = weights.map((weight, at) => ({ key: 'abcdefgh'[at] as string, version: `${at + 1}`, weight }));
  areas.serving.createSplit({ name: ENDPOINT, model: ENDPOINT, arms, reason: 'a test' });
  return {
    ...areas,
    async close() {
      await areas.close();
      await context.close();
    },
  };
}

/** A row as the gateway logs it: of arm a, version 1, answered now by the present route. */
export function row(world: AbWorld, id: string, part: Partial<Prediction> = {}): Prediction {
  const nowMs = world.context.clock.now();
  const arm = part.arm ?? 'a';
  const record = world.serving.find(ENDPOINT);
  return {
    ...{ id, endpoint: ENDPOINT, arm, unit: null, eventMs: nowMs, receivedMs: nowMs, latencyUs: 900 },
    ...{ features: {}, label: 'yes', score: 0.5, apart: false },
    version: record?.arms.find(({ key }) => key === arm)?.version ?? '1',
    revision: record?.revision ?? 0,
    ...part,
  };
}

/** Sends feedback and returns the states. */
export const tell = async (world: AbWorld, ...items: Feedback[]): Promise<FeedbackResult['state'][]> =>
  (await world.abTests.feedback(items)).map(({ state }) => state);

export const sumsIn = (world: AbWorld): unknown[] =>
  world.context.db
    .prepare(
      `SELECT since, metric, period, arm, sum(units) AS units, sum(back) AS back, sum(n) AS n, sum(y) AS y, sum(yy) AS yy,
         sum(nn) AS nn, sum(yn) AS yn FROM ab_sum GROUP BY since, metric, period, arm HAVING sum(n) <> 0
       ORDER BY since, metric, period, arm`,
    )
    .all();

/** Changes the route; what is not named stays. */
export function reroute(
  world: AbWorld,
  part: { weights?: readonly number[]; versions?: readonly string[]; mode?: BanditPlan },
): void {
  const { arms, sticky, mode, shadow, revision } = world.serving.get(ENDPOINT);
  const next = arms.map(({ key, version, weight }, at) => ({
    key,
    version: part.versions?.[at] ?? version,
    weight: part.weights?.[at] ?? weight,
  }));
  const route = { arms: next, sticky, mode: part.mode ?? mode, shadow: shadow && { ...shadow } };
  world.serving.setRoute({ name: ENDPOINT, revision, route, reason: 'another split' });
}

/** An arm of the present test, by the plan's metric or another one. */
export function armOf(world: AbWorld, key: string, metric?: AbMetric): AbArm {
  const { arms } = world.abTests.result({ endpoint: ENDPOINT, ...(metric ? { metric } : {}) });
  const found = arms.find((arm) => arm.key === key);
  if (!found) throw new Error(`no arm ${key}`);
  return found;
}

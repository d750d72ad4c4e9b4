import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prediction } from '../../../platform/link.ts';
import { noRawLog, openTestContext, type TestContext } from '../../testing.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { addValue } from './count.rules.ts';
import { baselineOf, binCounts, levelOf, PSI_METHOD, psi } from './drift.rules.ts';
import { WINDOW_MS, windowOf } from './ingest.ts';
import { createMonitoringService, type MonitoringService } from './monitoring.service.ts';
import { emptyPane, totalOf } from './pane.rules.ts';
import type { VersionFacts } from './plans.ts';
import { gridOf, ReferenceProfile } from './profile.rules.ts';
import { sampleFacts, samplePredictions } from './sample-traffic.ts';

const endpoint = (part: Partial<EndpointRecord> = {}): EndpointRecord => ({
  id: 1,
  name: 'flight-delay',
  model: 'flight-delay',
  salt: 's',
  arms: [
    { key: 'champion', version: '1', weight: 8000 },
    { key: 'challenger', version: '1', weight: 2000 },
  ],
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  canary: null,
  former: null,
  logging: true,
  enabled: true,
  revision: 1,
  createdMs: 0,
  updatedMs: 0,
  ...part,
});

let context: TestContext;
let endpoints: EndpointRecord[];
let service: MonitoringService;
const facts = sampleFacts();
const version = (of: VersionFacts) => ({
  version: () => of,
  grid: () => (of.reference === null ? null : JSON.stringify(of.reference)),
  reference: () => null,
});

beforeEach(async () => {
  context = await openTestContext();
  endpoints = [endpoint()];
  service = createMonitoringService(context, {
    endpoints: () => endpoints,
    ...version(facts),
    retentionDays: () => 30,
    rawLog: noRawLog,
  });
});
afterEach(async () => {
  service.close();
  await context.close();
});

const ENDPOINT = { endpoint: 'flight-delay' };
/** What is stored, once all of it is rolled up. */
const dump = async () => {
  await service.quality(ENDPOINT);
  return stored();
};
const stored = () => ({
  panes: context.db.prepare('SELECT * FROM window_pane').all(),
  rows: context.db.prepare('SELECT * FROM window_rows').all(),
  minutes: context.db
    .prepare('SELECT endpoint_id, part, window_ms, arm, version, length(panes) FROM minute_pane')
    .all(),
  cohorts: context.db.prepare('SELECT * FROM cohort').all(),
  details: context.db
    .prepare('SELECT * FROM cohort_detail ORDER BY endpoint_id, slice, size_ms, window_ms, arm, version')
    .all(),
  predictions: context.db.prepare('SELECT id, truth FROM prediction ORDER BY id').all(),
});
/** What is stored, with sums rounded: doubles add up differently in another order. */
const counted = async () => {
  const { panes, ...rest } = await dump();
  return {
    ...rest,
    panes: (panes as { sum: number; squares: number }[]).map((pane) => ({
      ...pane,
      sum: Math.round(pane.sum * 1e3),
      squares: Number(pane.squares.toPrecision(9)),
    })),
  };
};
describe('ingest', () => {
  it('counts a message that is sent again only once', async () => {
    const rows = await samplePredictions(0, 600);
    expect(await service.ingest(rows)).toEqual({ inserted: 600, repeated: 0 });
    const before = await dump();
    expect(await service.ingest(rows)).toEqual({ inserted: 0, repeated: 600 });
    expect(await dump()).toEqual(before);
    expect(service.totals()).toEqual({ predictions: 600, labelled: 0 });
  });

  it('stores the same counts however traffic is cut into messages, in whatever order they come', async () => {
    const rows = await samplePredictions(900, 300);
    await service.ingest(rows);
    const whole = await counted();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 300, maxLength: 300 }), async (cuts) => {
        context.db.exec(
          'DELETE FROM prediction; DELETE FROM window_pane; DELETE FROM window_rows; DELETE FROM bin_chunk; DELETE FROM minute_pane; DELETE FROM cohort; DELETE FROM cohort_detail; DELETE FROM cohort_fold; DELETE FROM watched',
        );
        const messages: Prediction[][] = [[], [], [], []];
        rows.forEach((row, at) => void messages[cuts[at] as number]?.push(row));
        for (const message of messages) await service.ingest([...message, ...message.slice(0, 5)]);
        expect(await counted()).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it('keeps days of every feature, and as many rows as it logged', async () => {
    await service.ingest(await samplePredictions(0, 2000));
    await dump();
    const days = 'SELECT count(*) AS n FROM window_pane WHERE level = 2';
    expect(context.db.prepare(days).get()).toEqual({ n: 13 * 3 * 2 });
    const other = `SELECT rows, sum(predictions) AS predictions FROM window_rows w JOIN cohort c
        ON c.endpoint_id = w.endpoint_id AND c.arm = w.arm AND c.version = w.version
          AND c.window_ms BETWEEN w.window_ms AND w.window_ms + 86399999
      WHERE level = 2 GROUP BY w.window_ms, w.arm, w.version HAVING sum(predictions) <> rows`;
    expect(context.db.prepare(other).all()).toEqual([]);
  });

  it('does not mix up two events under one id, and says how many it could not log', async () => {
    const [first] = await samplePredictions(0, 1);
    if (!first) throw new Error('no sample');
    await service.ingest([first]);
    await service.ingest([{ ...first, eventMs: first.eventMs + 1 }]);
    await service.ingestTap([{ blocks: [], cursor: { instance: 'g', seq: 1 }, dropped: 7, sampledOut: 2 }]);
    expect(service.totals().predictions).toBe(1);
    expect(service.losses()).toEqual({ dropped: 7, sampledOut: 2, reused: 1, labels: 0 });
  });

  it('ignores rows of an endpoint that is gone', async () => {
    const rows = await samplePredictions(0, 3);
    endpoints = [];
    expect(await service.ingest(rows)).toEqual({ inserted: 0, repeated: 0 });
  });

  it('lets others use the thread while it takes in many rows at once', async () => {
    const many = await samplePredictions(20_000, 5_000);
    // At most 500 rows between two turns; how long a slice holds the thread is `npm run bench -- monitoring`.
    expect(await turnsDuring(() => service.ingest(many))).toBeGreaterThanOrEqual(10);
    expect(stored().predictions).toHaveLength(5_000);
  });
});

describe('drift', () => {
  it('scores a week of rows as the formula does on the raw rows', async () => {
    const rows = await samplePredictions(100_000, 9000);
    await service.ingest(rows);
    const drift = await service.drift(ENDPOINT);
    expect(drift.map(({ feature }) => feature)).toHaveLength(13);
    const reference = ReferenceProfile.parse(facts.reference);
    for (const name of ['temp', 'carrier', 'day_of_week']) {
      const found = drift.find(({ feature }) => feature === name);
      const latest = found?.latestWindowMs as number;
      const profile = reference.features.find((feature) => feature.name === name);
      if (!profile) throw new Error(`no ${name}`);
      const pane = emptyPane(gridOf(profile, true).size);
      for (const row of rows)
        if (row.eventMs >= latest - 6 * WINDOW_MS && row.eventMs < latest + WINDOW_MS)
          addValue(pane, gridOf(profile, true), row.features[name]);
      const baseline = baselineOf(profile);
      const minN = baseline.minN[PSI_METHOD];
      const n = totalOf(pane.counts);
      const value = psi(baseline.reference, binCounts(baseline, pane.counts));
      const level = levelOf(PSI_METHOD, value, n, minN, true);
      expect(found?.latest).toEqual({ method: PSI_METHOD, value, n, minN, level });
    }
    // Spring against winter: the weather moved, the timetable did not.
    expect(drift.find(({ feature }) => feature === 'temp')?.latest?.level).toBe('large');
    expect(drift.find(({ feature }) => feature === 'day_of_week')?.latest?.level).toBe('stable');
  });

  it('gives no level before a whole week, nor for the day that is not over', async () => {
    const rows = await samplePredictions(0, 3500);
    await service.ingest(rows);
    const [distance] = await service.drift(ENDPOINT);
    const newest = windowOf(rows.at(-1)?.eventMs as number);
    expect(distance?.latestWindowMs).toBe(newest - WINDOW_MS);
    expect(new Set(distance?.trend.map(({ level }) => level))).toEqual(new Set(['too-few']));
  });

  it('sees new rows of an old day: what is remembered is scored again', async () => {
    const rows = await samplePredictions(0, 9000);
    const late = rows.filter((_, at) => at % 3 === 0);
    await service.ingest(rows.filter((_, at) => at % 3 !== 0));
    await service.drift(ENDPOINT);
    await service.ingest(late);
    const remembered = await service.drift(ENDPOINT);
    const fresh = createMonitoringService(context, {
      endpoints: () => endpoints,
      ...version(facts),
      retentionDays: () => 30,
      rawLog: noRawLog,
    });
    expect(remembered).toEqual(await fresh.drift(ENDPOINT));
  });

  it('shows one feature against its reference, per arm and over all', async () => {
    await service.ingest(await samplePredictions(0, 9000));
    const all = await service.feature({ ...ENDPOINT, feature: 'origin' });
    const challenger = await service.feature({ ...ENDPOINT, feature: 'origin', arm: 'challenger' });
    expect(all.distribution.map(({ label }) => label)).toEqual(['EWR', 'JFK', 'LGA']);
    for (const { distribution } of [all, challenger]) {
      expect(distribution.reduce((sum, bin) => sum + bin.reference, 0)).toBeCloseTo(1, 12);
      expect(distribution.reduce((sum, bin) => sum + bin.current, 0)).toBeCloseTo(1, 12);
    }
    expect(challenger.windows.at(-1)?.score.n).toBeLessThan((all.windows.at(-1)?.score.n ?? 0) / 3);
    const score = await service.feature({ ...ENDPOINT, feature: '$prediction' });
    expect(score.kind).toBe('prediction');
    expect(score.windows.at(-1)?.mean).toBeCloseTo(0.495, 1);
    await expect(service.feature({ ...ENDPOINT, feature: 'nope' })).rejects.toThrow(
      'no watched feature named nope',
    );
  });

  it('watches a version without a reference for its quality only', async () => {
    const bare = createMonitoringService(context, {
      endpoints: () => endpoints,
      ...version({ ...facts, reference: null }),
      retentionDays: () => 30,
      rawLog: noRawLog,
    });
    await bare.ingest(await samplePredictions(0, 10));
    expect(await bare.drift(ENDPOINT)).toEqual([]);
    expect(await bare.overview()).toMatchObject([{ predictions: 10, hasReference: false, features: 0 }]);
  });

  it('takes in a year of windows, and scores it on another thread', async () => {
    const sparse = (await samplePredictions(0, 30)).flatMap((row) =>
      Array.from({ length: 365 }, (_, day) => ({
        ...row,
        id: `${row.id}.${day}`,
        eventMs: row.eventMs + day * WINDOW_MS,
        receivedMs: row.receivedMs + day * WINDOW_MS,
      })),
    );
    await service.ingest(sparse);
    const trend = async (windows?: number) => (await service.drift({ ...ENDPOINT, windows }))[0]?.trend ?? [];
    expect(await trend()).toHaveLength(90);
    const long = await trend(200);
    expect(long).toHaveLength(200);
    expect(long.slice(-90)).toEqual(await trend());
  }, 60_000);
});

/** How often the thread came back to its event loop. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let on = true;
  const tick = () => {
    turns += 1;
    if (on) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  on = false;
  return turns;
}

describe('labels', () => {
  const label = (rows: readonly Prediction[], truth: (at: number) => string) =>
    service.label(rows.map(({ id }, at) => ({ predictionId: id, label: truth(at) })));

  it('join once, change nothing when repeated, and are replaced by another', async () => {
    const rows = await samplePredictions(0, 100);
    await service.ingest(rows);
    expect(await label(rows, () => '1')).toMatchObject({ joined: 100, unchanged: 0, unknown: [] });
    const before = await dump();
    expect(await label(rows, () => '1')).toMatchObject({ joined: 0, unchanged: 100, unknown: [] });
    expect(await dump()).toEqual(before);
    expect(await label(rows, (at) => (at === 0 ? '0' : '1'))).toMatchObject({ joined: 1, unchanged: 99 });
    const { arms } = await service.performance('flight-delay');
    expect(arms.reduce((sum, arm) => sum + arm.labelled, 0)).toBe(100);
  });

  it('ends with the last labels alone, whatever was said before', async () => {
    const rows = await samplePredictions(0, 400);
    await service.ingest(rows);
    const last = (at: number) => (at % 3 === 0 ? 'true' : 'false');
    await label(rows, last);
    const direct = await service.performance('flight-delay');
    await label(rows, (at) => (at % 2 === 0 ? '1' : '0'));
    await label(rows, last);
    const after = await service.performance('flight-delay');
    for (const [at, arm] of direct.arms.entries()) {
      const { logLoss, ...rest } = arm;
      expect(after.arms[at]).toMatchObject(rest);
      expect(after.arms[at]?.logLoss).toBeCloseTo(logLoss as number, 9);
    }
  });

  it('give the accuracy that counting by hand gives', async () => {
    const rows = await samplePredictions(0, 500);
    await service.ingest(rows);
    const truth = (at: number) => (at % 4 === 0 ? '1' : '0');
    await label(rows, truth);
    const right = rows.filter((row, at) => (row.score as number) >= 0.5 === (truth(at) === '1')).length;
    const { arms, points } = await service.performance('flight-delay');
    const correct = arms.reduce((sum, arm) => sum + (arm.accuracy as number) * arm.labelled, 0);
    expect(correct).toBeCloseTo(right, 6);
    expect(points.every(({ mature }) => mature)).toBe(true);
  });

  it('return ids that were never logged', async () => {
    const rows = await samplePredictions(0, 2);
    await service.ingest(rows);
    expect(await service.label([{ predictionId: 'nobody', label: '1' }])).toMatchObject({
      joined: 0,
      unchanged: 0,
      unknown: [0],
    });
  });
});

it('forgets raw rows after the retention time, and keeps the counts', async () => {
  const rows = await samplePredictions(0, 1200);
  const now = context.clock.now();
  await service.ingest(
    rows.map((row, at) => ({ ...row, receivedMs: at < 1100 ? now - 31 * WINDOW_MS : now })),
  );
  expect(await service.prune()).toBe(1100);
  expect(await service.predictions('flight-delay', 200)).toHaveLength(100);
  expect(service.totals().predictions).toBe(1200);
});

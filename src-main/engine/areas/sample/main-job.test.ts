/** The main job on real input: real gateway, real runner, real models, real flights. Nothing is mocked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTestEngine, slowness, type TestEngine, until } from '../../testing-engine.ts';

// Real processes on a machine that does other things as well: the limits inside say what must be quick.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'lathe-main-job-'));
const workspace = join(folder, 'workspace');
let running: TestEngine;
let api: TestEngine['api'];

beforeAll(async () => {
  running = await openTestEngine(workspace, { sample: true });
  api = running.api;
  await running.engine.ready;
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads the file itself: what is stored, not what the engine says. */
function stored<T>(sql: string): T {
  const db = new BetterSqlite3(join(workspace, 'lathe.db'), { readonly: true });
  try {
    return db.prepare(sql).get() as T;
  } finally {
    db.close();
  }
}
/** Every cohort, and every day with what is to be added to it, must say what counting the rows says. */
function expectCountsEqualRows(): void {
  const wrong = stored<{ n: number }>(
    `SELECT count(*) AS n FROM cohort c WHERE slice = 0 AND c.predictions <> (
       SELECT count(*) FROM prediction p WHERE p.endpoint_id = c.endpoint_id AND p.arm = c.arm AND p.version = c.version
       AND p.event_ms / 3600000 * 3600000 = c.window_ms)
     OR slice = 0 AND c.labelled <> (SELECT count(truth) FROM prediction p WHERE p.endpoint_id = c.endpoint_id AND p.arm = c.arm
       AND p.version = c.version AND p.event_ms / 3600000 * 3600000 = c.window_ms)`,
  );
  const day = 'endpoint_id = c.endpoint_id AND arm = c.arm AND version = c.version';
  const panes = stored<{ n: number }>(
    `WITH d AS (SELECT endpoint_id, window_ms / 86400000 * 86400000 AS window_ms, arm, version, sum(predictions) AS predictions
       FROM cohort WHERE slice = 0 GROUP BY 1, 2, 3, 4)
     SELECT count(*) AS n FROM d AS c WHERE c.predictions <>
       coalesce((SELECT sum(rows) FROM window_rows WHERE ${day} AND level = 2 AND window_ms = c.window_ms), 0)
       + coalesce((SELECT sum(rows) FROM pane_pending WHERE ${day} AND window_ms / 86400000 * 86400000 = c.window_ms), 0)`,
  );
  expect([wrong.n, panes.n]).toEqual([0, 0]);
}

it('seeds experiments, versions, a split endpoint and the replay', async () => {
  await until('the sample', async () => (await api.workspace.hello()).workspace.sample, 90_000);
  const [experiment] = await api.experiments.list();
  expect(experiment).toMatchObject({ name: 'flight-delay', runCount: 12 });
  const { model, versions } = await api.models.get({ name: 'flight-delay' });
  expect(model.aliases).toEqual({ challenger: '2', champion: '1' });
  expect(versions.map(({ version, hasReference }) => [version, hasReference])).toEqual([
    ['2', true],
    ['1', true],
  ]);
  expect(versions.every(({ runId }) => runId !== null)).toBe(true);
  const endpoint = await api.serving.get({ name: 'flight-delay' });
  expect(endpoint.arms.map(({ key, version, weight }) => [key, version, weight])).toEqual([
    ['champion', '1', 8000],
    ['challenger', '2', 2000],
  ]);
  expect((await api.replay.status()).state).toBe('running');
  const routes = await api.serving.history({ name: 'flight-delay' });
  expect(routes.map(({ revision, route }) => [revision, route.arms.length])).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

it('has what it watches: raw rows of its references, slices, rules and a business metric', async () => {
  for (const version of ['1', '2']) {
    const found = await api.references.list({ model: 'flight-delay', version });
    expect(found.map(({ kind, rows, rawRows, active }) => [kind, rows, rawRows, active])).toEqual([
      ['training-run', 50_009, 0, true],
      ['training-run', 50_009, 50_009, false],
      ['file', 12_437, 12_437, false],
    ]);
  }
  const slices = await api.slices.list({ endpoint: 'flight-delay' });
  expect(slices.map(({ name }) => name)).toEqual(['Evening departures', 'From Newark', '65 °F and warmer']);
  expect(await api.businessMetrics.list({ endpoint: 'flight-delay' })).toMatchObject([
    { name: 'Minutes late per flight - from the sample', combine: 'mean', good: 'lower', unit: 'min' },
  ]);
  await until(
    'the presets',
    async () => (await api.alerts.rules({ endpoint: 'flight-delay' })).length === 7,
    60_000,
  );
  const rules = await api.alerts.rules({ endpoint: 'flight-delay' });
  expect(rules.find(({ name }) => name === 'Accuracy fell')?.condition).toMatchObject({ from: 'reference' });
  // As metrics.json has it, measured by the training on the same flights.
  const { reference } = await api.monitoring.series({
    endpoint: 'flight-delay',
    series: { of: 'performance', metric: 'accuracy' },
  });
  expect(reference).toBeCloseTo(0.7759, 4);
});

it('serves both arms over HTTP as soon as they are loaded', async () => {
  await until(
    'both arms ready',
    async () =>
      (await api.serving.get({ name: 'flight-delay' })).arms.every(({ state }) => state === 'ready'),
    60_000,
  );
  expect((await api.serving.get({ name: 'flight-delay' })).url).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/v2\/models\/flight-delay\/infer$/,
  );
});

/** What ten days of flights come to, through the contract. */
async function expectWatched(): Promise<void> {
  const at = { endpoint: 'flight-delay' };
  const hour = 3_600_000;
  const { p50Ms, delay } = await api.labels.maturity(at);
  expect(p50Ms).toBeGreaterThan(4 * hour);
  expect(p50Ms).toBeLessThan(6 * hour);
  expect(delay.find(({ share }) => share > 0)?.afterMs).toBeGreaterThan(2 * hour);
  const estimated = await api.monitoring.series({ ...at, series: { of: 'estimated', metric: 'accuracy' } });
  expect(estimated.notes.join(' ')).toContain('learned from 12437 labelled rows of the reference');
  expect(estimated.points.some(({ value }) => value !== null && value > 0.6 && value < 0.95)).toBe(true);
  const [all, ...slices] = await api.slices.compare(at);
  for (const { slice, predictions } of slices)
    expect(predictions > 0 || slice?.name === '65 °F and warmer').toBe(true);
  expect(all?.predictions).toBeGreaterThan(5_000);
  const sums = stored<{ wrong: number }>(
    `SELECT count(*) AS wrong FROM slice s WHERE (SELECT coalesce(sum(predictions), 0) FROM cohort WHERE slice = s.number)
       <> (SELECT count(*) FROM prediction WHERE (slices >> s.bit) & 1 = 1)`,
  );
  expect(sums.wrong).toBe(0);
  const business = await api.businessMetrics.list(at);
  expect(business[0]?.points).toBeGreaterThan(6);
  expect(business[0]?.lagMs).toBe(30 * hour);
  const drifted = async () =>
    (await api.alerts.list(at)).alerts.find(({ series }) => 'feature' in series && series.feature === 'temp');
  await until('the alert of the temperature', async () => (await drifted()) !== undefined, 60_000);
  const { evidence } = await api.alerts.get({ id: (await drifted())?.id as string });
  expect(evidence.features[0]).toMatchObject({ feature: 'temp', level: 'large' });
  expect(evidence.changes.map(({ kind }) => kind)).toContain('route');
  expect(evidence.rollback).toMatchObject({ revision: 1 });
  // Nights without flights are no silence.
  const { alerts } = await api.alerts.list({ ...at, state: 'all', limit: 500 });
  expect(alerts.filter(({ series }) => series.of === 'volume')).toEqual([]);
  const report = await api.driftReports.create({
    ...at,
    reference: {
      kind: 'reference',
      id: (await api.references.list({ model: at.endpoint, version: '1' }))[1]?.id as string,
    },
    current: { kind: 'window', fromMs: Date.UTC(2013, 2, 15), toMs: Date.UTC(2013, 2, 22) },
  });
  expect(report).toMatchObject({ referenceRows: 50_009, currentRows: expect.any(Number) });
  expect(report.columns.find(({ column }) => column === 'temp')?.drifted).toBe(true);
  expect(report.columns.find(({ column }) => column === 'carrier')?.drifted).toBe(false);
  expect((await api.monitoring.capture(at)).countBytesPerDay).toBeGreaterThan(1_000);
}

it('plays flights through it: split, drift, late labels and accuracy appear', async () => {
  await api.replay.setSpeed({ speed: 172_800 });
  await until(
    '10,000 predictions',
    async () => (await api.overview.summary()).counts.predictions >= 10_000,
    120_000,
  );
  await api.replay.setSpeed({ speed: 21_600 });
  const { arms, points } = await api.monitoring.performance({ endpoint: 'flight-delay' });
  const all = arms.reduce((sum, arm) => sum + arm.predictions, 0);
  expect((arms.find(({ arm }) => arm === 'champion')?.predictions ?? 0) / all).toBeCloseTo(0.8, 1);
  for (const arm of arms) {
    expect(arm.labelled).toBeGreaterThan(500);
    expect(arm.accuracy).toBeGreaterThan(0.65);
    expect(arm.accuracy).toBeLessThan(0.9);
  }
  expect(points.some(({ mature }) => mature)).toBe(true);
  const drift = await api.monitoring.drift({ endpoint: 'flight-delay' });
  expect(drift).toHaveLength(13);
  expect(drift.find(({ feature }) => feature === 'temp')?.latest?.level).toBe('large');
  expect(drift.find(({ feature }) => feature === 'carrier')?.latest?.level).toBe('stable');
  await expectWatched();
  const live = await api.serving.recent({ name: 'flight-delay' });
  expect(live.some(({ arms: seconds }) => seconds.some(({ rows }) => rows > 0))).toBe(true);
  const { attention } = await api.overview.summary();
  expect(attention.map(({ id }) => id)).toContain('drift:flight-delay');
  const status = await api.replay.status();
  console.info(
    `replay: ${status.sent} sent, ${Math.round(status.requestsPerSecond)}/s, ${status.labels} labels`,
  );
});

it.each(['gateway', 'runner:cpu-0'])(
  'recovers from kill -9 of the %s within 2 s and counts nothing twice',
  async (id) => {
    const url = (await api.serving.get({ name: 'flight-delay' })).url;
    const pid = running.host.pidOf(id);
    const before = (await api.overview.summary()).counts.predictions;
    process.kill(pid, 'SIGKILL');
    await until(
      `${id} dead`,
      () => running.host.processes.list().some((p) => p.id === id && p.pid !== pid),
      20_000,
    );
    const recoveredMs = await until(
      'arms ready again',
      async () => {
        const endpoint = await api.serving.get({ name: 'flight-delay' });
        return endpoint.url === url && endpoint.arms.every(({ state }) => state === 'ready');
      },
      60_000,
    );
    const factor = await slowness();
    console.info(
      `${id}: recovered after ${Math.round(recoveredMs)} ms, machine ${factor.toFixed(1)} times slowed`,
    );
    expect(recoveredMs).toBeLessThan(2_000 * factor);
    await until(
      'traffic again',
      async () => (await api.overview.summary()).counts.predictions > before + 300,
      60_000,
    );
    const activities = await api.activity.list({});
    expect(activities.some(({ kind, title }) => kind === 'incident' && title.includes('restarted'))).toBe(
      true,
    );
  },
);

it('pauses where it stands, and the counts are the rows', async () => {
  const paused = await api.replay.pause();
  expect(paused.state).toBe('paused');
  await until(
    'every label due is joined and every row is logged',
    async () => {
      const now = await api.overview.summary();
      await new Promise((resolve) => setTimeout(resolve, 700));
      const then = await api.overview.summary();
      return (
        now.counts.predictions === then.counts.predictions && now.counts.labelled === then.counts.labelled
      );
    },
    60_000,
  );
  expectCountsEqualRows();
  const { sent, failed } = await api.replay.status();
  const { n } = stored<{ n: number }>('SELECT count(*) AS n FROM prediction');
  expect(failed).toBe(0);
  // What the killed gateway had answered and not yet handed on was sent again under the same ids.
  expect(n).toBe(sent);
});

it('goes on after the engine is opened again, from where it stood', async () => {
  await api.replay.start();
  await until('some rows', async () => (await api.replay.status()).requestsPerSecond > 0, 60_000);
  const before = await api.replay.status();
  await running.close();
  expectCountsEqualRows();
  running = await openTestEngine(workspace, { sample: true });
  api = running.api;
  const after = await api.replay.status();
  expect(after.nowMs).toBeGreaterThanOrEqual(before.fromMs as number);
  await until(
    'it runs on',
    async () => {
      const { state, sent } = await api.replay.status();
      return state === 'running' && sent > before.sent;
    },
    60_000,
  );
  expect(await api.experiments.list()).toHaveLength(1);
  await api.replay.pause();
  expectCountsEqualRows();
});

/** The engine killed with SIGKILL while it seeds and while it replays: the next one repairs and goes on. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, expect, it, vi } from 'vitest';
import { openTestEngine, type TestEngine, until } from '../../testing-engine.ts';

// Real processes on a machine that does other things as well: the limits inside say what must be quick.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const child = fileURLToPath(new URL('../../testing-engine-child.ts', import.meta.url));
const runsFile = fileURLToPath(new URL('../../../../resources/sample/runs.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lathe-sample-crash-'));
const workspace = join(folder, 'workspace');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One number out of the file itself; −1 while there is no such table yet. */
function count(sql: string): number {
  try {
    const db = new BetterSqlite3(join(workspace, 'lathe.db'), { readonly: true });
    try {
      return db.prepare(sql).pluck().get() as number;
    } finally {
      db.close();
    }
  } catch {
    return -1;
  }
}
const sampleState = () => count("SELECT value FROM workspace WHERE key = 'sample'") as unknown as string;

async function killWhen(what: string, reached: () => boolean, speed = 0): Promise<void> {
  const engine: ChildProcess = fork(child, [workspace, String(speed)], { stdio: 'ignore' });
  try {
    await until(what, reached, 90_000);
  } finally {
    engine.kill('SIGKILL');
    if (engine.exitCode === null && engine.signalCode === null) await once(engine, 'exit');
  }
}

it('finishes a seeding that was killed at several points, with nothing twice', async () => {
  await killWhen('some runs', () => count('SELECT count(*) FROM run') >= 4);
  expect(sampleState()).toBe('pending');
  expect(count("SELECT count(*) FROM run WHERE status = 'RUNNING'")).toBeGreaterThanOrEqual(0);
  await killWhen('more runs', () => count('SELECT count(*) FROM run') >= 9);
  await killWhen('a version', () => count('SELECT count(*) FROM model_version') >= 1);
  await killWhen('the endpoint', () => count('SELECT count(*) FROM endpoint') >= 1);

  const { api, close } = await openTestEngine(workspace, { sample: true });
  try {
    await until('the sample', async () => (await api.workspace.hello()).workspace.sample, 90_000);
    const runs = JSON.parse(readFileSync(runsFile, 'utf8')) as { name: string; metrics: unknown[] }[];
    expect(count('SELECT count(*) FROM experiment WHERE id > 0')).toBe(1);
    expect(count('SELECT count(*) FROM run')).toBe(runs.length);
    expect(count("SELECT count(*) FROM run WHERE status <> 'FINISHED'")).toBe(0);
    expect(count('SELECT count(*) FROM point')).toBe(
      runs.reduce((sum, { metrics }) => sum + metrics.length, 0),
    );
    expect(count('SELECT count(*) FROM dataset')).toBe(1);
    expect(count('SELECT count(*) FROM model_version')).toBe(2);
    expect(count('SELECT count(*) FROM endpoint')).toBe(1);
    expect((await api.replay.status()).state).toBe('running');
    await api.replay.pause();
  } finally {
    await close();
  }
});

/** Pauses the replay; then no row is lost or twice, and every sum is what counting the rows says. */
async function expectCountsToAgree(api: TestEngine['api']): Promise<void> {
  const predictions = () => count('SELECT count(*) FROM prediction');
  await api.replay.pause();
  const settled = async () => {
    const now = [predictions(), count('SELECT count(truth) FROM prediction')];
    await new Promise((resolve) => setTimeout(resolve, 800));
    return now[0] === predictions() && now[1] === count('SELECT count(truth) FROM prediction');
  };
  await until('everything under way is in', settled, 60_000);
  const { sent, failed, nowMs } = await api.replay.status();
  // No gateway died, so each row up to where it stands is logged once: none lost, none twice.
  const { fromMs } = await api.replay.status();
  expect(failed).toBe(0);
  expect(predictions()).toBe(sent);
  expect(count(`SELECT count(*) FROM prediction WHERE event_ms >= ${nowMs} OR event_ms < ${fromMs}`)).toBe(0);
  expect(count('SELECT sum(predictions) FROM cohort WHERE slice = 0')).toBe(sent);
  await until('the counts are rolled up', () => count('SELECT count(*) FROM pane_pending') === 0, 10_000);
  expect(count('SELECT sum(rows) FROM window_rows WHERE level = 2')).toBe(sent);
  expect(count('SELECT sum(labelled) FROM cohort WHERE slice = 0')).toBe(
    count('SELECT count(truth) FROM prediction'),
  );
  // Labels of the rows that landed long ago are all there.
  const day = 86_400_000;
  expect(
    count(
      `SELECT count(*) FROM prediction WHERE truth IS NULL AND event_ms < ${(nowMs as number) - 2 * day}`,
    ),
  ).toBe(0);
}

it('goes on with a replay that was killed, and every count is the number of its rows', async () => {
  const predictions = () => count('SELECT count(*) FROM prediction');
  for (let round = 0; round < 3; round++) {
    // The replay is paused when it begins: the first round starts it.
    if (round === 0) {
      const first = await openTestEngine(workspace, { sample: true });
      await first.api.replay.start();
      await until('rows', () => predictions() > 100, 60_000);
      await first.close();
    }
    const before = predictions();
    await killWhen(`rows of round ${round}`, () => predictions() >= before + 800, 86_400);
  }
  const { api, close } = await openTestEngine(workspace, { sample: true });
  try {
    const before = predictions();
    await until('it goes on by itself', () => predictions() > before + 200, 60_000);
    await expectCountsToAgree(api);
  } finally {
    await close();
  }
});

it('tells of drift once, however often the engine is killed as it does', async () => {
  const alerts = (where: string) => count(`SELECT count(*) FROM alert WHERE ${where}`);
  const ofTemperature = `subject = 'temp'`;
  const first = await openTestEngine(workspace, { sample: true });
  await first.api.replay.start();
  await first.close();
  // By the ninth day the temperature has drifted for three days running. Killed as soon as that is written down, and again.
  await killWhen('the alert', () => alerts(ofTemperature) > 0, 172_800);
  const before = count('SELECT count(*) FROM prediction');
  await killWhen('more rows', () => count('SELECT count(*) FROM prediction') > before + 500, 172_800);
  const { api, close } = await openTestEngine(workspace, { sample: true });
  try {
    const judged = alerts('1 = 1');
    await until(
      'two more days of flights',
      () => count('SELECT count(*) FROM prediction') > before + 2_500,
      90_000,
    );
    await expectCountsToAgree(api);
    // What is there is judged once more by a rule that is new, which looks at all of it.
    const { endpoint, series, condition } = (await api.alerts.rules({})).find(({ name }) =>
      name.startsWith('An input'),
    ) as Awaited<ReturnType<typeof api.alerts.rules>>[number];
    const rule = {
      endpoint,
      condition,
      forWindows: 1,
      series: { ...series, feature: 'temp' } as typeof series,
    };
    const { id } = await api.alerts.createRule({ ...rule, name: 'Again' });
    const again = async () =>
      (await api.alerts.list({ state: 'all' })).alerts.some(({ ruleId }) => ruleId === id);
    await until('the new rule', again, 60_000);
    expect(alerts('1 = 1')).toBeGreaterThanOrEqual(judged);
    const told = (await api.alerts.list({ state: 'all' })).alerts.filter(
      (alert) => alert.ruleId !== id && 'feature' in alert.series && alert.series.feature === 'temp',
    );
    expect(told.map(({ state }) => state)).toEqual(['firing']);
    const { history } = await api.alerts.get({ id: told[0]?.id as string });
    expect(history.filter(({ what }) => what === 'fired')).toHaveLength(1);
    // The business metric has each day whose figures have come, once.
    const { nowMs } = await api.replay.status();
    const day = 86_400_000;
    const due =
      Math.floor(((nowMs as number) - 6 * 3_600_000) / day) - Math.floor(Date.UTC(2013, 2, 15) / day);
    await until('the days', () => count('SELECT count(*) FROM business_point') === due, 10_000);
  } finally {
    await close();
  }
});

/** The first start: the sample is put in and the main job runs by itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../lib/app.ts';
import { until } from '../lib/processes.ts';
import { expectedProbability, infer, readyEndpoint } from '../lib/sample.ts';

test('a first start seeds the sample, and the main job runs on it', async ({ start }) => {
  const app = await start();
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  const endpoint = await readyEndpoint(app);
  expect(endpoint.arms.map(({ version, weight }) => ({ version, weight }))).toEqual([
    { version: '1', weight: 8000 },
    { version: '2', weight: 2000 },
  ]);

  const counts = await until('predictions and their labels', async () => {
    const summary = await app.call((rpc) => rpc.overview.summary());
    return summary.counts.labelled > 0 ? summary.counts : null;
  });
  expect(counts).toMatchObject({ experiments: 1, models: 1, versions: 2, endpoints: 1 });
  expect(counts.runs).toBeGreaterThan(1);
  await expect(app.page.getByRole('main').getByText(endpoint.name).first()).toBeVisible();
});

test('a request over HTTP is answered as training said', async ({ start }) => {
  const app = await start();
  const { url } = await readyEndpoint(app);
  const answer = await infer(url ?? '', 'e2e-1');
  expect(answer?.status).toBe(200);
  const { model_version, outputs, id } = (answer?.body ?? {}) as {
    model_version: string;
    id: string;
    outputs: { name: string; data: number[] }[];
  };
  expect(id).toBe('e2e-1');
  expect(outputs.find(({ name }) => name === 'probabilities')?.data[1]).toBeCloseTo(
    expectedProbability(model_version),
    4,
  );
});

test('a second start finds everything and seeds nothing', async ({ start }) => {
  const app = await start();
  await readyEndpoint(app);
  const before = await app.call((rpc) => rpc.overview.summary());
  await app.restart();
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await readyEndpoint(app);
  const after = await app.call((rpc) => rpc.overview.summary());
  for (const key of ['experiments', 'runs', 'models', 'versions', 'endpoints'] as const)
    expect(after.counts[key]).toBe(before.counts[key]);
  expect(after.counts.predictions).toBeGreaterThanOrEqual(before.counts.predictions);
});

test('start-up is measured', async ({ start, host }) => {
  test.skip(host === 'headless', 'only the desktop writes start-up marks; a browser tab is not ours to time');
  const marks = test.info().outputPath('ready.json');
  await start({ args: [`--ready-file=${marks}`] });
  const { timings } = await until('the start-up marks', () => JSON.parse(readFileSync(marks, 'utf8')));
  expect(timings.interactive).toBeGreaterThan(timings['app-ready']);
  expect(Object.keys(timings)).toEqual(
    expect.arrayContaining([
      'main',
      'app-ready',
      'engine-ready',
      'page-loaded',
      'window-shown',
      'interactive',
    ]),
  );
});

test('the smoke test of a build passes', async ({ host, start }) => {
  test.skip(host === 'headless', 'it proves the desktop build: window, utility processes, native modules');
  const report = test.info().outputPath('smoke.json');
  const app = await start({ args: [`--smoke-test=${report}`] });
  const { ok, checks } = await until(
    'the smoke report',
    () => JSON.parse(readFileSync(report, 'utf8')),
    55_000,
  );
  expect(checks.filter((check: { ok: boolean }) => !check.ok)).toEqual([]);
  expect(ok).toBe(true);
  expect(readFileSync(join(app.folder, 'profile', 'state.json'), 'utf8')).toContain('lastWorkspace');
});

test('a page that speaks while its window goes does not keep Lathe from ending', async ({ start, host }) => {
  test.skip(host === 'headless', 'there is no window behind a browser tab');
  const { electron } = await start({ sample: false });
  if (!electron) throw new Error('the desktop has an Electron');
  const main = electron.process();
  await electron.evaluate(({ app, BrowserWindow, ipcMain }) => {
    const message = { sender: null, senderFrame: null };
    BrowserWindow.getAllWindows()[0]?.once('closed', () =>
      ipcMain.emit('lathe:page', message, { lathe: 'connect' }),
    );
    app.quit();
  });
  await expect.poll(() => main.exitCode, { timeout: 20_000 }).toBe(0);
});

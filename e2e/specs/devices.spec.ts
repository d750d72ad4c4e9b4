/** What can run models, on both hosts: each starts the trial's process in its own way. */
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { readyEndpoint } from '../lib/sample.ts';

test('the CPU is tried and chosen where nothing else can be used, with every reason', async ({ start }) => {
  const app = await start({ sample: true });
  const devices = await app.call((rpc) => rpc.serving.reprobe());
  expect(devices).toMatchObject({ tried: true, trying: false, wish: 'auto' });
  const cpu = devices.findings.find(({ provider }) => provider === 'cpu');
  expect(cpu).toMatchObject({ state: 'usable', problems: [], trial: { speedup: 1 } });
  expect(cpu?.trial?.ms).toBeGreaterThan(0);
  const usable = devices.findings.find(({ state }) => state === 'usable');
  expect(devices.chosen.provider).toBe(usable?.provider);
  expect(devices.chosen.reason).not.toBe('');
  // The trial's process is no service, and no incident.
  const services = await app.call((rpc) => rpc.workspace.services());
  expect(services.map(({ id }) => id).filter((id) => id.startsWith('probe'))).toEqual([]);
  await expect
    .poll(async () => (await app.call((rpc) => rpc.serving.held())).models.map(({ provider }) => provider))
    .toContain(devices.chosen.provider);
});

test('what models run on is chosen for all of them and for one, tried again, and seen per model', async ({
  start,
}) => {
  const app = await start();
  const { page } = app;
  const { model, arms } = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  await app.goto('/serving');
  await page.getByRole('link', { name: 'Models and devices' }).click();
  const devices = page.getByRole('region', { name: 'Devices' });
  const wish = devices.getByLabel('Models run on');
  await wish.selectOption('Always the CPU');
  await expect
    .poll(() => app.call((rpc) => rpc.serving.devices()))
    .toMatchObject({ wish: 'cpu', chosen: { provider: 'cpu' } });
  await expect(devices.getByRole('status')).toContainText(/^CPU: ./);
  const versions = page.getByRole('table', { name: `Versions of ${model}` });
  const heads = await versions.getByRole('columnheader').allTextContents();
  const runsOn = heads.findIndex((head) => head.startsWith('Runs on'));
  for (const { version } of arms) {
    const cells = versions
      .getByRole('row')
      .filter({ hasText: `v${version}` })
      .locator('th, td');
    await expect(cells.nth(runsOn)).toHaveText('cpu');
  }

  const triedMs = (await app.call((rpc) => rpc.serving.devices())).triedMs ?? 0;
  await devices.getByRole('button', { name: 'Try again' }).click();
  await expect
    .poll(async () => (await app.call((rpc) => rpc.serving.devices())).triedMs ?? 0)
    .toBeGreaterThan(triedMs);
  await expect(devices.getByRole('button', { name: 'Try again' })).toBeEnabled();
  const cpu = devices.getByRole('listitem').filter({ hasText: 'CPU' }).first();
  await expect(cpu).toContainText(/usable.*trial [\d.,]+\s/);

  // One model may be put elsewhere than the others.
  await page.getByRole('button', { name: 'Batching and queue' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Runs on').selectOption('cpu');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  expect((await app.call((rpc) => rpc.serving.tuning({ model }))).tuning.provider).toBe('cpu');
  await wish.selectOption('The best there is');
  await expect.poll(async () => (await app.call((rpc) => rpc.serving.devices())).wish).toBe('auto');
  expect(await seriousViolations(page)).toEqual([]);
  expect(app.problems).toEqual([]);
});

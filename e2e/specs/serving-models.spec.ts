/** The models in memory: what they take, out of memory and back, and how they are batched and queued. */
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

test('a model is looked at in memory, unloaded, loaded and tuned', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const endpoint = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  await app.goto('/serving');
  await page.getByRole('link', { name: 'Models and devices' }).click();
  await expect(page.getByText(/MiB of .*[MG]iB/)).toBeVisible();
  const versions = page.getByRole('table', { name: `Versions of ${endpoint.model}` });
  for (const { version } of endpoint.arms)
    await expect(versions.getByRole('row').filter({ hasText: `v${version}` })).toContainText('ready');
  // What batches cost is known once there were some.
  await infer(endpoint.url ?? '', 'one');
  await expect(versions).toContainText('·n ms');
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Unload' }).click();
  await expect(page.getByText('its endpoints answer 503 until it is loaded again')).toBeVisible();
  await expect.poll(async () => (await infer(endpoint.url ?? '', 'while-unloaded'))?.status).toBe(503);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect.poll(async () => (await infer(endpoint.url ?? '', 'again'))?.status).toBe(200);

  const open = () => page.getByRole('button', { name: 'Batching and queue' }).click();
  const dialog = page.getByRole('dialog');
  await open();
  await dialog.getByLabel('Answer within (ms)').fill('0');
  await expect(dialog.getByText('From 1 to 600000.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
  // What would be later for the making anew is refused, and a slow machine takes more than a tenth of this for it.
  await dialog.getByLabel('Answer within (ms)').fill('800');
  await dialog.getByLabel('Priority').fill('2');
  await dialog.getByLabel('Threads of a run').fill('2');
  await dialog.getByLabel('Versions kept in memory').selectOption('latest');
  await dialog.getByLabel('How many of the newest').fill('2');
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(
    page.getByText('keeps those, and the newest 2 · answers within 800 ms · priority 2 · runs on 2 threads'),
  ).toBeVisible();
  // It is made anew with them, beside the one that serves meanwhile.
  expect((await infer(endpoint.url ?? '', 'on-two-threads'))?.status).toBe(200);

  // Someone else was quicker: nothing of theirs is lost, and it is said.
  await open();
  await app.call(async (rpc) => {
    const { model } = endpoint;
    const present = await rpc.serving.tuning({ model });
    await rpc.serving.setTuning({ ...present, tuning: { ...present.tuning, sloMs: 60 } });
  });
  await dialog.getByLabel('Priority').fill('1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('It was changed elsewhere meanwhile')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('answers within 60 ms · priority 2 · runs on 2 threads')).toBeVisible();
  expect(app.problems).toEqual([]);
});

test('a model that found no memory is loaded again once there is some', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const endpoint = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  const setBudget = (memoryBudgetBytes: number) =>
    app.call(async (rpc) => {
      const { revision, serving: present } = await rpc.settings.get();
      const serving = { ...present, memoryBudgetBytes };
      await rpc.settings.update({ revision, patch: { serving } });
    });
  await setBudget(1024 * 1024);
  await expect.poll(async () => (await infer(endpoint.url ?? '', 'no-memory'))?.status).toBe(503);
  await app.goto('/serving');
  await page.getByRole('link', { name: 'Models and devices' }).click();
  const again = page.getByRole('button', { name: 'Load again' });
  await expect(again).toBeVisible();
  await expect(page.getByText('LATHE_SERVING_MEMORY').first()).toBeVisible();
  await setBudget(0);
  await again.click();
  await expect.poll(async () => (await infer(endpoint.url ?? '', 'again'))?.status).toBe(200);
  await expect(again).toBeHidden();
  expect(app.problems).toEqual([]);
});

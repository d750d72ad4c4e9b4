/** A route is changed with the keyboard or the mouse, ramped by a plan, watched by a shadow, and taken back. */
import { type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

async function openRoute(app: App) {
  const endpoint = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  await app.goto(`/serving/${endpoint.name}?tab=route`);
  await app.page.getByRole('slider').first().waitFor();
  return endpoint as typeof endpoint & { url: string };
}

test('a boundary is moved, saved with a reason, and taken back from the history', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name } = await openRoute(app);
  const weights = () =>
    app.call(async (rpc) => (await rpc.serving.get({ name })).arms.map(({ weight }) => weight));

  const boundary = page.getByRole('slider', { name: 'Boundary between champion and challenger' });
  await boundary.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(boundary).toHaveAttribute('aria-valuenow', '68');
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText(/12\s%\sof units move from champion v1 to challenger v2/);
  await changes.getByLabel(/Reason/).fill('more for the new one');
  expect(await seriousViolations(page)).toEqual([]);
  await changes.getByRole('button', { name: 'Save route' }).click();
  await expect.poll(weights).toEqual([6_800, 3_200]);
  await expect(page.getByText('more for the new one')).toBeVisible();

  // The mouse moves it too, and the shares stay whole.
  const box = await boundary.boundingBox();
  if (!box) throw new Error('the boundary is not drawn');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x - 160, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  const dragged = Number(await boundary.getAttribute('aria-valuenow'));
  expect(dragged).toBeLessThan(68);
  await expect(page.getByLabel('Share of challenger in percent')).toHaveValue(String(100 - dragged));
  await changes.getByRole('button', { name: 'Discard' }).click();
  await expect(boundary).toHaveAttribute('aria-valuenow', '68');

  // Back to the first route: it says what that does before it does it.
  await page
    .getByRole('button', { name: /^Back to revision/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(/12\s%\sof units move from challenger v2 to champion v1/);
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await expect.poll(weights).toEqual([8_000, 2_000]);
  expect(app.problems).toEqual([]);
});

test('a change from elsewhere is not overwritten', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name } = await openRoute(app);
  await page.getByLabel('Share of challenger in percent').fill('50');
  await page.keyboard.press('Enter');
  await app.call(async (rpc) => {
    const { revision, arms, sticky, mode, shadow } = await rpc.serving.get({ name });
    const [first, second] = arms.map(({ key, version }) => ({ key, version }));
    if (!first || !second) throw new Error('two arms were expected');
    const moved = [
      { ...first, weight: 9_000 },
      { ...second, weight: 1_000 },
    ];
    await rpc.serving.setRoute({
      name,
      revision,
      route: { arms: moved, sticky, mode, shadow },
      reason: 'by a script',
    });
  });
  await expect(page.getByText('The route was changed elsewhere meanwhile')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save route' })).toBeDisabled();
  await page.getByRole('button', { name: 'Show it' }).click();
  await expect(page.getByLabel('Share of challenger in percent')).toHaveValue('10');
});

test('a canary is planned, started, paused, moved on and rolled back; a shadow watches', async ({
  start,
}) => {
  const app = await start();
  const { page } = app;
  const { name, url } = await openRoute(app);
  await page.getByText('Canary ramp', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Step 1' }).fill('60');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Each step must be larger than the one before.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save route' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'Step 1' }).fill('10');
  await page.keyboard.press('Enter');
  for (const step of [4, 3]) await page.getByRole('button', { name: `Remove step ${step}` }).click();
  await page.getByRole('textbox', { name: 'Step 2' }).fill('40');
  await page.keyboard.press('Enter');
  await page.getByRole('switch', { name: 'Shadow' }).check();
  await page.getByLabel('Copies').fill('100');
  await page.keyboard.press('Enter');
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('The canary waits until somebody starts it.');
  await expect(changes).toContainText('gets copies of');
  expect(await seriousViolations(page)).toEqual([]);
  await changes.getByRole('button', { name: 'Save route' }).click();

  const canary = page.getByRole('region', { name: 'Canary' });
  const share = () =>
    app.call(
      async (rpc) => (await rpc.serving.get({ name })).arms.find(({ key }) => key === 'challenger')?.weight,
    );
  await expect(canary).toContainText('not started');
  await canary.getByRole('button', { name: 'Start' }).click();
  await expect(canary).toContainText('Step 1 of 2');
  await expect.poll(share).toBe(1_000);
  await canary.getByRole('button', { name: 'Pause' }).click();
  await expect(canary).toContainText('Paused by hand');
  await canary.getByRole('button', { name: 'Resume' }).click();
  await canary.getByRole('button', { name: 'Next step now' }).click();
  await expect.poll(share).toBe(4_000);
  await expect(canary.getByRole('button', { name: 'Promote now' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await canary.getByRole('button', { name: 'Roll back' }).click();
  await expect(canary).toContainText('rolled back');
  await expect.poll(share).toBe(0);
  expect((await infer(url, 'after'))?.status).toBe(200);
  await expect(page.getByRole('heading', { name: /^Shadow v/ })).toBeVisible();
  expect(app.problems).toEqual([]);
});

test('a bandit is given the weights, and says what it goes by', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name } = await openRoute(app);
  await page.getByText('Bandit', { exact: true }).click();
  await page.getByLabel('Every arm keeps').fill('30');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/challenger has 20\s%, less than the floor of the bandit\./)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save route' })).toBeDisabled();
  await page.getByLabel('Every arm keeps').fill('10');
  await page.keyboard.press('Enter');
  await page.getByLabel('A unit is known by').selectOption('header');
  await page.getByLabel('Name of the header').fill('X-Customer');
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('The bandit moves the weights by the rewards that come in.');
  await expect(changes).toContainText('Units are known by the header x-customer from then on');
  await changes.getByRole('button', { name: 'Save route' }).click();
  const bandit = page.getByRole('region', { name: 'Bandit' });
  await expect(bandit.getByRole('row').filter({ hasText: 'challenger' })).toContainText(/20\s%/);
  await expect(bandit).toContainText(/Every arm keeps\s10\s%/);
  expect(await seriousViolations(page)).toEqual([]);
  const { mode, sticky } = await app.call((rpc) => rpc.serving.get({ name }));
  expect([mode.kind, sticky]).toEqual(['bandit', { kind: 'header', name: 'x-customer' }]);
  expect(app.problems).toEqual([]);
});

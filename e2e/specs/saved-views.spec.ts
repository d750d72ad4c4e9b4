/** A saved view brings an experiment's page back as it was: from the menu, from a link, and after a restart. */
import { expect, test } from '../lib/app.ts';
import { readyEndpoint } from '../lib/sample.ts';

test('a view is saved, changed, opened by its link and deleted with a way back', async ({ shared }) => {
  await readyEndpoint(shared);
  const [experiment] = await shared.call((rpc) => rpc.experiments.list());
  const path = `/experiments/${experiment?.id}`;
  await shared.goto(path);
  const { page } = shared;
  const filter = page.getByRole('combobox', { name: /filter/i });
  const rows = page.getByRole('status').filter({ hasText: /run/ }).first();
  await filter.fill("name LIKE 'gbm%'");
  await filter.press('Enter');
  await expect(rows).toHaveText(/^5 of 12 runs$/);

  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save as a new view' }).click();
  await page.getByLabel('Name').fill('Boosted');
  await page.getByLabel('Name').press('Enter');
  const menu = page.getByRole('button', { name: 'Boosted' });
  await expect(menu).toBeVisible();

  await filter.fill('');
  await filter.press('Enter');
  await expect(rows).toHaveText(/^12 runs$/);
  await expect(menu).toContainText('changed');
  await menu.click();
  await page.getByRole('menuitem', { name: 'Boosted', exact: true }).click();
  await expect(rows).toHaveText(/^5 of 12 runs$/);

  const [view] = await shared.call((rpc) => rpc.savedViews.list({ experimentId: experiment?.id ?? '' }));
  await shared.goto('/');
  await page.reload();
  await shared.goto(`${path}?saved=${view?.id}`);
  await expect(rows).toHaveText(/^5 of 12 runs$/);

  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete Boosted' }).click();
  await expect(page.getByRole('button', { name: 'Views', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect
    .poll(() => shared.call((rpc) => rpc.savedViews.list({ experimentId: experiment?.id ?? '' })))
    .toHaveLength(1);
});

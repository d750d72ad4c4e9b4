/** A watched model, as somebody reads it who was told that something moved: what, since when, why, and does it matter. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { mlflowOf } from '../lib/mlflow.ts';
import { until } from '../lib/processes.ts';
import { readyEndpoint } from '../lib/sample.ts';

/** The sample's endpoint with more than a whole day of hours judged, and the replay at rest. */
async function watchedEndpoint(app: App): Promise<string> {
  const { name } = await readyEndpoint(app);
  await until(
    'hours that are judged, and labels',
    async () => {
      const features = await app.call((rpc) => rpc.monitoring.drift({ endpoint: name, per: 'hour' }));
      const judged = features.filter(({ latest }) => latest && latest.level !== 'too-few');
      const longest = Math.max(0, ...features.map(({ trend }) => trend.length));
      return judged.length > 5 && longest > 30 ? true : null;
    },
    45_000,
  );
  await app.call((rpc) => rpc.replay.pause());
  return name;
}

test('health says what is going on, on one axis of time that is read by keyboard', async ({ start }) => {
  test.setTimeout(150_000);
  const app = await start();
  const { page } = app;
  const name = await watchedEndpoint(app);

  await app.goto('/monitoring');
  const row = page
    .getByRole('table', { name: 'Watched endpoints' })
    .getByRole('row')
    .filter({ hasText: name });
  await expect(row).toContainText(/predictions/);
  await row.getByRole('link').press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

  // The window size is kept in the address, goes along to other tabs, and is there again after a reload.
  // Two days of data are looked at by hour without being asked.
  await expect(page.getByRole('radio', { name: 'Hour' })).toBeChecked();
  await page.getByRole('radio', { name: 'Day' }).check({ force: true });
  await page.getByRole('radio', { name: 'Hour' }).check({ force: true });
  await expect(page.getByRole('region', { name: 'Summary' })).not.toBeEmpty();
  const lanes = page.getByRole('group', { name: /^Health over time/ });
  await expect(lanes.getByRole('img', { name: /^Accuracy/ })).toBeVisible();
  await expect(lanes.getByRole('img', { name: /^Rows served/ })).toBeVisible();
  await expect(lanes.getByRole('group', { name: /^Drift of / })).toHaveCount(7);
  await lanes.getByRole('button', { name: /^Show all/ }).click();
  await expect(lanes.getByRole('group', { name: /^Drift of / })).toHaveCount(13);

  await lanes.focus();
  await lanes.press('End');
  const cursor = page.getByRole('region', { name: 'Over time' }).locator('output');
  await expect(cursor).toContainText(/Mar 2013, \d\d:00/);
  const last = await cursor.textContent();
  await lanes.press('ArrowLeft');
  await expect(cursor).not.toHaveText(last ?? '');
  await lanes.press('Escape');
  await expect(cursor).toBeEmpty();

  // A number explains itself, and gives the focus back.
  const number = lanes.getByRole('button', { name: /^Explain PSI of/ }).first();
  await number.press('Enter');
  const explained = page.getByRole('dialog', { name: /Population stability index/ });
  await expect(explained).toContainText('Σ (r − c) · ln(r / c)');
  await expect(explained).toContainText('lathe.psi.frozen@1');
  expect(await seriousViolations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(explained).toBeHidden();
  await expect(number).toBeFocused();

  await page.getByRole('button', { name: 'Show as a table' }).click();
  await expect(page.getByRole('table', { name: 'Health over time' }).getByRole('row').nth(1)).toContainText(
    'Mar 2013',
  );
  await expect(page.getByRole('columnheader', { name: 'Drift of the score' })).toBeVisible();

  await page.getByRole('link', { name: 'Features', exact: true }).click();
  await expect(page).toHaveURL(/per=hour/);
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Hour' })).toBeChecked();
  expect(app.problems).toEqual([]);
});

test('features are found, sorted and scored by another method; one of them is taken apart', async ({
  start,
}) => {
  test.setTimeout(150_000);
  const app = await start();
  const { page } = app;
  const name = await watchedEndpoint(app);

  await app.goto(`/monitoring/${name}?tab=features&per=hour`);
  const table = page.getByRole('table', { name: 'Features' });
  await expect(table.getByRole('row')).toHaveCount(14);
  await page.getByLabel('Find a feature').fill('wind');
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.getByLabel('Find a feature').fill('nothing is called that');
  await expect(page.getByText('No feature fits this filter.')).toBeVisible();
  await page.getByLabel('Find a feature').fill('');
  await page.getByLabel('Score', { exact: true }).selectOption('lathe.ks.frozen@1');
  await expect(table.getByRole('columnheader', { name: 'KS distance' })).toBeVisible();
  await expect(page).toHaveURL(/method=lathe\.ks/);
  await expect(page.getByRole('region', { name: 'Data quality' })).toContainText('Newest event, UTC');
  expect(await seriousViolations(page)).toEqual([]);

  await table.getByRole('link', { name: 'temp' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'temp' })).toBeVisible();
  const scores = page.getByRole('table', { name: 'Scores of this span' });
  await expect(scores.getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('figure', { name: 'Distribution', exact: true })).toBeVisible();

  // A window is chosen by keyboard, and the page is about that one then.
  const before = await page.getByRole('button', { name: 'The hour after' }).isDisabled();
  expect(before).toBe(true);
  await page.getByRole('button', { name: 'The hour before' }).press('Enter');
  await expect(page).toHaveURL(/window=\d+/);
  await expect(page.getByRole('button', { name: 'The hour after' })).toBeEnabled();

  const map = page.getByRole('group', { name: /^Distribution over time/ });
  await map.focus();
  await map.press('ArrowLeft');
  await map.press('ArrowUp');
  const read = page.getByRole('figure', { name: /^Distribution over time/ }).locator('output');
  await expect(read).toContainText(/reference .*n \d/);
  await page.getByRole('button', { name: 'Show Distribution over time as table' }).click();
  await expect(
    page.getByRole('table', { name: 'Distribution over time' }).getByRole('row').nth(1),
  ).toContainText('Reference');
  expect(await seriousViolations(page)).toEqual([]);
  expect(app.problems).toEqual([]);
});

test('a reference is added from a file after a look at it, used, and removed; columns are masked', async ({
  start,
}) => {
  test.setTimeout(150_000);
  const app = await start();
  const { page } = app;
  const name = await watchedEndpoint(app);
  const file = join(app.folder, 'spring.csv');
  const rows = Array.from({ length: 400 }, (_, i) => `${20 + (i % 60)},${(i % 12) * 2.5},hello ${i}`);
  writeFileSync(file, ['temp,wind_speed,remark', ...rows].join('\n'));

  await app.goto(`/monitoring/${name}?tab=setup`);
  const references = page.getByRole('table', { name: 'References' });
  await expect(references.getByRole('row').first()).toBeVisible();
  const there = await references.getByRole('row').count();
  await page.getByRole('button', { name: 'Add a reference' }).click();
  await page.getByRole('menuitem', { name: 'From a file' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a reference from a file' });
  await dialog.getByLabel('Reference file').setInputFiles(file);
  const columns = dialog.getByRole('table', { name: 'Columns of the file' });
  await expect(columns.getByRole('row').filter({ hasText: 'temp' })).toContainText('input');
  await expect(columns.getByRole('row').filter({ hasText: 'remark' })).toContainText('not used');
  await expect(dialog.getByText('will not be watched')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Add reference' }).click();
  await expect(dialog).toBeHidden();
  await expect(references.getByRole('row')).toHaveCount(there + 1);
  const added = references.getByRole('row').filter({ hasText: 'spring' });

  await added.getByRole('button', { name: 'Actions for spring' }).click();
  await page.getByRole('menuitem', { name: 'Compare with this one' }).click();
  await expect(added).toContainText('compared with');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(added).not.toContainText('compared with');

  await added.getByRole('button', { name: 'Actions for spring' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  const confirm = page.getByRole('dialog', { name: 'Remove spring?' });
  await expect(confirm).toContainText('This cannot be undone.');
  await confirm.getByRole('button', { name: 'Remove' }).click();
  await expect(references.getByRole('row')).toHaveCount(there);

  // What the version was trained on, as its run logged it: looked at in the same way.
  const { model } = await app.call((rpc) => rpc.serving.get({ name }));
  const { runId } = await app.call((rpc) => rpc.models.version({ name: model, version: '1' }));
  const tracking = await mlflowOf(app);
  const { run } = await tracking.call<{ run: { info: { artifact_uri: string } } }>(
    'GET',
    `runs/get?run_id=${runId}`,
  );
  const folder = run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
  await tracking.put(`${folder}/data/spring.csv`, readFileSync(file));
  await page.getByRole('button', { name: 'Add a reference' }).click();
  await page.getByRole('menuitem', { name: 'From the run’s files' }).click();
  const ofRun = page.getByRole('dialog', { name: 'Add a reference from the run’s files' });
  await ofRun.getByRole('radio', { name: 'data/spring.csv' }).check();
  const seen = ofRun.getByRole('table', { name: 'Columns of the file' });
  await expect(seen.getByRole('row').filter({ hasText: 'temp' })).toContainText('input');
  await ofRun.getByLabel('Column with the score (optional)').selectOption('remark');
  await ofRun.getByRole('button', { name: 'Add reference' }).click();
  await expect(ofRun.getByText(/remark/).last()).toBeVisible();
  await ofRun.getByLabel('Column with the score (optional)').selectOption('None');
  await ofRun.getByRole('button', { name: 'Add reference' }).click();
  await expect(ofRun).toBeHidden();
  await expect(references.getByRole('row')).toHaveCount(there + 1);

  const masked = page.getByRole('checkbox', { name: 'dest' });
  // It is checked once the engine has it.
  await masked.click();
  await until('the mask', async () => {
    const { settings } = await app.call((rpc) => rpc.monitoring.capture({ endpoint: name }));
    return settings.masked.includes('dest') ? true : null;
  });
  await expect(masked).toBeChecked();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(masked).not.toBeChecked();
  expect(app.problems).toEqual([]);
});

test('before the first row, every tab says what would be there and how it comes to be', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { model } = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  await app.call((rpc) => rpc.serving.create({ name: 'quiet', model, version: '1' }));
  await app.goto('/monitoring/quiet');
  await expect(page.getByText('No prediction has been seen yet')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  for (const [tab, text] of [
    ['Features', /Data quality/],
    ['Performance', /labels?/i],
    ['Slices', /slice/i],
    ['Business', /business metric/i],
    ['Reports', /report/i],
    ['Setup', /Masked columns/],
  ] as const) {
    await page.getByRole('navigation', { name: 'Parts of quiet' }).getByRole('link', { name: tab }).click();
    await expect(page.getByRole('main')).toContainText(text);
    await expect(page.getByRole('main').getByText('could not be')).toHaveCount(0);
    expect(await seriousViolations(page), tab).toEqual([]);
  }
  expect(app.problems).toEqual([]);
});

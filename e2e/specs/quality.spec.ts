/** What becomes of predictions: labels from a file, performance with maturity, a slice beside the rest. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { until } from '../lib/processes.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

test('labels come from a file, and say what became of each row', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name, url } = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  for (const id of ['one', 'two']) await infer(url ?? '', id);
  await until('the predictions', async () => {
    const rows = await app.call((rpc) => rpc.monitoring.predictions({ endpoint: name, limit: 50 }));
    return rows.some(({ id }) => id.endsWith('two')) ? true : null;
  });
  const rows = await app.call((rpc) => rpc.monitoring.predictions({ endpoint: name, limit: 50 }));
  const ids = rows.map(({ id }) => id).filter((id) => /one$|two$/.test(id));
  const file = join(app.folder, 'labels.csv');
  writeFileSync(file, ['prediction_id,label', ...ids.map((id) => `${id},1`), 'nobody,1', ''].join('\n'));

  await app.goto(`/monitoring/${name}?tab=performance`);
  await page.getByRole('button', { name: 'Add labels' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add labels' });
  await dialog.getByLabel('File of labels').setInputFiles(file);
  await expect(dialog).toContainText('3 rows');
  await dialog.getByText('By entity and time').click();
  await dialog.getByRole('button', { name: 'Add 3 labels' }).click();
  await expect(dialog.getByText('Choose the column with the entity.')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByText('By the prediction’s id').click();
  await dialog.getByLabel('Label', { exact: true }).selectOption('label');
  await dialog.getByLabel('Prediction id').selectOption('prediction_id');
  await dialog.getByRole('button', { name: 'Add 3 labels' }).click();
  await expect(dialog).toContainText('2 labels of 3 rows joined a prediction.');
  await expect(dialog).toContainText('Without a prediction');
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByLabel('Labels with curl')).toContainText('/v2/lathe/feedback');
  expect(app.problems).toEqual([]);
});

test('performance is read over time and in full, and a slice stands beside the rest', async ({ start }) => {
  test.setTimeout(120_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  await until(
    'days with labels',
    async () => {
      const { points } = await app.call((rpc) =>
        rpc.monitoring.series({
          endpoint: name,
          per: 'day',
          series: { of: 'performance', metric: 'accuracy' },
        }),
      );
      return points.filter(({ value, mature }) => value !== null && mature).length >= 3 ? true : null;
    },
    60_000,
  );
  await app.call((rpc) => rpc.replay.pause());
  await app.goto(`/monitoring/${name}?tab=performance`);
  await expect(page.getByRole('figure', { name: 'Accuracy over time' })).toBeVisible();
  const metrics = page.getByRole('table', { name: 'Metrics' });
  await expect(metrics.getByRole('row').filter({ hasText: 'ROC AUC' })).toContainText(/0\.\d{3} to 0\.\d{3}/);
  await expect(page.getByRole('table', { name: 'Confusion matrix' })).toContainText('true negatives');
  await expect(page.getByRole('figure', { name: 'Calibration' })).toBeVisible();
  await expect(page.getByRole('figure', { name: 'Delay until the label' })).toBeVisible();
  await page.getByRole('button', { name: /^Explain Accuracy: / }).click();
  await expect(page.getByText('(TP + TN) / n')).toBeVisible();
  await page.keyboard.press('Escape');
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByLabel('Metric', { exact: true }).selectOption('log-loss');
  await expect(page.getByRole('heading', { name: 'Log loss over time' })).toBeVisible();

  await app.goto(`/monitoring/${name}?tab=slices`);
  await page.getByRole('button', { name: 'Make a slice' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a slice' });
  await dialog.getByRole('button', { name: 'Make slice' }).click();
  await expect(dialog.getByText('Choose a feature.')).toBeVisible();
  await dialog.getByLabel('Feature').selectOption('origin');
  await dialog.getByText('EWR', { exact: true }).click();
  await expect(dialog.getByPlaceholder('origin is EWR')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make slice' }).click();
  const table = page.getByRole('table', { name: 'Slices' });
  const row = table.getByRole('row').filter({ hasText: 'origin is EWR' });
  await expect(row).toContainText(/\d\d\.\d\s%/, { timeout: 20_000 });
  await expect(page.getByRole('region', { name: 'origin is EWR' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  await row.getByRole('button', { name: 'Actions on origin is EWR' }).click();
  await page.getByRole('menuitem', { name: 'Make an alert of it' }).click();
  const rule = page.getByRole('dialog', { name: 'Make an alert rule' });
  await expect(rule.getByLabel('Slice').locator('option:checked')).toHaveText('origin is EWR');
  await rule.getByRole('button', { name: 'Cancel' }).click();
  await row.getByRole('button', { name: 'Actions on origin is EWR' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

/** Two files compared column by column, and figures of the business beside the model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { until } from '../lib/processes.ts';
import { readyEndpoint } from '../lib/sample.ts';
import { savedFile } from '../lib/saved.ts';

const rows = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

test('two files are compared, and a column opens its bins', async ({ start }) => {
  test.setTimeout(90_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  const [reference, current] = [join(app.folder, 'before.csv'), join(app.folder, 'after.csv')];
  writeFileSync(reference, `temp,carrier,gate\n${rows(1200, (at) => `${at % 40},${'ABC'[at % 3]},x`)}\n`);
  writeFileSync(current, `temp,carrier\n${rows(1200, (at) => `${(at % 40) + 25},${'ABC'[at % 3]}`)}\n`);

  await app.goto(`/monitoring/${name}?tab=reports`);
  await page.getByRole('button', { name: 'Make a report' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a report' });
  await dialog.getByText('Two files', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Make report' }).click();
  await expect(dialog.getByText('Choose the file that is compared with.')).toBeVisible();
  await dialog.getByLabel('Reference', { exact: true }).setInputFiles(reference);
  await dialog.getByLabel('Current', { exact: true }).setInputFiles(current);
  await expect(dialog.getByText(/, ready/)).toHaveCount(2);
  await dialog.getByRole('button', { name: 'Set a column’s own method' }).click();
  await dialog.getByRole('button', { name: 'Make report' }).click();
  await expect(dialog.getByText('Enter the name of a column.')).toBeVisible();
  await dialog.getByLabel('Column', { exact: true }).fill('carrier');
  await dialog.getByLabel('Its method').selectOption('PSI');
  await dialog.getByLabel('It drifted at').fill('0,3');
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make report' }).click();
  await expect(dialog).toBeHidden({ timeout: 30_000 });

  await expect(page.getByText('The dataset drifted: 1 of 2 columns with a score did.')).toBeVisible();
  await expect(page.getByText(/Only the reference has gate/)).toBeVisible();
  const columns = page.getByRole('table', { name: 'Columns' });
  await expect(columns.getByRole('row').filter({ hasText: 'temp' })).toContainText('Wasserstein distance');
  await expect(columns.getByRole('row').filter({ hasText: 'carrier' })).toContainText('not drifted');
  await expect(columns.getByRole('row').filter({ hasText: 'carrier' })).toContainText('PSI');
  expect(await seriousViolations(page)).toEqual([]);
  await columns.getByRole('button', { name: 'temp', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'temp' })).toContainText('Mean 44.5, in the reference 19.5.');
  await page.keyboard.press('Escape');
  const report = await savedFile(app, () => page.getByRole('button', { name: 'Save as HTML' }).click());
  await expect(page.getByText(`${report.name} is saved`)).toBeVisible();
  expect(report.name).toMatch(/\.html$/);
  // A whole page with what was seen here, that asks nobody for anything.
  expect(report.text).toMatch(/^<!doctype html>/i);
  for (const part of ['after.csv', 'before.csv', 'temp', 'carrier', '44.5'])
    expect(report.text).toContain(part);
  expect(report.text).not.toMatch(/<(script|link|img)[^>]*(src|href)="https?:/i);

  await page.getByRole('button', { name: /^Remove / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No report yet')).toBeVisible();
  expect(app.problems).toEqual([]);
});

test('business figures are defined, imported and laid beside the model', async ({ start }) => {
  test.setTimeout(90_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  await app.goto(`/monitoring/${name}?tab=business`);
  await page.getByRole('button', { name: 'Define a metric' }).click();
  const define = page.getByRole('dialog', { name: 'Define a business metric' });
  await define.getByLabel('Name').fill('bookings:');
  await expect(define.getByText(/letters, digits, space/)).toBeVisible();
  await define.getByLabel('Name').fill('bookings');
  await define.getByLabel('Values of one window become').selectOption('sum');
  await define.getByRole('button', { name: 'Define metric' }).click();
  await expect(define).toBeHidden();

  const file = join(app.folder, 'bookings.csv');
  writeFileSync(file, `at,value\n2013-03-15,310\n2013-03-16,298\nsome day,12\n`);
  await page.getByRole('button', { name: 'Import CSV' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import business metrics' });
  await dialog.getByLabel('File of values').setInputFiles(file);
  await dialog.getByLabel(/^Metric/).fill('bookings');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog).toContainText('2 values of 3 rows added.');
  await expect(dialog).toContainText('some day');
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('table', { name: 'Business metrics' })).toContainText('sum of the values');
  await expect(page.getByRole('region', { name: 'Does it move with the model?' })).toContainText(/cause/);
  await expect(page.getByLabel('Business metrics with curl')).toContainText('/v2/lathe/business-metrics');
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove bookings' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Remove bookings' })).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test('the health of an endpoint is saved as one page', async ({ start }) => {
  test.setTimeout(90_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  await until('an hour of flights', async () => {
    const { points } = await app.call((rpc) =>
      rpc.monitoring.series({ endpoint: name, per: 'hour', series: { of: 'volume' } }),
    );
    return points.some(({ complete }) => complete) ? true : null;
  });
  await app.call((rpc) => rpc.replay.pause());
  await app.goto(`/monitoring/${name}?tab=reports`);
  const health = await savedFile(app, () =>
    page.getByRole('button', { name: 'Save health as HTML' }).click(),
  );
  await expect(page.getByText(`${health.name} is saved`)).toBeVisible();
  expect(health.name).toMatch(/\.html$/);
  expect(health.text).toMatch(/^<!doctype html>/i);
  expect(/<title>([^<]+)/.exec(health.text)?.[1]).toContain(name);
  expect(health.text).toContain('temp');
  expect(health.text).not.toMatch(/<(script|link|img)[^>]*(src|href)="https?:/i);
  expect(app.problems).toEqual([]);
});

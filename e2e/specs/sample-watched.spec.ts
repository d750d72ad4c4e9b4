/** The sample after some weeks of flights, as somebody sees it: where accuracy fell, and the alert that says what drifted. */
import type { Alert } from '../../src-main/contract/alerts.ts';
import { expect, test } from '../lib/app.ts';
import { until } from '../lib/processes.ts';
import { readyEndpoint } from '../lib/sample.ts';

const FASTEST = 172_800;

// It plays tens of thousands of requests as fast as they are answered.
test('accuracy that fell in a slice is seen, and a drift alert opens on its evidence', {
  tag: '@alone',
}, async ({ start }) => {
  test.setTimeout(360_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  // A page that draws nothing of it meanwhile.
  await app.goto('/settings');
  await app.call((rpc) => rpc.replay.setSpeed({ speed: FASTEST }));
  const ofTemp = ({ series, state }: Alert) =>
    series.of === 'drift' && series.feature === 'temp' && state === 'firing';
  const fell = 'Evening departures';
  const alert = await until(
    'accuracy that fell in the slice, and an alert of the temperature',
    () =>
      app.call(async (rpc) => {
        const { alerts } = await rpc.alerts.list({ endpoint: name, state: 'open', limit: 200 });
        const found = alerts.find(ofTemp);
        const slice = (await rpc.slices.list({ endpoint: name })).find((each) => each.name === fell);
        if (!found || !slice) return null;
        const { points } = await rpc.monitoring.series({
          ...{
            endpoint: name,
            per: 'day',
            slice: slice.id,
            series: { of: 'performance', metric: 'accuracy' },
          },
        });
        const values = points.flatMap(({ value, n }) => (value !== null && n >= 200 ? [value] : []));
        if (Math.max(...values) - (values.at(-1) ?? 1) < 0.04) return null;
        await rpc.replay.pause();
        return found;
      }),
    300_000,
  );

  await app.goto(`/monitoring/${name}?tab=slices`);
  const row = page.getByRole('table', { name: 'Slices' }).getByRole('row').filter({ hasText: fell });
  await expect(row).toContainText('apart');
  await expect(row).toContainText(/[−-]\d+\.\d points/);
  await row.getByRole('button', { name: fell, exact: true }).click();
  // Over time, as a table: what it was at its best, and what it has come to.
  const overTime = page.getByRole('region', { name: fell });
  await overTime.getByRole('button', { name: /^Show Accuracy as table/ }).click();
  await expect
    .poll(async () => {
      const rows = await overTime.getByRole('table').getByRole('row').all();
      const cells = await Promise.all(
        rows.slice(1).map((one) => one.getByRole('cell').first().textContent()),
      );
      const values = cells.map((text) => Number.parseFloat(text ?? '')).filter(Number.isFinite);
      return Math.max(...values) - (values.at(-1) ?? Number.NaN);
    })
    .toBeGreaterThan(3);

  await app.goto('/alerts');
  const title = alert.title.replace(` on ${name}`, '');
  await page.getByRole('link', { name: title, exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  const moved = page.getByRole('region', { name: 'What moved' });
  const temp = moved.getByRole('listitem').filter({ hasText: 'temp' }).first();
  await expect(temp).toContainText(/PSI\s*\d/);
  // Both sides, bin by bin.
  await temp.getByRole('button', { name: 'Show Distribution of temp as table' }).click();
  const bins = temp.getByRole('table');
  await expect(bins.getByRole('columnheader').filter({ hasText: /reference/i })).toBeVisible();
  expect(await bins.getByRole('row').count()).toBeGreaterThan(5);
  const cells = await bins.getByRole('row').nth(1).getByRole('cell').allTextContents();
  expect(cells.length).toBeGreaterThanOrEqual(2);
  for (const cell of cells) expect(cell).toMatch(/\d/);
  await expect(page.getByRole('region', { name: 'What changed lately' })).toBeVisible();
  expect(app.problems).toEqual([]);
});

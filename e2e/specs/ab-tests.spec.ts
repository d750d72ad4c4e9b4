/** The result of a split, as somebody reads it who has to decide: is the split sound, what does it say, on what. */
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { until } from '../lib/processes.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

test('a test is read, planned, and fed with rewards', async ({ start }) => {
  test.setTimeout(120_000);
  const app = await start();
  const { page } = app;
  const { name, url } = await readyEndpoint(app);
  // The replay brings predictions and their labels.
  await until(
    'labels in both arms',
    async () => {
      const { arms } = await app.call((rpc) => rpc.abTests.result({ endpoint: name, metric: 'accuracy' }));
      return arms.every(({ n }) => n > 60) ? true : null;
    },
    40_000,
  );
  await app.call((rpc) => rpc.replay.pause());
  await app.goto(`/serving/${name}?tab=test`);
  const ratio = page.getByRole('region', { name: 'Are the units split as planned?' });
  await expect(ratio.getByRole('row').filter({ hasText: 'challenger' })).toContainText(/20\.00\s%/);
  await expect(page.getByRole('region', { name: 'Verdict' })).not.toBeEmpty();
  const arms = page.getByRole('table', { name: 'Results by arm' });
  await expect(arms.getByRole('row').filter({ hasText: 'champion' })).toContainText('baseline');
  await expect(arms.getByRole('row').filter({ hasText: 'challenger' })).toContainText(/\d\s%/);
  // Latency by arm: in the model per row, and from arrival to answer; median and 95th percentile of each.
  const heads = await arms.getByRole('columnheader').allTextContents();
  for (const head of ['In the model, per row', 'Answer'])
    for (const arm of ['champion', 'challenger']) {
      const cells = arms.getByRole('row').filter({ hasText: arm }).locator('th, td');
      await expect(
        cells.nth(heads.findIndex((text) => text.startsWith(head))),
        `${head} of ${arm}`,
      ).toHaveText(/^[\d.,]+\s(µs|ms|s) \/ [\d.,]+\s(µs|ms|s)$/);
    }
  await expect(page.getByRole('figure', { name: 'Difference over time' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  // Another question: there is no answer to it yet, and it says how to bring one.
  await page.getByLabel('Metric').selectOption('reward-mean');
  await page.getByLabel('Smallest difference that matters').fill('none');
  await expect(page.getByText('Write a number above 0, or leave it empty.')).toBeVisible();
  await page.getByLabel('Smallest difference that matters').fill('0.2');
  await page.getByRole('button', { name: 'Save plan' }).click();
  await expect(page.getByText('There is no mean reward yet.')).toBeVisible();
  await expect(page.getByLabel('Feedback with curl')).toContainText('/v2/lathe/feedback');
  expect(await seriousViolations(page)).toEqual([]);

  const feedback = new URL('/v2/lathe/feedback', url ?? '').href;
  const items = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const requestId = `rewarded-${at}`;
      await infer(url ?? '', requestId, at % 3);
      return { requestId, reward: at % 2 };
    }),
  );
  await fetch(feedback, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items }),
  });
  await expect(page.getByText('There is no mean reward yet.')).toBeHidden();
  await expect(page.getByLabel('Metric')).toHaveValue('reward-mean');
  await expect(page.locator('option', { hasText: 'Mean reward (40 values)' })).toHaveCount(1);
  expect(app.problems).toEqual([]);
});

test('an endpoint with one arm has nothing to compare, and says how to begin', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { model } = await readyEndpoint(app);
  await app.call((rpc) => rpc.serving.create({ name: 'alone', model, version: '1' }));
  await app.goto('/serving/alone?tab=test');
  await page.getByRole('link', { name: 'add an arm to the route' }).click();
  await expect(page.getByRole('button', { name: 'Add an arm' })).toBeVisible();
});

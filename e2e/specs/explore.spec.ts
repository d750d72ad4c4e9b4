/** The charts of an experiment: they hold its data, refine when zoomed, move while a run logs, and pick runs. */
import type { Locator, Page } from '@playwright/test';
import { type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { mlflowOf, points } from '../lib/mlflow.ts';

const VIEWS = ['Table', 'Lines', 'Parallel', 'Scatter', 'Bars', 'Importance'] as const;
const RUN = 'gbm-d4-slow';

async function openExperiment(app: App, name: string, query = ''): Promise<string> {
  const found = await app.call((rpc) => rpc.experiments.list());
  const id = found.find((one) => one.name === name)?.id;
  if (!id) throw new Error(`there is no experiment ${name}`);
  await app.goto(`/experiments/${id}${query}`);
  await expect(app.page.getByRole('heading', { level: 1, name })).toBeVisible();
  return id;
}

const viewSwitch = (page: Page, name: string): Locator =>
  page.getByRole('radiogroup', { name: 'View' }).getByText(name, { exact: true });

const chartOf = (page: Page, title: string): Locator =>
  page.getByRole('group', { name: `${title}. Left and right` });

/** Points that the chart's last complete picture shows; null before there is one. */
const pointsOf = async (chart: Locator): Promise<number | null> => {
  const text = await chart.getAttribute('data-points');
  return text === null ? null : Number(text);
};

async function dragAcross(page: Page, chart: Locator, from: number, to: number): Promise<void> {
  const box = await chart.locator('.u-over').boundingBox();
  if (!box) throw new Error('the chart has no pane');
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 6 });
  await page.mouse.up();
}

/** What is there once a view has drawn the sample's runs. */
const SHOWN: Record<(typeof VIEWS)[number], (page: Page) => Locator> = {
  Table: (page) => page.getByRole('link', { name: RUN }),
  Lines: (page) => page.locator('[data-points]').first(),
  Parallel: (page) => page.locator('[data-painted]'),
  Scatter: (page) => page.locator('[data-painted]'),
  Bars: (page) => page.getByRole('table').getByRole('link', { name: RUN }),
  Importance: (page) => page.getByTitle(/as a scatter plot$/).first(),
};

for (const theme of ['light', 'dark'] as const)
  for (const view of VIEWS)
    test(`${view} shows the sample’s runs and can be used by everyone, ${theme}`, async ({ shared }) => {
      const before = shared.problems.length;
      const { page } = shared;
      await shared.call(async (rpc) => {
        const { revision } = await rpc.settings.get();
        await rpc.settings.update({ revision, patch: { theme } });
      });
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      await openExperiment(shared, 'flight-delay');
      await viewSwitch(page, view).click();
      await expect(SHOWN[view](page)).toBeVisible();
      expect(await seriousViolations(page)).toEqual([]);
      expect(shared.problems.slice(before)).toEqual([]);
    });

test('the view is part of the address, and every chart has a text and a table', async ({ shared }) => {
  const { page } = shared;
  await openExperiment(shared, 'flight-delay', '?view=parallel');
  await expect(page.getByRole('radio', { name: 'Parallel' })).toBeChecked();
  await expect(page.getByRole('figure', { name: 'Parallel coordinates' })).toContainText(
    '12 runs as lines through',
  );
  await page.getByRole('button', { name: 'Show Parallel coordinates as table' }).click();
  await expect(page.getByRole('region', { name: 'Parallel coordinates, table' })).toContainText(RUN);
  await openExperiment(shared, 'flight-delay', '?view=lines&metric=validation_auc');
  await expect(page.getByRole('figure', { name: 'validation_auc' })).toContainText('latest 0.7');
  await page.getByRole('button', { name: 'All metrics' }).click();
  await expect(page.getByRole('button', { name: 'Enlarge validation_auc' })).toBeVisible();
});

test('a saved view brings its chart back as it was set up', async ({ shared }) => {
  const { page } = shared;
  await openExperiment(shared, 'flight-delay', '?view=bars');
  const grouping = page.getByRole('combobox', { name: 'Group by' });
  await grouping.selectOption({ label: 'Status' });
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Save as a new view' }).click();
  await page.getByLabel('Name').fill('By status');
  await page.getByLabel('Name').press('Enter');
  const menu = page.getByRole('button', { name: /^By status/ });
  await expect(menu).toBeVisible();
  await grouping.selectOption({ label: 'Nothing' });
  await expect(menu).toContainText('changed');
  await viewSwitch(page, 'Table').click();
  await menu.click();
  await page.getByRole('menuitem', { name: 'By status', exact: true }).click();
  await expect(page.getByRole('radio', { name: 'Bars' })).toBeChecked();
  await expect(grouping.locator('option:checked')).toHaveText('Status');
  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete By status' }).click();
  await expect(page.getByRole('button', { name: 'Views', exact: true })).toBeVisible();
});

test('a parameter’s importance leads to its scatter plot', async ({ shared }) => {
  const { page } = shared;
  await openExperiment(shared, 'flight-delay', '?view=importance');
  const first = page.getByTitle(/as a scatter plot$/).first();
  await expect(first).toBeVisible();
  const param = await first.textContent();
  await first.click();
  await expect(page.getByRole('figure', { name: new RegExp(`over ${param}`) })).toBeVisible();
});

test('zoom asks for finer points, and one spike among many thousand points is seen', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const mlflow = await mlflowOf(app);
  const experiment = await mlflow.experiment('long');
  const run = await mlflow.run(experiment, 'one');
  const spike = 13_337;
  await mlflow.log(
    run,
    points('loss', 20_000, (step) => (step === spike ? 100 : Math.sin(step / 50))),
  );
  await openExperiment(app, 'long', '?view=lines&metric=loss');
  const chart = chartOf(page, 'loss');
  await expect.poll(() => pointsOf(chart)).toBeGreaterThan(200);
  const whole = (await pointsOf(chart)) ?? 0;
  expect(whole).toBeLessThanOrEqual(2000);
  // The points are there a frame before they are painted.
  await expect.poll(() => inkAtTop(page), 'the spike over the whole range').toBeGreaterThan(0);

  // A tenth of the range around the spike: as many points in it as before in all of it, so ten times as fine.
  await dragAcross(page, chart, 0.617, 0.717);
  await expect(page.getByRole('button', { name: 'Whole range' }).first()).toBeVisible();
  await expect.poll(() => pointsOf(chart)).toBeGreaterThan(whole * 0.4);
  await expect.poll(() => inkAtTop(page), 'the spike when zoomed').toBeGreaterThan(0);

  await chart.focus();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Whole range' })).toHaveCount(0);
  await expect.poll(() => pointsOf(chart)).toBe(whole);
});

test('a running experiment moves on screen while it logs', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const mlflow = await mlflowOf(app);
  const experiment = await mlflow.experiment('live');
  const run = await mlflow.run(experiment, 'only');
  await mlflow.log(
    run,
    points('loss', 2, () => 5),
  );
  await openExperiment(app, 'live', '?view=lines');
  const figure = page.getByRole('figure', { name: 'loss' });
  await expect(figure).toContainText('over 2 points');
  await expect(page.getByRole('complementary', { name: 'Runs in the charts' })).toContainText('running');
  for (const [at, value] of [4, 3, 2].entries()) {
    await mlflow.log(
      run,
      points('loss', 10, () => value, 2 + at * 10),
    );
    await expect(figure).toContainText(`latest ${value}, from ${value} to 5 over ${12 + at * 10} points`);
    await expect.poll(() => pointsOf(chartOf(page, 'loss'))).toBe(12 + at * 10);
  }
  await mlflow.finish(run);
  await expect(page.getByRole('complementary', { name: 'Runs in the charts' })).not.toContainText('running');
});

test('brushes pick runs, by pointer and by keyboard, and the table has them selected', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const mlflow = await mlflowOf(app);
  const experiment = await mlflow.experiment('sweep');
  for (let at = 0; at <= 10; at++) {
    const run = await mlflow.run(experiment, `run-${at}`, { depth: at, optimizer: at % 2 ? 'adam' : 'sgd' });
    await mlflow.log(run, [{ key: 'accuracy', value: at / 10, step: 0, timestamp: Date.now() }]);
    await mlflow.finish(run);
  }
  await openExperiment(app, 'sweep', '?view=parallel');
  await expect(page.locator('[data-painted]')).toBeVisible();

  // The upper part of the axis of depth: 0 to 10 from the bottom up, so 6 to 10.
  const axis = page.getByRole('group', { name: 'Axis depth' });
  const scale = await axis.locator('svg.overflow-visible').boundingBox();
  const [lowEnd, highEnd] = [
    axis.getByRole('slider', { name: /lowest/ }),
    axis.getByRole('slider', { name: /highest/ }),
  ];
  if (!scale) throw new Error('the axis has no scale');
  await page.mouse.move(scale.x, scale.y + scale.height * 0.45);
  await page.mouse.down();
  await page.mouse.move(scale.x, scale.y - 5, { steps: 6 });
  await page.mouse.up();
  await expect(page.getByRole('status').filter({ hasText: 'picked' })).toHaveText('5 of 11 runs picked');

  // The upper end comes down by keys until 10 is out of it.
  await highEnd.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('status').filter({ hasText: 'picked' })).toHaveText('4 of 11 runs picked');
  await expect(lowEnd).toHaveAttribute('aria-valuenow', '55');
  await page.getByRole('button', { name: 'Select 4 runs' }).click();
  await viewSwitch(page, 'Table').click();
  await expect(page.getByRole('button', { name: 'Clear 4 selected runs' })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Select run-9' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Select run-10' })).not.toBeChecked();
});

test('axes change places by keyboard', async ({ shared }) => {
  const { page } = shared;
  await openExperiment(shared, 'flight-delay', '?view=parallel');
  await expect(page.locator('[data-painted]')).toBeVisible();
  const names = () =>
    page
      .getByRole('group', { name: /^Axis / })
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  const before = await names();
  await page
    .getByRole('button', { name: /^Move / })
    .first()
    .focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(names).toEqual([before[1], before[0], ...before.slice(2)]);
});

/** Pixels drawn in the upper tenth of a chart's picture. The picture belongs to another thread, so it is copied. */
const inkAtTop = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const marks = document.querySelector('[data-points] canvas.lathe-marks');
    const copy = new OffscreenCanvas(marks.width, marks.height);
    const pen = copy.getContext('2d');
    pen.drawImage(marks, 0, 0);
    const { data } = pen.getImageData(0, 0, copy.width, Math.max(1, Math.floor(copy.height / 10)));
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  })()`);

/** Every view opens with real content, says nothing on the console and can be used by everyone, in both themes. */
import { expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { until } from '../lib/processes.ts';
import { readyEndpoint, VIEWS } from '../lib/sample.ts';

/** What cannot be there without the sample's data. */
const CONTENT: Readonly<Record<string, RegExp>> = {
  Overview: /Predictions logged/,
  Experiments: /flight-delay/,
  Datasets: /nyc-flights-2013/,
  Models: /flight-delay/,
  Serving: /flight-delay/,
  Monitoring: /flight-delay/,
  Alerts: /Rules on any series/,
  Activity: /sample/i,
  Trash: /The trash is empty/,
  Settings: /Theme/,
};

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.beforeEach(async ({ shared }) => {
      await readyEndpoint(shared);
      await shared.call(async (rpc) => {
        const { revision } = await rpc.settings.get();
        await rpc.settings.update({ revision, patch: { theme } });
      });
      await expect(shared.page.locator('html')).toHaveAttribute('data-theme', theme);
    });

    for (const [name, path] of VIEWS) {
      test(`${name} shows its data`, async ({ shared }) => {
        const before = shared.problems.length;
        await shared.goto(path);
        const main = shared.page.getByRole('main');
        await expect(main.getByRole('heading', { level: 1, name })).toBeVisible();
        await expect(main).toContainText(CONTENT[name] ?? /./);
        await expect(shared.page.getByRole('navigation', { name: 'Views' })).toBeVisible();
        expect(await seriousViolations(shared.page)).toEqual([]);
        expect(shared.problems.slice(before)).toEqual([]);
      });
    }
  });
}

test('one run, one model, one endpoint and one feature open from their lists', async ({ shared }) => {
  const before = shared.problems.length;
  const endpoint = await readyEndpoint(shared);
  const [experiment] = await shared.call((rpc) => rpc.experiments.list());
  const { rows } = await shared.call((rpc) => rpc.experiments.runs({ experimentId: experiment?.id ?? '' }));
  const [dataset] = await shared.call((rpc) => rpc.datasets.list({}));
  const feature = await until('a feature with drift', async () => {
    const features = await shared.call((rpc) => rpc.monitoring.drift({ endpoint: endpoint.name }));
    return features.find(({ kind }) => kind === 'numeric');
  });
  const pages = [
    [`/experiments/${experiment?.id}`, experiment?.name],
    [`/runs/${rows[0]?.id}`, rows[0]?.name],
    [`/models/${endpoint.model}`, endpoint.model],
    [`/models/${endpoint.model}?diff=1..2`, endpoint.model],
    [`/datasets/${dataset?.id}`, dataset?.name],
    [`/serving/${endpoint.name}`, endpoint.name],
    [`/monitoring/${endpoint.name}`, endpoint.name],
    [`/monitoring/${endpoint.name}/${feature.feature}`, feature.feature],
  ] as const;
  for (const [path, title] of pages) {
    await shared.goto(path);
    const heading = shared.page.getByRole('main').getByRole('heading', { level: 1 });
    await expect(heading, path).toContainText(title ?? '');
    expect(await seriousViolations(shared.page), path).toEqual([]);
  }
  expect(shared.problems.slice(before)).toEqual([]);
});

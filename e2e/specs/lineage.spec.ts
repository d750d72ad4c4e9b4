/** From the data to the endpoint and back, by clicking; versions side by side; the registry edited in place. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP_FOLDER, type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { mlflowOf } from '../lib/mlflow.ts';
import { readyEndpoint } from '../lib/sample.ts';

async function useTheme(app: App, theme: 'light' | 'dark'): Promise<void> {
  await app.call(async (rpc) => {
    const { revision } = await rpc.settings.get();
    await rpc.settings.update({ revision, patch: { theme } });
  });
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', theme);
}

for (const theme of ['light', 'dark'] as const)
  test(`the chain is walked from the data to the endpoint and back, in the ${theme} theme`, async ({
    shared,
  }) => {
    const endpoint = await readyEndpoint(shared);
    await useTheme(shared, theme);
    const { page } = shared;
    const before = shared.problems.length;
    const graph = page.getByRole('figure', { name: 'Lineage graph' });
    const heading = page.getByRole('main').getByRole('heading', { level: 1 });
    await shared.goto('/datasets');
    await page.getByRole('link', { name: 'nyc-flights-2013' }).click();
    await expect(heading).toHaveText('nyc-flights-2013');
    await expect(graph).toContainText('10 runs');
    expect(await seriousViolations(page)).toEqual([]);
    await graph.getByRole('button', { name: '10 runs' }).click();
    await expect(graph.getByRole('link')).toHaveCount(12 + 2 + 1);
    await page.getByRole('button', { name: 'Group what is alike' }).click();
    await graph.getByRole('link', { name: `${endpoint.model} v1` }).click();
    await expect(heading).toHaveText(endpoint.model);
    await graph.getByRole('link', { name: `endpoint ${endpoint.name}` }).click();
    await expect(heading).toHaveText(endpoint.name);
    // And back up to the run.
    await graph.getByRole('link', { name: /run logreg/ }).click();
    await expect(heading).toContainText('logreg');
    await page.getByText('1 step', { exact: true }).click();
    await expect(graph.getByRole('link')).toHaveCount(2);
    expect(await seriousViolations(page)).toEqual([]);
    expect(shared.problems.slice(before)).toEqual([]);
  });

test('two versions side by side: what differs, then everything, then the other way round', async ({
  shared,
}) => {
  const endpoint = await readyEndpoint(shared);
  const { page } = shared;
  await shared.goto(`/models/${endpoint.model}`);
  await page.getByRole('checkbox', { name: 'Select 1' }).check();
  await page.getByRole('checkbox', { name: 'Select 2' }).check();
  await page.getByRole('button', { name: 'Compare two versions' }).click();
  const operators = page.getByRole('table', { name: 'Operators' });
  await expect(operators.getByRole('row').filter({ hasText: 'LinearClassifier' })).toContainText('1');
  await expect(page.getByRole('table', { name: 'Version', exact: true })).not.toContainText('IR version');
  await page.getByRole('switch', { name: 'Only what differs' }).click();
  await expect(page.getByRole('table', { name: 'Version', exact: true })).toContainText('IR version');
  expect(await seriousViolations(page)).toEqual([]);
  const auc = page.getByRole('table', { name: 'Metrics' }).getByRole('row').filter({ hasText: 'auc' });
  await expect(auc).toContainText('better');
  await page.getByRole('button', { name: 'Swap' }).click();
  await expect(auc).toContainText('worse');
});

test('a model logged by MLflow shows its signature and example; its labels are edited in place', async ({
  start,
}) => {
  const app = await start({ sample: false });
  const tracking = await mlflowOf(app);
  const run = await tracking.runWithFile('0', 'train', randomBytes(10));
  const folder = `0/${run}/artifacts/model`;
  const onnx = readFileSync(join(APP_FOLDER, 'resources/sample/models/delay-v1.onnx'));
  await tracking.put(`${folder}/model.onnx`, onnx);
  const mlmodel = `flavors:\n  onnx:\n    data: model.onnx\nsaved_input_example_info:\n  artifact_path: input_example.json\nsignature:\n  inputs: '[{"type": "double", "name": "amount", "required": true}]'\n  outputs: null\n`;
  await tracking.put(`${folder}/MLmodel`, Buffer.from(mlmodel));
  await tracking.put(`${folder}/input_example.json`, Buffer.from('{"columns":["amount"],"data":[[12.5]]}'));
  await tracking.call('POST', 'registered-models/create', { name: 'fraud' });
  for (let n = 0; n < 2; n++)
    await tracking.call('POST', 'model-versions/create', {
      name: 'fraud',
      source: `mlflow-artifacts:/${folder}`,
      run_id: run,
    });

  const { page } = app;
  await app.goto('/models/fraud?version=2');
  await expect(page.getByRole('table', { name: 'MLflow signature' })).toContainText('amount');
  await expect(page.getByRole('table', { name: 'Input example' })).toContainText('12.5');
  await expect(page.getByRole('list', { name: 'Operators' })).toContainText('LinearClassifier');

  await page.getByRole('button', { name: 'Edit: Description of fraud' }).click();
  await page.getByRole('textbox', { name: 'Description of fraud' }).fill('Finds fraud');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Finds fraud')).toBeVisible();

  await page.getByRole('button', { name: 'Add alias' }).click();
  await page.getByRole('textbox', { name: 'Alias' }).fill('v1');
  await expect(page.getByRole('alert')).toContainText('not like a version');
  await page.getByRole('textbox', { name: 'Alias' }).fill('champion');
  await page.keyboard.press('Enter');
  await expect(page.getByText('@champion is version 2')).toBeVisible();
  const aliases = async () => (await app.call((rpc) => rpc.models.get({ name: 'fraud' }))).model.aliases;
  expect(await aliases()).toEqual({ champion: '2' });
  await app.goto('/models/fraud?version=1');
  await page.getByRole('button', { name: 'Add alias' }).click();
  await page.getByRole('textbox', { name: 'Alias' }).fill('champion');
  await page.getByRole('button', { name: 'Move' }).click();
  await expect(page.getByText('@champion moved from version 2 to 1')).toBeVisible();
  expect(await aliases()).toEqual({ champion: '1' });
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect.poll(aliases).toEqual({ champion: '2' });

  const tags = page.getByRole('button', { name: 'Add tag' }).last();
  await tags.click();
  await page.getByRole('textbox', { name: 'Tag' }).fill('team');
  await page.getByRole('textbox', { name: 'Value' }).fill('risk');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'team: risk' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove the tag team' }).click();
  await expect(page.getByRole('button', { name: 'team: risk' })).toBeHidden();
  expect(await seriousViolations(page)).toEqual([]);
  expect(app.problems).toEqual([]);
});

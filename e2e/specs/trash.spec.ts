/** Deleting is undone with one click; deleting for good gives the disk back; nothing served goes away. */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { APP_FOLDER, type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { runLathe } from '../lib/headless.ts';
import { mlflowOf } from '../lib/mlflow.ts';
import { readyEndpoint } from '../lib/sample.ts';

const MEGABYTE = 1024 * 1024;

const blobBytes = ({ workspace }: App): number =>
  readdirSync(join(workspace, 'blobs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /[0-9a-f]{64}$/.test(name))
    // It may be removed while we look.
    .map((name) => statSync(join(workspace, 'blobs', name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);

test('runs are deleted, restored, and deleted for good', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const tracking = await mlflowOf(app);
  const { experiment_id: id } = (await tracking.call('POST', 'experiments/create', { name: 'trial' })) as {
    experiment_id: string;
  };
  for (const name of ['first', 'second', 'third'])
    await tracking.runWithFile(id, name, randomBytes(MEGABYTE));
  const [experiment] = await app.call((rpc) => rpc.experiments.list());

  // Two of three, from the table; one click takes it back.
  await app.goto(`/experiments/${experiment?.id}`);
  const rows = page
    .getByRole('status')
    .filter({ hasText: /runs?$/ })
    .first();
  await expect(rows).toHaveText('3 runs');
  for (const name of ['first', 'second'])
    await page.getByRole('row').filter({ hasText: name }).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete 2 runs' }).click();
  await expect(rows).toHaveText('1 run');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows).toHaveText('3 runs');

  // One from its own page; then it waits in the trash.
  await page.getByRole('link', { name: 'first' }).click();
  await page.getByRole('button', { name: 'More about this run' }).click();
  await page.getByRole('menuitem', { name: 'Delete run' }).click();
  await app.goto('/trash');
  const trash = page.getByRole('table', { name: 'Trash' });
  await expect(trash.getByRole('row').filter({ hasText: 'first' })).toContainText('trial');
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Restore first' }).click();
  await expect(page.getByText('The trash is empty')).toBeVisible();

  // The whole experiment, for good: it says what comes back, and it does.
  await app.goto(`/experiments/${experiment?.id}`);
  await page.getByRole('button', { name: 'More about this experiment' }).click();
  await page.getByRole('menuitem', { name: 'Delete experiment' }).click();
  await app.goto('/trash?empty=1');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('status')).toContainText(/3.MiB of files/);
  expect(await seriousViolations(page)).toEqual([]);
  expect(blobBytes(app)).toBe(3 * MEGABYTE);
  await dialog.getByRole('button', { name: 'Empty trash' }).click();
  await expect(page.getByText('The trash is empty')).toBeVisible();
  await expect.poll(() => blobBytes(app)).toBe(0);
  await app.goto('/activity');
  await expect(page.getByText(/Delete 1 experiment for good/)).toBeVisible();
  expect(app.problems).toEqual([]);
});

test('who went elsewhere while something is deleted is not taken away from there', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const tracking = await mlflowOf(app);
  await tracking.runWithFile('0', 'one', randomBytes(1_000));
  const [experiment] = await app.call((rpc) => rpc.experiments.list());
  await app.goto(`/experiments/${experiment?.id}`);
  await page.getByRole('link', { name: 'one' }).click();
  await page.getByRole('button', { name: 'More about this run' }).click();
  const remove = page.getByRole('menuitem', { name: 'Delete run' });
  await expect(remove).toBeVisible();
  // In one turn of the page: the answer cannot be there yet.
  await page.evaluate(`[...document.querySelectorAll('[role=menuitem]')].find((item) => item.textContent === 'Delete run').click();
    location.hash = '#/datasets'`);
  await expect(page.getByText('one moved to the trash')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
});

test('an engine that is killed while it deletes goes on with it', async ({ start }) => {
  const app = await start({ sample: false });
  const tracking = await mlflowOf(app);
  for (let n = 0; n < 30; n++) await tracking.runWithFile('0', `run ${n}`, randomBytes(20_000));
  const runs = await app.call(async (rpc) => {
    const [experiment] = await rpc.experiments.list();
    return (await rpc.experiments.runs({ experimentId: experiment?.id ?? '' })).rows;
  });
  await app.call(async (rpc) => {
    await rpc.trash.discard({ items: runs.map(({ id }) => ({ kind: 'run' as const, id })) });
    await rpc.trash.purge({ items: 'all' });
  });
  await app.kill('engine');
  if (app.host === 'headless') await app.startAgain();
  await expect.poll(() => blobBytes(app), { timeout: 30_000 }).toBe(0);
  const { items } = await app.call((rpc) => rpc.trash.list({}));
  expect(items).toEqual([]);
});

test('a served model cannot be deleted; an unserved version goes and comes back with its alias', async ({
  start,
}) => {
  const app = await start();
  const endpoint = await readyEndpoint(app);
  const { page } = app;
  await app.goto(`/models/${endpoint.model}`);
  await page.getByRole('button', { name: 'More about this model' }).click();
  await expect(page.getByRole('menuitem', { name: /Delete model/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  const refused = await app.call((rpc) =>
    rpc.trash.discard({ items: [{ kind: 'model', name: endpoint.model }] }).catch((error) => error.data.code),
  );
  expect(refused).toBe('LATHE_MODELS_IN_USE');

  const file = join(import.meta.dirname, '../fixtures/models/custom-shape.onnx');
  await runLathe(APP_FOLDER, ['models', 'import', file, '--name', 'spare', '--workspace', app.workspace]);
  await app.call((rpc) => rpc.models.setAlias({ name: 'spare', alias: 'best', version: '1' }));
  await app.goto('/models/spare');
  await page.getByRole('button', { name: 'More about this model' }).click();
  await page.getByRole('menuitem', { name: 'Delete version 1' }).click();
  await expect(page.getByText('No version yet')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { level: 1 }).locator('..')).toContainText('@best');
});

test.describe('the command line', () => {
  test.skip(({ host }) => host === 'electron', 'the command line is the same on both hosts; once is enough');

  test('lathe gc says what would go before it empties the trash; lathe verify tells a damaged file', async ({
    start,
  }) => {
    const app = await start({ sample: false });
    const tracking = await mlflowOf(app);
    const run = await tracking.runWithFile('0', 'one', randomBytes(MEGABYTE));
    await tracking.runWithFile('0', 'two', randomBytes(1_000));
    await tracking.call('POST', 'runs/delete', { run_id: run });
    const lathe = async (...args: string[]) => {
      const { code, stdout } = await runLathe(APP_FOLDER, [...args, '--json', '--workspace', app.workspace]);
      return { code, answer: JSON.parse(stdout) };
    };
    expect(await lathe('gc')).toMatchObject({ code: 0, answer: { dryRun: false, report: { items: 0 } } });
    expect(await lathe('gc', '--empty-trash')).toMatchObject({
      answer: { dryRun: true, weight: { items: 1, fileBytes: MEGABYTE } },
    });
    expect(await lathe('gc', '--empty-trash', '--older-than', '1', '--yes')).toMatchObject({
      answer: { report: { items: 0 } },
    });
    expect(blobBytes(app)).toBe(MEGABYTE + 1_000);
    expect(await lathe('gc', '--empty-trash', '--yes')).toMatchObject({
      answer: { dryRun: false, report: { items: 1, blobBytes: MEGABYTE } },
    });
    expect(blobBytes(app)).toBe(1_000);
    expect((await lathe('gc', '--yes')).code).toBe(2);

    expect(await lathe('verify')).toMatchObject({ code: 0, answer: { ok: true, report: { checked: 1 } } });
    const [blob] = readdirSync(join(app.workspace, 'blobs'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /[0-9a-f]{64}$/.test(name),
    );
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(app.workspace, 'blobs', blob ?? ''), 'damaged');
    expect(await lathe('verify')).toMatchObject({
      code: 1,
      answer: { ok: false, report: { problems: [{ problem: 'changed' }] } },
    });
  });
});

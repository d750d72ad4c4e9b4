/** Files that are not what they should be: refused where they were given, with code, cause and remedy. */
import { join } from 'node:path';
import { type App, expect, test } from '../lib/app.ts';
import { readyEndpoint } from '../lib/sample.ts';

const fixture = (path: string): string => join(import.meta.dirname, '../fixtures', path);

const MODELS = [
  ['not-onnx.onnx', 'LATHE_MODELS_NOT_ONNX'],
  ['truncated.onnx', /LATHE_MODELS_(NOT_ONNX|LOAD_FAILED)/],
  ['unsupported-operator.onnx', 'LATHE_MODELS_UNSUPPORTED_OPERATOR'],
] as const;

for (const [file, code] of MODELS) {
  test(`importing ${file} is refused in the dialog, and nothing is registered`, async ({ shared }) => {
    await readyEndpoint(shared);
    const before = await shared.call((rpc) => rpc.models.list());
    await shared.goto('/models?import=1');
    const dialog = shared.page.getByRole('dialog', { name: 'Import a model' });
    await dialog.locator('input[type=file]').setInputFiles(fixture(`models/${file}`));
    await dialog.getByLabel('Model name').fill('refused');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(dialog).toContainText(code, { timeout: 20_000 });
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    expect(await shared.call((rpc) => rpc.models.list())).toEqual(before);
    await expectServing(shared);
  });
}

test('a good model of another shape is imported and opened', async ({ start }) => {
  const app = await start({ sample: false });
  await app.goto('/models?import=1');
  const dialog = app.page.getByRole('dialog', { name: 'Import a model' });
  await dialog.locator('input[type=file]').setInputFiles(fixture('models/custom-shape.onnx'));
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(app.page.getByRole('heading', { level: 1, name: 'custom-shape' })).toBeVisible({
    timeout: 20_000,
  });
});

const FILES = [
  ['other-columns.parquet', 'LATHE_REPLAY_COLUMNS'],
  ['not-parquet.parquet', 'LATHE_REPLAY_NOT_PARQUET'],
] as const;

for (const [file, code] of FILES) {
  test(`replaying ${file} is refused, and the replay goes on as before`, async ({ shared }) => {
    const endpoint = await readyEndpoint(shared);
    const before = await shared.call((rpc) => rpc.replay.status());
    await shared.goto(`/monitoring/${endpoint.name}`);
    await shared.page.locator('input[type=file][accept=".parquet"]').setInputFiles(fixture(`data/${file}`));
    await expect(shared.page.getByText(code).first()).toBeVisible({ timeout: 20_000 });
    const after = await shared.call((rpc) => rpc.replay.status());
    expect({ source: after.source, endpoint: after.endpoint }).toEqual({
      source: before.source,
      endpoint: before.endpoint,
    });
    await expectServing(shared);
  });
}

const REQUESTS = [
  ['malformed JSON', '{"inputs": [', 400, 'LATHE_SERVING_BODY_MALFORMED'],
  ['a missing input', '{"inputs":[]}', 400, 'LATHE_SERVING_INPUT_MISSING'],
] as const;

for (const [name, body, status, code] of REQUESTS) {
  test(`${name} over HTTP is refused with its code`, async ({ shared }) => {
    const { url } = await readyEndpoint(shared);
    const response = await fetch(url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(code);
    await expectServing(shared);
  });
}

test('a body of 100 MB over HTTP is refused, and serving goes on', async ({ shared }) => {
  const { url } = await readyEndpoint(shared);
  const answer = await fetch(url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.alloc(100 * 1024 * 1024, ' '),
  }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    // A server may also hang up on a body that it will not read.
    () => null,
  );
  if (answer)
    expect(answer).toMatchObject({
      status: 413,
      text: expect.stringContaining('LATHE_SERVING_BODY_TOO_LARGE'),
    });
  await expectServing(shared);
});

async function expectServing(app: App): Promise<void> {
  const endpoint = await readyEndpoint(app);
  expect(endpoint.arms.map(({ state }) => state)).toEqual(['ready', 'ready']);
}

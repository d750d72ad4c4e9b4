/** What an endpoint does is seen while it does it, and a request can be made, sent and taken along as code. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ONNX, onnxFile } from '../../src-main/inference/testing/onnx-file.ts';
import { APP_FOLDER, type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { runLathe } from '../lib/headless.ts';
import { until } from '../lib/processes.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

const run = promisify(execFile);

/** The sample's endpoint with the replay at rest, so that only the test's own requests come. */
async function quietEndpoint(app: App) {
  const endpoint = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  return endpoint as typeof endpoint & { url: string };
}

test('the traffic of an endpoint is seen as it happens', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name, url } = await quietEndpoint(app);
  // Nobody asked in the last two minutes: it says how to. The sample's own replay may have.
  await app.call((rpc) => rpc.serving.create({ name: 'quiet', model: name, version: '1' }));
  await app.goto('/serving/quiet');
  await expect(page.getByText('Nobody has asked it anything in the last two minutes')).toBeVisible();
  await expect(page.getByLabel('Code')).toContainText('/v2/models/quiet/infer');
  expect(await seriousViolations(page)).toEqual([]);

  await app.goto(`/serving/${name}`);
  await page.getByRole('table', { name: 'Arms' }).waitFor();
  const send = async () => {
    await Promise.all(Array.from({ length: 12 }, (_, at) => infer(url, `live-${at}-${Date.now()}`, at % 3)));
    await fetch(url, { method: 'POST', body: '{"inputs":[]}' });
  };
  const stats = page.getByRole('region', { name: 'Last 10 seconds' });
  await expect
    .poll(async () => {
      await send();
      return (await stats.count()) > 0 ? stats.textContent() : '';
    })
    .toMatch(/Requests\s*[1-9][\d.]*/);
  await expect(stats).toContainText('bad request');
  await expect(page.getByRole('figure', { name: 'Batches by size' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'champion' })).toContainText('ms');
  await expect(page.getByRole('link', { name: /All requests that the server understands/ })).toHaveAttribute(
    'href',
    /^http:\/\/127\.0\.0\.1:\d+\/docs$/,
  );
  expect(await seriousViolations(page)).toEqual([]);
  expect(app.problems).toEqual([]);
});

test('a request is made from the signature, sent, and answered', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name } = await quietEndpoint(app);
  await app.goto(`/serving/${name}?tab=try`);
  const answer = page.getByRole('region', { name: 'Answer' });
  await page.getByRole('textbox', { name: 'distance' }).fill('1089.4');
  await page.getByRole('combobox', { name: 'Arm' }).selectOption('challenger');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(answer).toContainText('challenger version 2');
  await expect(answer).toContainText('class 1');
  expect(await seriousViolations(page)).toEqual([]);

  // A value that is none is named, and nothing is sent.
  await page.getByRole('textbox', { name: 'distance' }).fill('far');
  await expect(page.getByText('“far” is no number.', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await page.getByRole('textbox', { name: 'distance' }).fill('12');

  // The same as JSON, which is checked where it is written, and refused in the words of the catalogue.
  await page.getByText('JSON', { exact: true }).first().click();
  const body = page.getByRole('textbox', { name: 'Open Inference Protocol request' });
  await expect(body).toHaveValue(/"name":"distance"/);
  await body.fill((await body.inputValue()).replace('"distance"', '"distanz"'));
  await expect(page.getByText('The model has no input “distanz”.')).toBeVisible();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(answer).toContainText('LATHE_SERVING_INPUT_UNKNOWN');
  await body.fill('{"inputs": [}');
  await expect(
    page.getByRole('listitem').filter({ hasText: 'Not valid JSON from line 1, column 13 on.' }),
  ).toBeVisible();

  // Two rows pasted from a table.
  await page.getByText('CSV', { exact: true }).click();
  const rows = page.getByRole('textbox', { name: 'Rows' });
  const header = (await rows.getAttribute('placeholder')) ?? '';
  const row = header.split(',').map((column) => (/carrier|origin|dest|day/.test(column) ? 'X' : '1'));
  await rows.fill(`${header}\n${row}\n${row}`);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(answer).toContainText('Row 1 of 2');
  await rows.fill('1,2,3');
  await expect(page.getByText(/Without a header a row needs \d+ values/).first()).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  expect(app.problems).toEqual([]);
});

test('the code that is offered does what the window did', async ({ start }) => {
  const app = await start();
  const { page } = app;
  const { name } = await quietEndpoint(app);
  await app.goto(`/serving/${name}?tab=try`);
  await page.getByRole('textbox', { name: 'carrier' }).fill(`O'Hare "N" $HOME`);
  await page.getByRole('combobox', { name: 'Arm' }).selectOption('challenger');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer).toContainText('challenger version 2');
  await answer.getByText('JSON', { exact: true }).click();
  const shown = JSON.parse((await answer.getByLabel('The answer as JSON').textContent()) ?? '') as {
    outputs: { name: string; data: number[] }[];
  };
  const codeOf = async (language: string) => {
    await page.getByRole('radio', { name: language, exact: true }).check({ force: true });
    return (await page.getByLabel(`${language} code`).textContent()) ?? '';
  };

  const { stdout: curled } = await run('/bin/sh', ['-c', await codeOf('curl')]);
  const curl = JSON.parse(curled) as typeof shown & { model_version: string };
  expect([curl.model_version, curl.outputs]).toEqual(['2', shown.outputs]);

  const file = join(app.folder, 'snippet.ts');
  writeFileSync(file, await codeOf('TypeScript'));
  const { stdout } = await run(process.execPath, [file], {
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  expect(stdout).toMatch(/^2 \{ lathe_arm: 'challenger' \}/);
  for (const output of shown.outputs) expect(stdout).toContain(output.name);
});

test('a picture becomes the tensor that a model of pictures takes', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const shape = (side: number) => ['N', 3, side, side];
  const model = join(app.folder, 'mean-colour.onnx');
  const bytes = onnxFile({
    nodes: [{ op: 'GlobalAveragePool', inputs: ['image'], outputs: ['mean'] }],
    inputs: [{ name: 'image', type: ONNX.FP32, shape: shape(8) }],
    outputs: [{ name: 'mean', type: ONNX.FP32, shape: shape(1) }],
  });
  writeFileSync(model, bytes);
  // The window is there before the engine.
  await app.urls();
  const imported = await runLathe(
    APP_FOLDER,
    ['models', 'import', model, '--name', 'mean-colour', '--workspace', app.workspace],
    30_000,
  );
  expect(imported.code, imported.stderr).toBe(0);
  await app.call((rpc) => rpc.serving.create({ name: 'colour', model: 'mean-colour', version: '1' }));
  await until('the endpoint', async () => {
    const { arms } = await app.call((rpc) => rpc.serving.get({ name: 'colour' }));
    return arms[0]?.state === 'ready' ? true : null;
  });
  await app.goto('/serving/colour?tab=try');
  // A red PNG of 4 × 2 pixels, drawn by the page itself.
  const png = (await page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(4, 2);
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(255, 0, 51)';
    context.fillRect(0, 0, 4, 2);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  })()`)) as number[];
  const file = { name: 'red.png', mimeType: 'image/png', buffer: Buffer.from(png) };
  await page.getByLabel('Picture').setInputFiles(file);
  await expect(page.getByRole('img', { name: 'What the model sees' })).toBeVisible();
  await expect(page.getByText('4 × 2 → 8 × 8')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  // Red, green and blue between 0 and 1.
  const values = page.getByRole('region', { name: 'Values of mean' });
  await expect(values).toHaveText(/^1100\.2$/);
  // The same with the channels the other way round, and what is no picture.
  await page.getByLabel('Channels').selectOption('BGR');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(values).toHaveText(/^10\.201$/);
  await page
    .getByLabel('Picture')
    .setInputFiles({ ...file, name: 'no.png', buffer: Buffer.from('no picture') });
  await expect(page.getByText(/cannot be read as a picture/).first()).toBeVisible();
  expect(app.problems).toEqual([]);
});

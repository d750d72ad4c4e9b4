/** A model file that is dropped onto the registry: said where it may be dropped, named, checked, and opened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../lib/app.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/models', name);

/** As an operating system drops a file: the pointer comes in with it, moves, and lets go. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const carried = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    const content = Uint8Array.from(atob('${bytes.toString('base64')}'), (sign) => sign.charCodeAt(0));
    data.items.add(new File([content], ${JSON.stringify(name)}));
    return data;
  })()`);
  const target = page.getByRole('heading', { name: 'Models' });
  await target.dispatchEvent('dragenter', { dataTransfer: carried });
  await expect(page.getByText('Drop an .onnx file to import it')).toBeVisible();
  await target.dispatchEvent('dragover', { dataTransfer: carried });
  await target.dispatchEvent('drop', { dataTransfer: carried });
}

test('a file is dropped onto the models, imported and opened', async ({ start }) => {
  const app = await start({ sample: false });
  await app.goto('/models');
  const { page } = app;
  await drop(page, 'Custom Shape.onnx', readFileSync(fixture('custom-shape.onnx')));
  const dialog = page.getByRole('dialog', { name: 'Import a model' });
  await expect(dialog).toContainText('Custom Shape.onnx');
  await expect(dialog).toContainText('123 B');
  await expect(page.getByText('Drop an .onnx file to import it')).toBeHidden();
  await dialog.getByLabel('Model name').fill('dropped');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { name: 'dropped' })).toBeVisible();
  expect(await app.call((rpc) => rpc.models.list())).toMatchObject([{ name: 'dropped' }]);

  // Another thing than a file, such as a marked word, is no offer.
  await app.goto('/models');
  const words = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'a word');
    return data;
  })()`);
  await page.getByRole('heading', { name: 'Models' }).dispatchEvent('dragenter', { dataTransfer: words });
  await expect(page.getByText('Drop an .onnx file to import it')).toBeHidden();

  await drop(page, 'notes.onnx', readFileSync(fixture('not-onnx.onnx')));
  const refused = page.getByRole('dialog', { name: 'Import a model' });
  await refused.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(refused.getByText(/LATHE_MODELS_/)).toBeVisible();
  expect(await app.call((rpc) => rpc.models.list())).toMatchObject([{ name: 'dropped' }]);
});

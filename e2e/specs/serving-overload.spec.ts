/** More is asked than a model can do: the endpoint's page says what waits, for how long, and what is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopModel, rounds } from '../../src-main/inference/testing/loop-model.ts';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe } from '../lib/headless.ts';
import { until } from '../lib/processes.ts';

/** A run of at least 50 ms, one request at a time. */
const LONG = JSON.stringify(rounds(120_000));
const CLIENTS = 16;
const MAY_WAIT = 4;

test('an overload is seen as waiting rows, time in queue and refused requests', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  const file = join(app.folder, 'slow.onnx');
  writeFileSync(file, loopModel());
  await app.urls();
  const where = ['--name', 'slow', '--workspace', app.workspace];
  const imported = await runLathe(APP_FOLDER, ['models', 'import', file, ...where]);
  expect(imported.code, imported.stderr).toBe(0);
  await app.call((rpc) => rpc.serving.create({ name: 'slow', model: 'slow', version: '1' }));
  await app.call(async (rpc) => {
    const present = await rpc.serving.tuning({ model: 'slow' });
    await rpc.serving.setTuning({ ...present, tuning: { ...present.tuning, maxQueueRows: MAY_WAIT } });
  });
  const url = await until('the endpoint', async () => {
    const endpoint = await app.call((rpc) => rpc.serving.get({ name: 'slow' }));
    return endpoint.arms[0]?.state === 'ready' ? endpoint.url : null;
  });
  const ask = async () => {
    const response = await fetch(url, { method: 'POST', body: LONG });
    await response.arrayBuffer();
    return response.status;
  };
  expect(await ask()).toBe(200);

  let asking = true;
  const statuses = new Set<number>();
  const clients = Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (asking) {
        const status = await ask();
        statuses.add(status);
        if (status !== 200) await sleep(100);
      }
    }),
  );
  try {
    await app.goto('/serving/slow');
    const stats = page.getByRole('region', { name: 'Last 10 seconds' });
    await expect(stats).toContainText(/Waiting\s*[1-4]\s*rows/);
    await expect(stats).toContainText(/mean wait [1-9][\d.,]*\s*m?s/);
    await expect(stats).toContainText(/Not answered\s*[1-9][\d.,]*\s*k?\/s\s*[1-9][\d.,]*k? refused/);
    const refused = page.getByRole('table', { name: 'Arms' }).getByRole('row').nth(1).getByRole('cell');
    await expect(refused.nth(await columnOf('Refused'))).toHaveText(/^[1-9]/);
    // The charts over time tell the same, also to those who read them as tables.
    for (const chart of ['Waiting rows', 'Time in queue']) {
      await page.getByRole('button', { name: `Show ${chart} as table` }).click();
      await expect(
        page
          .getByRole('table', { name: chart })
          .getByRole('cell', { name: /^[1-9]/ })
          .first(),
      ).toBeVisible();
    }
    await expect(page.getByRole('figure', { name: /^Not answered/ })).toContainText(/queue[^,]*?[1-9]/);
  } finally {
    asking = false;
    await clients;
  }
  // Shed, and nothing else: no request failed or hung.
  expect([...statuses].sort()).toEqual([200, 503]);
  expect(app.problems).toEqual([]);

  async function columnOf(name: string): Promise<number> {
    const heads = await page.getByRole('table', { name: 'Arms' }).getByRole('columnheader').allTextContents();
    return heads.findIndex((head) => head.startsWith(name));
  }
});

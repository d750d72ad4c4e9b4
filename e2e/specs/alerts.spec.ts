/** From a rule to an alert and back: written, tried on the past, fired, read on its evidence, dealt with, rolled back. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';
import { until } from '../lib/processes.ts';
import { readyEndpoint } from '../lib/sample.ts';

/** Hours of replayed traffic, over and counted; then it stands still. */
async function servedHours(app: App, endpoint: string, hours: number): Promise<void> {
  await until(
    'hours that are over',
    async () => {
      const { points } = await app.call((rpc) =>
        rpc.monitoring.series({ endpoint, per: 'hour', series: { of: 'volume' } }),
      );
      return points.filter(({ complete, n }) => complete && n > 0).length >= hours ? true : null;
    },
    60_000,
  );
  await app.call((rpc) => rpc.replay.pause());
}

test('a rule is written, fires, and its alert opens on evidence and is rolled back', async ({ start }) => {
  test.setTimeout(150_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  // A change of the route that one can go back from.
  const before = await app.call((rpc) => rpc.serving.get({ name }));
  const after = await app.call((rpc) =>
    rpc.serving.setRoute({
      name,
      revision: before.revision,
      reason: 'half and half',
      route: {
        arms: before.arms.map(({ key, version }) => ({ key, version, weight: 5_000 })),
        sticky: before.sticky,
        mode: before.mode,
        shadow: null,
      },
    }),
  );
  await servedHours(app, name, 6);

  await app.goto('/alerts?tab=rules');
  await page.getByRole('button', { name: 'Make a rule' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Make an alert rule' });
  await dialog.getByLabel('What is watched').selectOption('volume');
  await dialog.getByLabel('Judged each').selectOption('hour');
  await dialog.getByText('Beyond a limit').click();
  await dialog.getByLabel('Limit', { exact: true }).fill('a lot');
  await expect(dialog.getByText('Enter a number.')).toBeVisible();
  await dialog.getByLabel('Limit', { exact: true }).fill('1');
  const trial = dialog.getByRole('complementary', { name: 'On what is there' });
  await expect(trial).toContainText(/Would have fired \d+ time/);
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByLabel('Name').fill('Somebody asks');
  await dialog.getByRole('button', { name: 'Make rule' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('list', { name: `Rules of ${name}` })).toContainText('Somebody asks');
  expect(await seriousViolations(page)).toEqual([]);

  // It fires by itself, is counted, and is found with the keyboard alone.
  const alert = await until('the alert', async () => {
    const { alerts } = await app.call((rpc) => rpc.alerts.list({ endpoint: name }));
    return alerts.find(({ series }) => series.of === 'volume' && series) ?? null;
  });
  await app.goto('/alerts');
  await expect(page.getByRole('contentinfo')).toContainText(/\d+ new alert/);
  // Where the endpoint is named already, the title does not name it.
  const title = alert.title.replace(` on ${name}`, '');
  const row = page.getByRole('link', { name: title, exact: true });
  await expect(row).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  for (let press = 0; press < 30; press++) {
    await page.keyboard.press('j');
    if (await row.evaluate((link) => link === link.ownerDocument.activeElement)) break;
  }
  await expect(row).toBeFocused();
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible();
  await expect(page.getByRole('figure', { name: 'Rows served up to the alert' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What changed lately' })).toContainText('half and half');
  expect(await seriousViolations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByLabel('Note (optional)').fill('The night shift knows.');
  await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
  await expect(page.getByRole('region', { name: 'History' })).toContainText('The night shift knows.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('region', { name: 'History' })).toContainText('Acknowledgement taken back');
  await expect(page.getByRole('button', { name: 'Acknowledge' })).toBeVisible();

  await page.getByRole('button', { name: 'Roll back' }).click();
  const rollback = page.getByRole('dialog', { name: `Roll back ${name}?` });
  await expect(rollback).toContainText(`revision ${after.revision}`);
  await expect(rollback).toContainText(/80\s%/);
  await rollback.getByRole('button', { name: 'Roll back' }).click();
  await expect(rollback).toBeHidden();
  const back = await app.call((rpc) => rpc.serving.get({ name }));
  expect(back.arms.map(({ weight }) => weight)).toEqual(before.arms.map(({ weight }) => weight));
  // It is the present route now, under a new revision.
  await page.getByRole('button', { name: 'Roll back' }).click();
  await expect(rollback).toContainText('This is the present route already.');
  await expect(rollback.getByRole('button', { name: 'Roll back' })).toBeDisabled();
  await rollback.getByRole('button', { name: 'Cancel' }).click();
  // And that can be taken back too.
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect
    .poll(async () => (await app.call((rpc) => rpc.serving.get({ name }))).arms.map(({ weight }) => weight))
    .toEqual([5_000, 5_000]);

  // Switched off, and on again by Undo.
  await app.goto('/alerts?tab=rules');
  await page.getByRole('switch', { name: 'Somebody asks: on or off' }).click();
  await expect(page.getByText('Somebody asks is off')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByRole('switch', { name: 'Somebody asks: on or off' })).toBeChecked();
  await page.getByRole('button', { name: 'Actions on Somebody asks' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Somebody asks', { exact: true })).toBeHidden();
  expect(app.problems).toEqual([]);
});

/** Alerts of last year that are over, as nobody waits for in a test. */
function putOver(workspace: string, count: number): void {
  const db = new DatabaseSync(join(workspace, 'lathe.db'), { timeout: 10_000 });
  try {
    const [alert] = db.prepare('SELECT * FROM alert ORDER BY seq DESC LIMIT 1').all();
    const { seq: _seq, ...columns } = alert as Record<string, string | number | null>;
    const names = Object.keys(columns);
    const insert = db.prepare(
      `INSERT INTO alert(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    db.exec('BEGIN IMMEDIATE');
    for (let at = 0; at < count; at++) {
      const part = {
        id: `over-${at}`,
        title: `Old alert ${at}`,
        window_ms: at,
        resolved_ms: at + 1,
        noticed: 1,
      };
      insert.run(...Object.values({ ...columns, ...part, opened_ms: at }));
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

test('an alert on drift shows both sides and its slices; it is put off, acknowledged, and older ones are found', async ({
  start,
}) => {
  test.setTimeout(150_000);
  const app = await start();
  const { page } = app;
  const { name } = await readyEndpoint(app);
  await until(
    'hours that are judged',
    async () => {
      const features = await app.call((rpc) => rpc.monitoring.drift({ endpoint: name, per: 'hour' }));
      const temp = features.find(({ feature }) => feature === 'temp');
      return temp?.latest && temp.latest.level !== 'too-few' ? true : null;
    },
    60_000,
  );
  await app.call((rpc) => rpc.replay.pause());
  await app.call((rpc) =>
    rpc.alerts.createRule({
      ...{ endpoint: name, name: 'Another weather', per: 'hour' },
      series: { of: 'drift', feature: 'temp' },
      condition: { kind: 'threshold', direction: 'above', value: 0.05 },
    }),
  );
  const alert = await until('the alert', async () => {
    const { alerts } = await app.call((rpc) => rpc.alerts.list({ endpoint: name }));
    return alerts.find(({ series, per }) => series.of === 'drift' && per === 'hour') ?? null;
  });
  const title = alert.title.replace(` on ${name}`, '');

  // Put off and acknowledged with the keyboard alone.
  await app.goto('/alerts');
  const row = page.getByRole('link', { name: title, exact: true });
  await expect(row).toBeVisible();
  const focus = async () => {
    for (let press = 0; press < 30; press++) {
      if (await row.evaluate((link) => link === link.ownerDocument.activeElement)) return;
      await page.keyboard.press('j');
    }
  };
  await focus();
  await page.keyboard.press('s');
  await expect(page.getByRole('menuitem', { name: 'For an hour' })).toBeFocused();
  await page.keyboard.press('Enter');
  const item = page.getByRole('listitem').filter({ has: row });
  await expect(item).toContainText(/Until /);
  await expect(page.getByRole('menu')).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(item).not.toContainText(/Until /);
  await row.focus();
  await page.keyboard.press('e');
  await expect(item).toContainText('Acknowledged');
  expect(await seriousViolations(page)).toEqual([]);

  // Its page: what moved, both sides of it, in which slice; the number explains itself by the rule's limit.
  await row.click();
  const moved = page.getByRole('region', { name: 'What moved' });
  await expect(moved.getByRole('listitem').first()).toContainText('temp');
  const bars = moved.getByRole('figure', { name: 'Distribution of temp' });
  await expect(bars).toContainText('reference');
  await expect(bars).toContainText(/to \d+ Mar 2013/);
  const number = page.getByRole('button', { name: /^Explain PSI of temp: / }).first();
  await number.click();
  const explained = page.getByRole('dialog', { name: /Population stability index/ });
  await expect(explained).toContainText('The limit was 0.05 when it fired.');
  await expect(explained).toContainText(/Its parts/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('table', { name: 'Slices when it fired' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  // And by the buttons.
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For a week' }).click();
  await expect(page.getByRole('region', { name: 'History' })).toContainText('Snoozed');

  putOver(app.workspace, 600);
  await app.goto('/alerts?state=all');
  await expect(page.getByRole('link', { name: 'Old alert 599', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Old alert 3', exact: true })).toBeHidden();
  await page.getByRole('button', { name: 'Show older' }).click();
  await expect(page.getByRole('link', { name: 'Old alert 3', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show older' })).toBeHidden();
  expect(app.problems).toEqual([]);
});

test('a channel is added, tested, and its address is not shown again', async ({ start }) => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push(body);
      response.writeHead(200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const app = await start({ sample: false });
    const { page } = app;
    await app.goto('/alerts?tab=channels');
    const { host } = await app.call((rpc) => rpc.workspace.hello());
    if (host.secrets === 'none') {
      // A desktop without a keyring keeps no address, says why, and offers nothing that would fail.
      await expect(page.getByText('This machine has no keychain')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Add a channel' }).first()).toBeDisabled();
      expect(await seriousViolations(page)).toEqual([]);
      return;
    }
    await page.getByRole('button', { name: 'Add a channel' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a channel' });
    await dialog.getByLabel('Name').fill('on-call');
    await dialog.getByLabel('Message').selectOption('json');
    await dialog.getByLabel('Webhook address').fill('nowhere');
    await expect(dialog.getByText('An address begins with http:// or https://.')).toBeVisible();
    const secret = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-part`;
    await dialog.getByLabel('Webhook address').fill(secret);
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add channel' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: 'Test' }).click();
    await expect(page.getByText('on-call took the test message')).toBeVisible();
    expect(heard).toHaveLength(1);
    await expect(page.getByRole('table', { name: 'Channels' })).toContainText('taken');
    await expect(page.getByRole('main')).not.toContainText('secret-part');
    expect(await seriousViolations(page)).toEqual([]);

    server.close();
    server.closeAllConnections();
    await page.getByRole('button', { name: 'Test' }).click();
    await expect(page.getByText('on-call did not take the test message')).toBeVisible();
    await page.getByRole('button', { name: 'Actions on on-call' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No channel yet')).toBeVisible();
    expect(app.problems).toEqual([]);
  } finally {
    server.close();
  }
});

test('a workspace without rules says what would be here', async ({ start }) => {
  const app = await start({ sample: false });
  const { page } = app;
  await app.goto('/alerts');
  await expect(page.getByText('Nothing is firing')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Look at the rules' }).click();
  await expect(page.getByText('No rules yet')).toBeVisible();
  expect(app.problems).toEqual([]);
});

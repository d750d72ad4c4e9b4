/** Runs side by side and their files, in both hosts: from the runs table to a line that differs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { type App, expect, test } from '../lib/app.ts';
import { seriousViolations } from '../lib/axe.ts';

const main = (app: App) => app.page.getByRole('main');
const table = (app: App) => app.page.getByRole('table', { name: 'Comparison' });
const row = (app: App, name: string) =>
  table(app)
    .getByRole('row')
    .filter({ has: app.page.getByText(name, { exact: true }) });
const heads = async (app: App) =>
  (await table(app).locator('thead a').allTextContents()).map((name) => name.trim());

async function sampleRuns(app: App): Promise<{ experiment: string; runs: { id: string; name: string }[] }> {
  return app.call(async (rpc) => {
    const [experiment] = await rpc.experiments.list();
    const { rows } = await rpc.experiments.runs({ experimentId: experiment?.id ?? '' });
    return { experiment: experiment?.id ?? '', runs: rows };
  });
}

/** Logs runs as a client of MLflow does. */
async function logger(app: App) {
  const { mlflow } = await app.urls();
  const post = async (path: string, body: object) => {
    const response = await fetch(`${mlflow}/api/2.0/mlflow/${path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as { run: { info: { run_id: string } } };
  };
  return {
    run: async (name: string, params: Record<string, string>, tags: Record<string, string> = {}) => {
      const pairs = (given: Record<string, string>) =>
        Object.entries(given).map(([key, value]) => ({ key, value }));
      const made = await post('runs/create', {
        experiment_id: '0',
        run_name: name,
        start_time: 1,
        tags: pairs(tags),
      });
      const { run_id } = made.run.info;
      await post('runs/log-batch', { run_id, params: pairs(params) });
      return run_id;
    },
    put: async (run: string, path: string, body: string | Uint8Array<ArrayBuffer>) => {
      const at = `${mlflow}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${path}`;
      expect((await fetch(at, { method: 'PUT', body })).status).toBe(200);
    },
  };
}

/** A square of one colour. */
function png(size: number, [r, g, b]: readonly [number, number, number]): Uint8Array<ArrayBuffer> {
  const line = Buffer.concat([Buffer.of(0), ...Array.from({ length: size }, () => Buffer.of(r, g, b))]);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: size }, () => line)));
  const signature = Buffer.of(137, 80, 78, 71, 13, 10, 26, 10);
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]),
  );
}

test('chosen in the runs table, runs are put side by side, what differs first', async ({ shared }) => {
  const before = shared.problems.length;
  const { experiment } = await sampleRuns(shared);
  await shared.goto(`/experiments/${experiment}`);
  const boxes = main(shared).getByRole('checkbox', { name: /^Select (?!all)/ });
  await boxes.nth(0).click();
  await expect(shared.page.getByRole('button', { name: 'Compare', exact: true })).toBeDisabled();
  await boxes.nth(1).click();
  await boxes.nth(2).click();
  await shared.page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(main(shared).getByRole('heading', { level: 1, name: 'Compare runs' })).toBeVisible();
  await expect.poll(() => heads(shared)).toHaveLength(3);
  await expect(table(shared).getByRole('button', { name: 'Parameters' })).toBeVisible();
  await expect(row(shared, 'validation_auc')).toContainText(/[+−]0\.0\d+ \([+−]\d+\.\d\s%\) (better|worse)/);
  await expect(row(shared, 'validation_log_loss')).toContainText(/better|worse/);
  const count = () => table(shared).getAttribute('aria-rowcount').then(Number);
  const differing = await count();
  await main(shared).getByRole('switch', { name: 'Differences only' }).click();
  await expect.poll(count).toBeGreaterThan(differing);
  await expect(table(shared)).not.toContainText('alike hidden');
  expect(shared.problems.slice(before)).toEqual([]);
});

test('the baseline can be changed, runs taken out and added, and the address tells it all', async ({
  shared,
}) => {
  const { runs } = await sampleRuns(shared);
  const [a, b, c] = runs.slice(0, 3) as [
    { id: string; name: string },
    { id: string; name: string },
    { id: string; name: string },
  ];
  await shared.goto(`/compare?runs=${a.id},${b.id}`);
  await expect.poll(() => heads(shared)).toEqual([a.name, b.name]);
  const act = async (name: string, item: string) => {
    await table(shared)
      .getByRole('button', { name: `More for ${name}` })
      .click();
    await shared.page.getByRole('menuitem', { name: item }).click();
  };
  await act(b.name, 'Make it the baseline');
  await expect.poll(() => heads(shared)).toEqual([b.name, a.name]);
  await main(shared).getByRole('button', { name: 'Add runs' }).click();
  const dialog = shared.page.getByRole('dialog', { name: 'Add runs' });
  await dialog.getByLabel('Find').fill(c.name);
  await dialog.getByRole('checkbox', { name: c.name }).check();
  await dialog.getByRole('button', { name: 'Add 1 run' }).click();
  await expect.poll(() => heads(shared)).toEqual([b.name, a.name, c.name]);
  await act(c.name, 'Move left');
  await expect.poll(() => heads(shared)).toEqual([b.name, c.name, a.name]);
  await act(b.name, 'Take it out of the comparison');
  await expect.poll(() => heads(shared)).toEqual([c.name, a.name]);
  expect(await shared.page.evaluate('location.hash')).toBe(`#/compare?runs=${c.id}%2C${a.id}`);

  await main(shared).getByLabel('Filter rows').fill('no such row');
  await expect(main(shared)).toContainText('Nothing matches');
  await main(shared).getByRole('button', { name: 'Clear the filter' }).click();
  await shared.goto(`/compare?runs=${a.id},gone,${b.id}`);
  await expect(main(shared)).toContainText('1 run of this comparison is not there any more');
  await main(shared).getByRole('button', { name: 'Leave it out' }).click();
  await expect(main(shared)).not.toContainText('not there any more');
  await shared.goto('/compare');
  await expect(main(shared)).toContainText('No runs to compare');
});

test('texts, patches and images of runs are compared; an SVG runs no script', async ({ start }) => {
  const app = await start({ sample: false });
  const { run, put } = await logger(app);
  const long = (change: string) =>
    Array.from({ length: 3_000 }, (_, at) => (at === 2_000 ? change : `line ${at} of a long file`)).join(
      '\n',
    );
  const patch = (value: number) =>
    `# Left out: big.bin\ndiff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n import x\n-lr = 0\n+lr = ${value}\n`;
  const [a, b] = [
    await run('first', { path: '/data/november/resnet50/v1/weights.pt', lr: '0.1' }),
    await run('second', { path: '/data/november/resnet50/v2/weights.pt', lr: '0.2' }),
  ];
  for (const [id, n] of [
    [a, 1],
    [b, 2],
  ] as const) {
    await put(id, 'config.yaml', `a: 1\nlr: 0.${n}\nb: 2\n`);
    await put(id, 'long.txt', long(`changed ${n}`));
    await put(id, 'plots/one.png', png(8, n === 1 ? [200, 0, 0] : [0, 0, 200]));
    await put(
      id,
      'plots/evil.svg',
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>parent.document.title='pwned';top.pwned=1</script><rect width="${n}" height="9"/></svg>`,
    );
    await put(id, 'model.bin', new Uint8Array([0, n]));
    await put(id, 'lathe/code.patch', patch(n));
    await put(id, 'lathe/requirements.txt', n === 1 ? 'numpy==1.0\ngone==1\n' : 'numpy==2.0\nnew==1\n');
  }
  await app.goto(`/compare?runs=${a},${b}`);
  await expect(row(app, 'path').locator('mark')).toHaveText('2');
  await expect(row(app, 'lr')).toContainText('+0.1 (+100.0');
  for (const group of ['Changed', 'Added', 'Removed']) await expect(table(app)).toContainText(group);
  const open = async (name: string) => {
    await main(app).getByLabel('Filter rows').fill(name);
    await row(app, name).getByRole('button', { name }).click();
  };
  const diff = (name: string) => main(app).getByRole('region', { name });

  await open('config.yaml');
  await expect(diff('What differs in config.yaml')).toContainText('lr: 0.1');
  await expect(diff('What differs in config.yaml').locator('mark')).toHaveText(['1', '2']);
  await open('long.txt');
  await expect(diff('What differs in long.txt')).toContainText('changed 2');
  await diff('What differs in long.txt').getByRole('button', { name: '1,997 lines alike' }).click();
  await expect(diff('What differs in long.txt')).toContainText('line 0 of a long file');
  await open('model.bin');
  await expect(main(app)).toContainText('not text');
  await open('Patch');
  await expect(diff('Patch of first')).toContainText('lr = 1');
  await expect(main(app)).toContainText('Left out: big.bin');
  await main(app).getByLabel('From the run').selectOption({ label: 'second' });
  await expect(diff('Patch of first against that of second')).toContainText('+lr = 2');

  await open('plots/one.png');
  await expect(main(app).getByRole('img', { name: 'plots/one.png of first' })).toBeVisible();
  const width = (name: string) =>
    main(app)
      .getByRole('img', { name })
      .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
  await expect.poll(() => width('plots/one.png of second')).toBe(8);
  await open('plots/evil.svg');
  await expect.poll(() => width('plots/evil.svg of second')).toBe(9);
  expect(await app.page.title()).not.toContain('pwned');
  expect(await app.page.evaluate('window.pwned')).toBeUndefined();
  expect(app.problems).toEqual([]);
});

test('the files of a run are a tree that keys walk; a file is shown and can be kept', async ({
  start,
  host,
}) => {
  const app = await start({ sample: false });
  const { run, put } = await logger(app);
  const id = await run('with files', {});
  const bytes = new Uint8Array(2_500_000).map((_, at) => at % 251);
  await put(id, 'a.txt', 'hello\n');
  await put(id, 'deep/er/table.csv', 'x,y\n1,2\n');
  await put(id, 'deep/one.json', '{"a":[1,2]}');
  await put(id, 'model.bin', bytes);
  await app.goto(`/runs/${id}`);
  const tree = main(app).getByRole('tree', { name: 'Files' });
  await expect(tree.getByRole('treeitem')).toHaveCount(3);
  await tree.getByRole('treeitem').first().focus();
  const key = (name: string) => app.page.keyboard.press(name);
  const focused = () => app.page.evaluate('document.activeElement?.dataset.path');
  await key('ArrowDown');
  await key('ArrowRight');
  await expect(tree.getByRole('treeitem')).toHaveCount(5);
  await key('ArrowRight');
  expect(await focused()).toBe('deep/er');
  await key('ArrowRight');
  await expect(tree.getByRole('treeitem', { name: /table\.csv/ })).toBeVisible();
  await key('ArrowRight');
  await key('Enter');
  await expect(main(app).getByRole('columnheader', { name: 'y' })).toBeVisible();
  await key('ArrowLeft');
  expect(await focused()).toBe('deep/er');
  await key('ArrowLeft');
  await expect(tree.getByRole('treeitem', { name: /table\.csv/ })).toHaveCount(0);
  await key('End');
  expect(await focused()).toBe('model.bin');
  await key('a');
  expect(await focused()).toBe('a.txt');
  await key('Enter');
  await expect(main(app).getByRole('region', { name: 'a.txt' })).toContainText('hello');

  await tree.getByRole('treeitem', { name: /model\.bin/ }).click();
  await expect(main(app)).toContainText('There is no preview of this file');
  const kept = join(app.folder, 'kept.bin');
  const press = () => main(app).getByRole('button', { name: 'Download' }).last().click();
  if (host === 'electron')
    await app.electron?.evaluate(({ session }, path) => {
      session.defaultSession.once('will-download', (_event, item) => item.setSavePath(path));
    }, kept);
  if (host === 'electron') await press();
  else
    await Promise.all([app.page.waitForEvent('download').then((download) => download.saveAs(kept)), press()]);
  await expect
    .poll(() => {
      try {
        return readFileSync(kept).equals(Buffer.from(bytes));
      } catch {
        return false;
      }
    })
    .toBe(true);
  expect(app.problems).toEqual([]);
});

for (const theme of ['light', 'dark'] as const)
  test(`the comparison and the files can be used by everyone, in the ${theme} theme`, async ({ shared }) => {
    await shared.call(async (rpc) => {
      const { revision } = await rpc.settings.get();
      await rpc.settings.update({ revision, patch: { theme } });
    });
    await expect(shared.page.locator('html')).toHaveAttribute('data-theme', theme);
    const { runs } = await sampleRuns(shared);
    const ids = runs.map(({ id }) => id);
    await shared.goto(`/compare?runs=${ids.join(',')}&all=1&row=param:C`);
    await expect(table(shared)).toContainText('Parameters');
    await expect(main(shared).getByRole('heading', { level: 2, name: 'C' })).toBeVisible();
    expect(await seriousViolations(shared.page)).toEqual([]);
    await main(shared).getByRole('button', { name: 'Add runs' }).click();
    await expect(shared.page.getByRole('dialog', { name: 'Add runs' })).toBeVisible();
    expect(await seriousViolations(shared.page)).toEqual([]);
    await shared.page.keyboard.press('Escape');
    await shared.goto('/compare');
    await expect(main(shared)).toContainText('No runs to compare');
    expect(await seriousViolations(shared.page)).toEqual([]);
  });

for (const theme of ['light', 'dark'] as const)
  test(`differences of files and patches can be read by everyone, in the ${theme} theme`, async ({
    start,
  }) => {
    const app = await start({ sample: false });
    await app.call(async (rpc) => {
      const { revision } = await rpc.settings.get();
      await rpc.settings.update({ revision, patch: { theme } });
    });
    const { run, put } = await logger(app);
    const [a, b] = [await run('a', { lr: '1' }), await run('b', { lr: '2' })];
    await put(a, 'x.txt', 'same\nlr = 1\n');
    await put(b, 'x.txt', 'same\nlr = 2\n');
    await put(b, 'lathe/code.patch', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n');
    await app.goto(`/compare?runs=${a},${b}&row=artifact:x.txt`);
    await expect(main(app).getByRole('region', { name: 'What differs in x.txt' })).toContainText('lr = 2');
    expect(await seriousViolations(app.page)).toEqual([]);
    await app.goto(`/compare?runs=${a},${b}&row=code:Patch`);
    await expect(main(app).getByRole('region', { name: 'Patch of b' })).toBeVisible();
    expect(await seriousViolations(app.page)).toEqual([]);
    await app.goto(`/runs/${b}?file=x.txt`);
    await expect(main(app).getByRole('tree')).toBeVisible();
    await expect(main(app).getByRole('region', { name: 'x.txt' })).toBeVisible();
    expect(await seriousViolations(app.page)).toEqual([]);
  });

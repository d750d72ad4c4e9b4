/** A workspace has one writer; a second Lathe says so or steps aside. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { electronExecutable, sandboxFlags } from '../lib/electron.ts';
import { runLathe } from '../lib/headless.ts';

test('a second desktop start brings the first window to the front and ends', async ({ start, host }) => {
  test.skip(
    host === 'headless',
    'the single-instance lock belongs to the desktop; headless has the next test',
  );
  const app = await start({ sample: false });
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
  const profile = `--user-data-dir=${join(app.folder, 'profile')}`;
  const second = spawn(electronExecutable(), [...sandboxFlags(), APP_FOLDER, profile], { stdio: 'pipe' });
  let said = '';
  second.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  expect(said).toContain('already open');
  const windows = () => app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  const minimized = () =>
    app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized());
  await expect.poll(minimized).toBe(false);
  expect(await windows()).toBe(1);
});

test('a second server on the same workspace is refused with who holds it', async ({ start }) => {
  const app = await start({ sample: false });
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  const { pid } = await app.service('engine');
  const second = await runLathe(APP_FOLDER, [
    'serve',
    '--workspace',
    app.workspace,
    '--ui-port',
    '0',
    '--json',
  ]);
  expect(second.code).toBe(1);
  const { error } = JSON.parse(second.stdout);
  expect(error).toMatchObject({ code: 'LATHE_WORKSPACE_LOCKED', details: { pid } });
  expect(error.remedy).not.toBe('');
  // The first one is as it was.
  expect((await app.call((rpc) => rpc.workspace.hello())).workspace.path).toBe(app.workspace);
});

test('`lathe status` attaches to the running one, and says when there is none', async ({ start }) => {
  const app = await start({ sample: false });
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  const status = await runLathe(APP_FOLDER, ['status', '--workspace', app.workspace, '--json']);
  expect(status.code).toBe(0);
  const { hello, services } = JSON.parse(status.stdout);
  expect(hello.workspace.path).toBe(app.workspace);
  expect(services.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(['engine', 'gateway']));
  const none = await runLathe(APP_FOLDER, ['status', '--workspace', join(app.folder, 'nowhere')]);
  expect(none.code).toBe(3);
  expect(none.stderr).toContain('LATHE_HOST_NOT_RUNNING');
});

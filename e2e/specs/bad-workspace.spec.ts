/** A workspace that cannot be opened: the reason and the way out on the screen, nothing in it changed. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe, startHeadless } from '../lib/headless.ts';

type Case = { code: string; make(workspace: string): Promise<void> };

const database = (workspace: string) => join(workspace, 'lathe.db');

const CASES: Readonly<Record<string, Case>> = {
  damaged: {
    code: 'LATHE_WORKSPACE_CORRUPT',
    async make(workspace) {
      writeFileSync(database(workspace), Buffer.alloc(16_384, 'not a database '));
    },
  },
  foreign: {
    code: 'LATHE_WORKSPACE_FOREIGN',
    async make(workspace) {
      const db = new DatabaseSync(database(workspace));
      db.exec('CREATE TABLE songs(title TEXT)');
      db.close();
    },
  },
  newer: {
    code: 'LATHE_WORKSPACE_NEWER',
    async make(workspace) {
      const ports = ['--http-port', '0', '--grpc-port', '0', '--mlflow-port', '0'];
      const { child } = await startHeadless(APP_FOLDER, [...serve(workspace).slice(1), ...ports]);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      const db = new DatabaseSync(database(workspace));
      db.exec('PRAGMA user_version = 9999');
      db.close();
    },
  },
};

for (const [name, { code, make }] of Object.entries(CASES)) {
  test(`a ${name} workspace is refused by name, and stays as it is`, async ({ start, host }) => {
    const folder = mkdtempSync(join(tmpdir(), 'lathe-bad-'));
    const workspace = join(folder, 'workspace');
    mkdirSync(workspace);
    try {
      await make(workspace);
      const before = digest(database(workspace));
      if (host === 'headless') {
        // There is no page without an engine: the command line is the screen.
        const { code: exit, stderr, stdout } = await runLathe(APP_FOLDER, serve(workspace));
        expect(exit).toBe(1);
        expect(stdout).toBe('');
        expect(stderr).toContain(code);
        expect(stderr.trim().split('\n').length).toBe(2);
      } else {
        const app = await start({ workspace, sample: false });
        const alert = app.page.getByRole('alert');
        await expect(alert).toContainText(code);
        await expect(alert).toContainText(workspace);
        // No engine is left in a loop behind the screen.
        await app.page.getByRole('button', { name: 'Try again' }).click();
        await expect(alert).toContainText(code);
        const good = join(folder, 'good');
        mkdirSync(good);
        await app.electron?.evaluate(({ dialog }, chosen) => {
          dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
        }, good);
        await app.page.getByRole('button', { name: /^Create/ }).click();
        await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
      }
      expect(digest(database(workspace))).toBe(before);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('a workspace that another Lathe holds is refused with its process', async ({ start, host }) => {
  const first = await start({ sample: false });
  const { pid } = await first.service('engine');
  if (host === 'headless') {
    const { code, stderr } = await runLathe(APP_FOLDER, serve(first.workspace));
    expect(code).toBe(1);
    expect(stderr).toContain(`process ${pid}`);
    return;
  }
  const second = await start({ workspace: first.workspace, sample: false });
  await expect(second.page.getByRole('alert')).toContainText('LATHE_WORKSPACE_LOCKED');
  await expect(second.page.getByRole('alert')).toContainText(`process ${pid}`);
});

const serve = (workspace: string): string[] => ['serve', '--workspace', workspace, '--ui-port', '0'];
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

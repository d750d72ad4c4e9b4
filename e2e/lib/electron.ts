/** Starts the real desktop app under Playwright. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

/** Holds the app's `ready` back until Playwright listens; without it a launch hangs now and then. */
const LOADER = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  'lib/server/electron/loader.js',
);

export type ElectronSession = { app: ElectronApplication; page: Page; pid: number };

export function electronExecutable(): string {
  const executable = process.env.LATHE_ELECTRON;
  if (!executable)
    throw new Error('LATHE_ELECTRON names no Electron executable; `npm test -- --only electron` sets it');
  return executable;
}

/** Chromium does not start its sandbox for root. */
export const sandboxFlags = (): string[] => (process.getuid?.() === 0 ? ['--no-sandbox'] : []);

export async function startElectron(appFolder: string, args: readonly string[]): Promise<ElectronSession> {
  const app = await _electron.launch({
    executablePath: electronExecutable(),
    args: ['-r', LOADER, ...sandboxFlags(), appFolder, ...args],
    timeout: 30_000,
  });
  const pid = app.process().pid;
  if (pid === undefined) throw new Error('Electron has no process id');
  return { app, page: await app.firstWindow(), pid };
}

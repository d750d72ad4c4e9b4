/**
 * One Lathe for a test, the same to hold in either host: a page, the contract, the ways to kill it. Every Lathe has
 * a profile and a workspace of its own, and ends with all its processes whether the test passed or not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  type ElectronApplication,
  type Page,
} from '@playwright/test';
import type { Rpc } from '../../src-main/cli/client.ts';
import { connectToRunning } from '../../src-main/cli/running.ts';
import type { Service, Urls } from '../../src-main/contract/workspace.ts';
import { sandboxFlags, startElectron } from './electron.ts';
import { startHeadless } from './headless.ts';
import { isRunning, killAll, processTree, until } from './processes.ts';

export type HostKind = 'electron' | 'headless';
export type HostOptions = { host: HostKind };
export type Role = 'engine' | 'gateway' | 'runner';

export type LaunchOptions = {
  /** By default a folder of its own. */
  workspace?: string;
  /** Put the sample in; by default yes. */
  sample?: boolean;
  /** Command-line ports; 0, a free one, by default. */
  ports?: { http?: number; mlflow?: number };
  args?: readonly string[];
};

export type App = {
  readonly host: HostKind;
  /** Folder with this Lathe's profile; removed at the end. */
  readonly folder: string;
  readonly workspace: string;
  /** Changes with `restart`. */
  page: Page;
  /** The desktop's main process, for tests that look into it; null in a browser. */
  electron: ElectronApplication | null;
  /** The host's own process. */
  pid: number;
  /** Access token of the headless UI; null on the desktop. */
  token: string | null;
  /** Console errors and uncaught exceptions of the page since the start. */
  readonly problems: string[];
  /** Calls the engine as the command line does, over its local socket. */
  call<T>(work: (rpc: Rpc) => Promise<T>): Promise<T>;
  urls(): Promise<Urls>;
  service(role: Role): Promise<Service>;
  /** SIGKILLs that process and returns its id. Headless, the engine is the host itself. */
  kill(role: Role): Promise<number>;
  /** Ends it in order and starts it again on the same profile, workspace and UI port. */
  restart(): Promise<void>;
  /** Starts a headless Lathe again after it was killed; the tab that was open stays and must find back by itself. */
  startAgain(): Promise<void>;
  goto(path: string): Promise<void>;
  close(): Promise<void>;
};

/** A built checkout; another folder with `out/` may be named. */
export const APP_FOLDER = resolve(process.env.LATHE_APP_FOLDER ?? join(import.meta.dirname, '..', '..'));
const CLOSE_LIMIT_MS = 30_000;

type Session = {
  page: Page;
  context: BrowserContext | null;
  electron: ElectronApplication | null;
  pid: number;
  token: string | null;
  uiPort: number;
  end(): Promise<void>;
  /** The signal that ended it; null while it runs, and where it ended by itself. */
  signal(): NodeJS.Signals | null;
};

/** What a fault inside of a process ends it with, other than what tests and `bounded` kill with. */
const CRASHES: ReadonlySet<NodeJS.Signals | null> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGTRAP',
  'SIGBUS',
  'SIGILL',
]);

export async function launch(
  host: HostKind,
  browser: Browser | null,
  options: LaunchOptions = {},
): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-e2e-'));
  const workspace = options.workspace ?? join(folder, 'workspace');
  const problems: string[] = [];
  const start = async (uiPort: number, tab: Session | null = null): Promise<Session> => {
    const args = [
      ...['--workspace', workspace],
      ...(options.sample === false ? [] : ['--sample']),
      ...['--http-port', String(options.ports?.http ?? 0), '--grpc-port', '0'],
      ...['--mlflow-port', String(options.ports?.mlflow ?? 0)],
      ...(options.args ?? []),
    ];
    const session =
      host === 'electron'
        ? await desktopSession(folder, args)
        : await browserSession(browser, args, uiPort, tab);
    if (!tab) watch(session.page, problems);
    return session;
  };
  let session = await start(0).catch((error) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });

  const adopt = (next: Session) => {
    session = next;
    Object.assign(app, { page: next.page, electron: next.electron, pid: next.pid, token: next.token });
  };
  const call = async <T>(work: (rpc: Rpc) => Promise<T>): Promise<T> => {
    const client = await until('the engine', () => connectToRunning(workspace).catch(() => null));
    try {
      return await work(client.rpc);
    } finally {
      client.close();
    }
  };
  const service = (role: Role) =>
    until(`${role} to run`, async () => {
      const services = await call((rpc) => rpc.workspace.services());
      return services.find(({ id, state, pid }) => id.split(':')[0] === role && state === 'running' && pid);
    });

  const app: App = {
    host,
    folder,
    workspace,
    page: session.page,
    electron: session.electron,
    pid: session.pid,
    token: session.token,
    problems,
    call,
    service,
    urls: () => call(async (rpc) => (await rpc.workspace.hello()).urls),
    async kill(role) {
      const { pid } = await service(role);
      if (pid === null) throw new Error(`${role} has no process`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    async restart() {
      await bounded(session);
      adopt(await start(session.uiPort));
    },
    async startAgain() {
      adopt(await start(session.uiPort, session));
    },
    async goto(path) {
      await app.page.getByRole('navigation', { name: 'Views' }).waitFor();
      await app.page.evaluate(`location.hash = ${JSON.stringify(path)}`);
    },
    async close() {
      await bounded(session);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return app;
}

async function desktopSession(folder: string, args: readonly string[]): Promise<Session> {
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const { app, page, pid } = await startElectron(APP_FOLDER, [profile, ...args]);
  const main = app.process();
  const ended = new Promise<void>((done) => main.once('exit', () => done()));
  return {
    page,
    context: null,
    electron: app,
    pid,
    token: null,
    uiPort: 0,
    async end() {
      await app.close();
      if (main.exitCode === null && main.signalCode === null) await ended;
    },
    signal: () => main.signalCode,
  };
}

async function browserSession(
  browser: Browser | null,
  args: readonly string[],
  uiPort: number,
  tab: Session | null,
): Promise<Session> {
  if (!browser) throw new Error('the headless host needs a browser');
  const { child, announcement, pid } = await startHeadless(APP_FOLDER, [
    '--ui-port',
    String(uiPort),
    ...args,
  ]);
  const context = tab?.context ?? (await browser.newContext({ viewport: { width: 1360, height: 880 } }));
  const page = tab?.page ?? (await context.newPage());
  if (!tab) await page.goto(`${announcement.urls.ui}?token=${announcement.token}`);
  return {
    page,
    context,
    electron: null,
    pid,
    token: announcement.token,
    uiPort: Number(new URL(announcement.urls.ui).port),
    async end() {
      await context.close();
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await ended;
    },
    signal: () => child.signalCode,
  };
}

/** Ends a session in order, or after a while by force, and never leaves a process behind. Rejects where it crashed or had to be forced. */
async function bounded(session: Session): Promise<void> {
  const pids = isRunning(session.pid) ? processTree(session.pid) : [session.pid];
  const ended = session.end().then(
    () => true,
    () => true,
  );
  const inOrder = await Promise.race([ended, sleep(CLOSE_LIMIT_MS, false, { ref: false })]);
  killAll(pids.filter(isRunning));
  if (CRASHES.has(session.signal())) throw new Error(`Lathe ended with ${session.signal()}`);
  if (!inOrder) throw new Error(`Lathe did not end within ${CLOSE_LIMIT_MS / 1000} s`);
}

function watch(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
}

type TestFixtures = {
  /** A Lathe of this test's own. */
  start: (options?: LaunchOptions) => Promise<App>;
};
type WorkerFixtures = HostOptions & {
  chromium: Browser | null;
  /** One Lathe with the sample for all tests that only look; it is started when first asked for. */
  shared: App;
};

export const test = base.extend<TestFixtures, WorkerFixtures>({
  host: ['electron', { option: true, scope: 'worker' }],
  chromium: [
    async ({ host }, use) => {
      if (host === 'electron') return use(null);
      const executablePath = process.env.LATHE_CHROMIUM ?? '/usr/bin/chromium';
      const browser = await chromium.launch({ executablePath, args: sandboxFlags() });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  shared: [
    async ({ host, chromium: browser }, use) => {
      const app = await launch(host, browser);
      await app.page.getByRole('navigation', { name: 'Views' }).waitFor();
      await use(app);
      await app.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  start: async ({ host, chromium: browser }, use) => {
    const started: App[] = [];
    await use(async (options) => {
      const app = await launch(host, browser, options);
      started.push(app);
      return app;
    });
    await Promise.all(started.map((app) => app.close()));
  },
});

export { expect } from '@playwright/test';

/**
 * The desktop host: windows, menu, tray, dialogs and supervision. No domain code. Read from top to bottom it is the
 * order of a start: what must come before `ready`, the engine, the window, then everything that can wait.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { app, dialog, type IpcMainEvent, ipcMain, MessageChannelMain, nativeTheme } from 'electron';
import { ACTIONS, type ActionId } from '../contract/actions.ts';
import type { ErrorReport } from '../contract/errors.ts';
import type { WorkspaceChoice } from '../contract/host-messages.ts';
import type { HostCapabilities, Service } from '../contract/workspace.ts';
import { type AppState, readAppState, userDataFolder, writeAppState } from '../platform/app-state.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { openIn, showNotice } from './desktop-notices.ts';
import { createDesktopSecrets, hasKeychain } from './desktop-secrets.ts';
import { createEngineHost } from './engine-host.ts';
import { installMenu } from './menu.ts';
import { parseDesktopOptions } from './options.ts';
import { createFork } from './processes.ts';
import { registerScheme, serveRenderer } from './protocol.ts';
import { installGuards, isOurs } from './security.ts';
import { createStartupMarks, writeReport } from './startup.ts';
import { type AppTray, createTray } from './tray.ts';
import { createWindow, type MainWindow } from './window.ts';
import { askForWorkspace, initialWorkspace, type WorkspaceToOpen } from './workspace-choice.ts';

const marks = createStartupMarks(process.getCreationTime() ?? systemClock.now(), systemClock.now);
marks.mark('main');
const options = parseDesktopOptions(process.argv.slice(1), process.cwd());
/** A smoke test leaves nothing behind and meets nobody's data. */
const smokeFolder =
  options.smokeTest && !options.userDataDir ? mkdtempSync(join(tmpdir(), 'lathe-smoke-')) : null;
const userData = options.userDataDir ?? smokeFolder ?? userDataFolder();
/** This file is out/host-electron/main.js, in a checkout and in the packaged archive alike. */
const bundles = dirname(import.meta.dirname);
/** Read-only files that ship beside the archive: the sample, the icon. */
const resources = app.isPackaged ? process.resourcesPath : join(app.getAppPath(), 'resources');

app.setName('Lathe');
app.setPath('userData', userData);
registerScheme();
installGuards();

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(run);
} else {
  process.stdout.write('Lathe is already open; its window was brought to the front.\n');
  app.exit(0);
}

function run(): void {
  marks.mark('app-ready');
  const log = createLogger('main', join(userData, 'logs', 'main.log'));
  let state = readAppState(userData);
  let current = initialWorkspace(options, state, userData);
  let problem: ErrorReport | null = null;
  let isPageWaiting = false;
  let isQuitting = false;
  let window: MainWindow | null = null;
  let tray: AppTray | null = null;
  // Electron's own dialog would hold a process that is ending until somebody answered it.
  process.on('uncaughtException', (thrown) => {
    log.error({ err: thrown }, 'uncaught');
    if (!isQuitting) dialog.showErrorBox('Something went wrong in Lathe', String(thrown?.stack ?? thrown));
  });
  const icon = join(resources, 'icons', '128x128.png');
  const hasTray =
    existsSync(icon) && (process.platform !== 'linux' || Boolean(process.env.DBUS_SESSION_BUS_ADDRESS));

  const remember = (part: Partial<AppState>) => {
    state = { ...state, ...part };
    try {
      writeAppState(userData, state);
    } catch (error) {
      log.warn({ error: String(error) }, 'the app state could not be saved');
    }
  };

  const engine = createEngineHost({
    fork: createFork(bundles, log),
    clock: systemClock,
    log,
    events: {
      ready() {
        marks.mark('engine-ready');
        problem = null;
        remember({ lastWorkspace: current.workspace });
        if (isPageWaiting) connectPage();
        void afterReady();
      },
      down: () => log.warn('the engine died and is being started again'),
      failed(report) {
        problem = report;
        showProblem();
      },
      choose: chooseWorkspace,
      secret: createDesktopSecrets(userData),
      notify: (notice) =>
        showNotice(
          notice,
          openIn(() => window),
        ),
    },
  });

  nativeTheme.themeSource = state.theme;
  serveRenderer(join(bundles, 'renderer'));
  openWorkspace(current);
  window = createWindow({
    bundles,
    state,
    icon,
    visible: !options.smokeTest,
    shown: () => marks.mark('window-shown'),
  });
  window.browser.webContents.once('dom-ready', () => marks.mark('page-loaded'));
  window.browser.on('close', () => remember({ window: window?.state() ?? null }));
  installMenu(runAction);
  if (hasTray) tray = createTray(icon, () => window?.focus());

  ipcMain.on('lathe:page', (event, message: unknown) => {
    if (isFromPage(event)) heardFromPage(message as { lathe?: unknown; mode?: unknown });
  });
  app.on('second-instance', () => window?.focus());
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (isQuitting) return;
    event.preventDefault();
    void quit(0);
  });
  if (options.smokeTest) void smoke(options.smokeTest);

  function openWorkspace(next: WorkspaceToOpen): void {
    current = next;
    problem = null;
    engine.start({
      role: 'engine',
      ...next,
      version: app.getVersion(),
      resources,
      bundles,
      ports: options.ports,
      capabilities: capabilities(),
    });
  }

  function capabilities(): HostCapabilities {
    return {
      kind: 'desktop',
      platform: process.platform,
      dialogs: true,
      workspaces: true,
      secrets: hasKeychain() ? 'keychain' : 'none',
      tray: hasTray,
    };
  }

  /** Main frame of our window, our origin, nothing else. */
  function isFromPage(event: IpcMainEvent): boolean {
    // A page may speak while its window goes.
    if (!window || window.browser.isDestroyed()) return false;
    const frame = event.senderFrame;
    return event.sender === window.browser.webContents && frame?.parent === null && isOurs(frame.url);
  }

  function heardFromPage(message: { lathe?: unknown; mode?: unknown }): void {
    switch (message.lathe) {
      case 'connect':
        if (problem) showProblem();
        else connectPage();
        return;
      case 'interactive':
        if (!('interactive' in marks.timings())) interactive();
        return;
      case 'choose-workspace':
        if (message.mode === 'open' || message.mode === 'create' || message.mode === 'sample')
          void chooseWorkspace(message.mode);
        return;
      case 'retry-start':
        if (problem) void reopen(current);
        return;
    }
  }

  /** Brokers a channel between the page and the engine, so that they talk without main. */
  function connectPage(): void {
    const { port1, port2 } = new MessageChannelMain();
    isPageWaiting = !engine.connect(port1);
    if (isPageWaiting) port1.close();
    else window?.send({ lathe: 'port' }, [port2]);
  }

  function showProblem(): void {
    if (problem) window?.send({ lathe: 'startup-failed', report: problem, workspace: current.workspace });
  }

  function interactive(): void {
    marks.mark('interactive');
    log.info(marks.timings(), 'start-up');
    if (options.readyFile)
      writeReport(options.readyFile, { ready: true, timings: marks.timings(), pid: process.pid });
  }

  async function chooseWorkspace(mode: WorkspaceChoice): Promise<boolean> {
    if (!window) return false;
    const chosen = await askForWorkspace(window.browser, mode, userData);
    if (!chosen) return false;
    // The engine that asked is about to end; let its answer out first.
    setImmediate(() => void reopen(chosen));
    return true;
  }

  async function reopen(next: WorkspaceToOpen): Promise<void> {
    await engine.stop();
    if (!isQuitting) openWorkspace(next);
  }

  function runAction(id: ActionId): void {
    if (id === 'workspace.open' || id === 'workspace.create' || id === 'workspace.sample') {
      void chooseWorkspace(id.slice('workspace.'.length) as WorkspaceChoice);
    } else if (ACTIONS.some((action) => action.id === id)) {
      window?.focus();
      window?.send({ lathe: 'action', id });
    }
  }

  /** What can wait until the window is up: main's own look at the theme and the services. */
  async function afterReady(): Promise<void> {
    const { createEngineClient, watchEngine } = await import('./engine-client.ts');
    const client = createEngineClient(engine.connect);
    await watchEngine(client, { theme: themeChanged, services: servicesChanged }).catch(() => {
      // The engine ended; the next one that is ready is watched in its turn.
    });
    client.close();
  }

  function themeChanged(theme: AppState['theme']): void {
    if (theme === state.theme) return;
    nativeTheme.themeSource = theme;
    remember({ theme });
  }

  function servicesChanged(services: Service[]): void {
    tray?.services(services);
  }

  async function smoke(file: string): Promise<void> {
    const { runSmokeTest } = await import('./smoke.ts');
    const report = await runSmokeTest({
      engine,
      marks,
      resources,
      problem: () => problem,
      window: () => window,
    });
    writeReport(file, report);
    await quit(report.ok ? 0 : 1);
  }

  async function quit(code: number): Promise<void> {
    if (isQuitting) return;
    isQuitting = true;
    if (window && !window.browser.isDestroyed()) remember({ window: window.state() });
    await engine.stop();
    if (smokeFolder) rmSync(smokeFolder, { recursive: true, force: true });
    app.exit(code);
  }
}

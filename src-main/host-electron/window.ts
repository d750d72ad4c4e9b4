/** The one window: where it was last time, in the right colour from the first frame, sandboxed. */
import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { HostToPage } from '../contract/host-messages.ts';
import type { AppState, WindowState } from '../platform/app-state.ts';
import { APP_ORIGIN } from './protocol.ts';

/** `--canvas` of src-renderer/app/theme.css: what shows before the first paint. */
const CANVAS = { light: '#f3f5f7', dark: '#0f1116' } as const;
const DEFAULT_SIZE = { width: 1360, height: 880 };
/** Shown even when the page never paints, so that a failure is seen. */
const SHOW_AT_LATEST_MS = 4_000;

export type MainWindow = {
  readonly browser: BrowserWindow;
  send(message: HostToPage, ports?: Electron.MessagePortMain[]): void;
  focus(): void;
  state(): WindowState;
};

export function createWindow(options: {
  bundles: string;
  state: AppState;
  icon: string;
  visible: boolean;
  shown: () => void;
}): MainWindow {
  const { state } = options;
  const browser = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...onScreen(state.window),
    minWidth: 880,
    minHeight: 560,
    show: false,
    title: 'Lathe',
    icon: options.icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? CANVAS.dark : CANVAS.light,
    webPreferences: {
      preload: join(options.bundles, 'host-electron', 'preload.cjs'),
      additionalArguments: [`--lathe-theme=${state.theme}`],
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (state.window?.maximized) browser.maximize();

  const show = () => {
    clearTimeout(timer);
    if (browser.isDestroyed() || browser.isVisible()) return;
    if (options.visible) browser.show();
    options.shown();
  };
  const timer = setTimeout(show, SHOW_AT_LATEST_MS);
  browser.once('ready-to-show', show);
  nativeTheme.on('updated', () => {
    if (!browser.isDestroyed())
      browser.setBackgroundColor(nativeTheme.shouldUseDarkColors ? CANVAS.dark : CANVAS.light);
  });
  void browser.loadURL(`${APP_ORIGIN}/`);

  return {
    browser,
    send(message, ports = []) {
      if (!browser.isDestroyed()) browser.webContents.postMessage('lathe:host', message, ports);
    },
    focus() {
      if (browser.isDestroyed()) return;
      if (browser.isMinimized()) browser.restore();
      browser.show();
      browser.focus();
    },
    state: () => ({ ...browser.getNormalBounds(), maximized: browser.isMaximized() }),
  };
}

/** The remembered bounds, unless that screen is gone. */
function onScreen(remembered: WindowState | null): Partial<WindowState> {
  if (!remembered) return {};
  const { x, y, width, height } = remembered;
  const seen = screen.getAllDisplays().some(({ workArea }) => {
    const across = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x);
    const down = Math.min(y + height, workArea.y + workArea.height) - Math.max(y, workArea.y);
    return across >= 100 && down >= 100;
  });
  return seen ? { x, y, width, height } : { width, height };
}

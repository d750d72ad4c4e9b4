/**
 * Where this user's Lathe keeps what belongs to no workspace, and the small file in it that remembers the last
 * workspace, the window and the theme. The desktop writes it; the command line reads the last workspace from it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export type WindowState = { x: number; y: number; width: number; height: number; maximized: boolean };
export type AppState = {
  lastWorkspace: string | null;
  theme: 'system' | 'light' | 'dark';
  window: WindowState | null;
};

/** The folder that Electron calls userData, for every program of ours. */
export function userDataFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Lathe');
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Lathe');
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'Lathe');
}

/** The workspace that is made, with the sample in it, where none has been chosen. */
export const sampleWorkspace = (userData: string): string => join(userData, 'workspaces', 'flights-sample');

/** The remembered state; a missing or damaged file is an empty memory, never a failure. */
export function readAppState(userData: string): AppState {
  let found: Partial<Record<keyof AppState, unknown>> = {};
  try {
    found = Object(JSON.parse(readFileSync(stateFile(userData), 'utf8')));
  } catch {
    // First start, or a file someone damaged.
  }
  return {
    lastWorkspace: typeof found.lastWorkspace === 'string' ? found.lastWorkspace : null,
    theme: found.theme === 'light' || found.theme === 'dark' ? found.theme : 'system',
    window: isWindowState(found.window) ? found.window : null,
  };
}

function isWindowState(value: unknown): value is WindowState {
  if (typeof value !== 'object' || value === null) return false;
  const { x, y, width, height, maximized } = value as WindowState;
  return [x, y, width, height].every(Number.isInteger) && typeof maximized === 'boolean';
}

/** Written whole to a temporary name and renamed, so that a crash leaves the old one or the new one. */
export function writeAppState(userData: string, state: AppState): void {
  const file = stateFile(userData);
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

const stateFile = (userData: string): string => join(userData, 'state.json');

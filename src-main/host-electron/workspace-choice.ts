/** Which folder to open: from the command line, from last time, or from a person with a native dialog. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import type { WorkspaceChoice } from '../contract/host-messages.ts';
import { type AppState, sampleWorkspace } from '../platform/app-state.ts';
import type { DesktopOptions } from './options.ts';

export type WorkspaceToOpen = { workspace: string; create: boolean; sample: boolean };

export function initialWorkspace(
  options: Pick<DesktopOptions, 'workspace' | 'sample'>,
  state: AppState,
  userData: string,
): WorkspaceToOpen {
  if (options.workspace) return { workspace: options.workspace, create: true, sample: options.sample };
  const sample = sampleWorkspace(userData);
  // A remembered workspace that has gone is a failure to show, not one to make anew over what may come back.
  if (state.lastWorkspace && state.lastWorkspace !== sample)
    return { workspace: state.lastWorkspace, create: false, sample: false };
  return { workspace: sample, create: true, sample: true };
}

/** Null when the person cancelled. */
export async function askForWorkspace(
  window: BrowserWindow,
  mode: WorkspaceChoice,
  userData: string,
): Promise<WorkspaceToOpen | null> {
  if (mode === 'sample') return { workspace: unusedSample(userData), create: true, sample: true };
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: mode === 'open' ? 'Open a workspace' : 'Choose a folder for the new workspace',
    buttonLabel: mode === 'open' ? 'Open' : 'Create here',
    properties: mode === 'open' ? ['openDirectory'] : ['openDirectory', 'createDirectory'],
  });
  const [workspace] = filePaths;
  return canceled || !workspace ? null : { workspace, create: mode === 'create', sample: false };
}

/** A fresh sample never takes the place of one in which somebody has worked. */
function unusedSample(userData: string): string {
  const first = sampleWorkspace(userData);
  for (let n = 1; ; n++) {
    const folder = n === 1 ? first : `${first}-${n}`;
    if (!existsSync(join(folder, 'lathe.db'))) return folder;
  }
}

/** The menu bar, made from the action registry. Items only say which action is meant; the page knows how. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import { ACTIONS, type Action, type ActionGroup, type ActionId } from '../contract/actions.ts';

export function installMenu(run: (id: ActionId) => void): void {
  const items = (group: ActionGroup): MenuItemConstructorOptions[] =>
    ACTIONS.filter((action) => action.group === group).map((action) => item(action, run));
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const view: MenuItemConstructorOptions[] = [
    ...items('View'),
    separator,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    ...(app.isPackaged ? [] : [separator, { role: 'toggleDevTools' } as const]),
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
      { label: 'File', submenu: [...items('File'), separator, { role: 'quit' }] },
      { role: 'editMenu' },
      { label: 'Go', submenu: items('Go') },
      { label: 'View', submenu: view },
      { label: 'Serving', submenu: items('Serving') },
      { label: 'Help', role: 'help', submenu: [...items('Help'), separator, { role: 'about' }] },
    ]),
  );
}

function item(action: Action & { id: ActionId }, run: (id: ActionId) => void): MenuItemConstructorOptions {
  const base: MenuItemConstructorOptions = {
    id: action.id,
    label: action.title,
    click: () => run(action.id),
  };
  if (action.keys === null) return base;
  // On Linux and Windows the page handles the keys, so that they are the same in a browser tab; here they are only
  // shown. macOS gives keys to the menu first.
  return {
    ...base,
    accelerator: action.keys.replace('Mod', 'CommandOrControl'),
    registerAccelerator: process.platform === 'darwin',
  };
}

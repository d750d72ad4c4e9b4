/** The tray icon: is the server running, bring the window back, quit. Nothing where the desktop has no tray. */
import { app, Menu, nativeImage, Tray } from 'electron';
import type { Service } from '../contract/workspace.ts';

export type AppTray = { services(services: readonly Service[]): void };

/** Null where no tray can be had; capabilities say so. `icon` is a PNG. */
export function createTray(icon: string, show: () => void): AppTray | null {
  let tray: Tray;
  try {
    const image = nativeImage.createFromPath(icon);
    if (image.isEmpty()) return null;
    tray = new Tray(image.resize({ width: 22, height: 22 }));
  } catch {
    return null;
  }
  const render = (state: string) => {
    tray.setToolTip(`Lathe: ${state}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Show Lathe', click: show },
        { label: state, enabled: false },
        { type: 'separator' },
        { label: 'Quit', click: () => app.quit() },
      ]),
    );
  };
  tray.on('click', show);
  render('Starting');
  return { services: (services) => render(summary(services)) };
}

/** One line for all services: the worst of them, by name. */
function summary(services: readonly Pick<Service, 'title' | 'state'>[]): string {
  const failed = services.find((each) => each.state === 'failed');
  if (failed) return `${failed.title} failed`;
  const waiting = services.find((each) => each.state === 'starting' || each.state === 'restarting');
  if (waiting) return `${waiting.title} is ${waiting.state}`;
  return services.some((each) => each.state === 'running') ? 'All servers running' : 'Servers stopped';
}

/** Notifications of the operating system; a click brings the window to the front and opens what it is about. */
import { Notification } from 'electron';
import type { MainWindow } from './window.ts';

export type DesktopNotice = { title: string; body: string; href: string };

/** Held while they can be clicked: one that is collected takes its click with it. */
const shown = new Set<Notification>();
const MOST_SHOWN = 20;

export function showNotice({ title, body, href }: DesktopNotice, open: (href: string) => void): void {
  if (!Notification.isSupported()) return;
  const notice = new Notification({ title, body });
  const forget = () => shown.delete(notice);
  notice.on('click', () => {
    forget();
    open(href);
  });
  notice.on('close', forget);
  shown.add(notice);
  const [oldest] = shown;
  if (shown.size > MOST_SHOWN && oldest) shown.delete(oldest);
  notice.show();
}

/** What a click does; nothing while there is no window. */
export const openIn =
  (window: () => MainWindow | null) =>
  (href: string): void => {
    window()?.focus();
    window()?.send({ lathe: 'open', href });
  };

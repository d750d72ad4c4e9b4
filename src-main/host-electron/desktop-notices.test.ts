/** Electron is faked: there is no desktop here that could show a notification, let alone one that somebody clicks. */
import type { EventEmitter } from 'node:events';
import { beforeEach, expect, it, vi } from 'vitest';
import { openIn, showNotice } from './desktop-notices.ts';
import { createWindow } from './window.ts';

const fake = vi.hoisted(() => ({
  supported: true,
  notices: [] as (EventEmitter & { options: object; shown: boolean })[],
  /** What was asked of the window, in order. */
  asked: [] as unknown[],
  minimized: false,
}));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class Notification extends Emitter {
    static isSupported = () => fake.supported;
    shown = false;
    options: object;
    constructor(options: object) {
      super();
      this.options = options;
      fake.notices.push(this);
    }
    show() {
      this.shown = true;
    }
  }
  class BrowserWindow extends Emitter {
    webContents = Object.assign(new Emitter(), {
      postMessage: (...message: unknown[]) => void fake.asked.push(message),
    });
    isDestroyed = () => false;
    isVisible = () => true;
    isMinimized = () => fake.minimized;
    restore = () => void fake.asked.push('restore');
    show = () => void fake.asked.push('show');
    focus = () => void fake.asked.push('focus');
    loadURL = async () => {};
    setBackgroundColor = () => {};
  }
  const nativeTheme = Object.assign(new Emitter(), { shouldUseDarkColors: false });
  return { Notification, BrowserWindow, nativeTheme };
});

beforeEach(() => {
  Object.assign(fake, { supported: true, minimized: false });
  fake.notices.length = 0;
  fake.asked.length = 0;
});

const NOTICE = { title: 'temp drifts on flights', body: 'PSI 0.61 is above 0.25.', href: '/alerts/a1' };
const window = () =>
  createWindow({
    ...{ bundles: '/nowhere', icon: '', visible: true, shown: () => {} },
    state: { theme: 'system', window: null } as Parameters<typeof createWindow>[0]['state'],
  });

it('a notification has the words of the alert; a click brings the window up and opens the alert, once', () => {
  const shown = window();
  fake.minimized = true;
  showNotice(
    NOTICE,
    openIn(() => shown),
  );
  const [notice] = fake.notices;
  expect(notice).toMatchObject({
    shown: true,
    options: { title: NOTICE.title, body: NOTICE.body },
  });
  expect(fake.asked).toEqual([]);
  notice?.emit('click');
  expect(fake.asked).toEqual([
    'restore',
    'show',
    'focus',
    ['lathe:host', { lathe: 'open', href: '/alerts/a1' }, []],
  ]);
});

it('one that is closed opens nothing, and a click without a window harms nothing', () => {
  const opened: string[] = [];
  showNotice(NOTICE, (href) => opened.push(href));
  fake.notices[0]?.emit('close');
  expect(opened).toEqual([]);
  showNotice(
    NOTICE,
    openIn(() => null),
  );
  fake.notices[1]?.emit('click');
  expect(fake.asked).toEqual([]);
});

it('each of many opens its own alert', () => {
  const opened: string[] = [];
  for (let at = 0; at < 30; at++)
    showNotice({ ...NOTICE, href: `/alerts/${at}` }, (href) => opened.push(href));
  fake.notices[29]?.emit('click');
  fake.notices[12]?.emit('click');
  expect(opened).toEqual(['/alerts/29', '/alerts/12']);
});

it('a desktop without notifications shows none', () => {
  fake.supported = false;
  showNotice(NOTICE, () => {});
  expect(fake.notices).toEqual([]);
});

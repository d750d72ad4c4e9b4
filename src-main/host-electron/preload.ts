/**
 * The whole surface between the page and the host, as contract/host-messages.ts describes it. It carries a
 * MessagePort in, a few words in and out, and no function: the page can call nothing here.
 *
 * !!! SECURITY: nothing but `electron` and the contract's types may be imported, nothing but these messages may
 * pass. e2e/specs/security.spec.ts lists what a page can see. !!!
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { HostToPage, PageToHost } from '../contract/host-messages.ts';

const ORIGIN = 'lathe://app';
const THEMES = ['system', 'light', 'dark'] as const;
const WORDS: readonly PageToHost['lathe'][] = ['connect', 'interactive', 'choose-workspace', 'retry-start'];

/** What the preload needs of the page's `window`; the Node side of the house is compiled without the DOM. */
type PageMessage = { data: unknown; source: unknown; origin: string };
declare const window: {
  addEventListener(type: 'message', listener: (event: PageMessage) => void): void;
  postMessage(message: unknown, origin: string, transfer: readonly unknown[]): void;
};

const given = process.argv.find((argument) => argument.startsWith('--lathe-theme='))?.split('=')[1];
const theme = THEMES.find((each) => each === given) ?? 'system';
contextBridge.exposeInMainWorld('lathe', { host: 'desktop', theme });

const isOwn = (event: PageMessage) => event.source === window && event.origin === ORIGIN;

window.addEventListener('message', (event) => {
  if (!isOwn(event)) return;
  const message = event.data as PageToHost | HostToPage | null;
  const word = WORDS.find((each) => each === message?.lathe);
  if (word) ipcRenderer.send('lathe:page', { lathe: word, mode: (message as { mode?: unknown }).mode });
});

ipcRenderer.on('lathe:host', (event, message: HostToPage) => {
  window.postMessage(message, ORIGIN, [...event.ports]);
});

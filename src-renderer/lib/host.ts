/** What the desktop window and its host say to each other outside the RPC; a browser tab has no host. */
import type { HostToPage, PageToHost } from '../../src-main/contract/host-messages.ts';

declare global {
  interface Window {
    /** Left by the desktop's preload, before any script of the page. */
    lathe?: { host: 'desktop'; theme: 'system' | 'light' | 'dark' };
  }
}

export const isDesktop = (): boolean => window.lathe !== undefined;

/** Says something to the host; does nothing in a browser tab. */
export function tellHost(message: PageToHost): void {
  if (isDesktop()) window.postMessage(message, '/');
}

export function isHostMessage(event: MessageEvent): event is MessageEvent<HostToPage> {
  return (
    event.source === window && typeof event.data === 'object' && event.data !== null && 'lathe' in event.data
  );
}

export function onHostMessage(listener: (message: HostToPage) => void): () => void {
  const receive = (event: MessageEvent) => {
    if (isHostMessage(event)) listener(event.data);
  };
  window.addEventListener('message', receive);
  return () => window.removeEventListener('message', receive);
}

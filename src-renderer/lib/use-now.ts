/** One clock for every "3 min ago" on the page: a single timer, however many places show a time. */
import { useSyncExternalStore } from 'react';
import { formatRelative } from './format.ts';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** Milliseconds since the epoch, renewed every second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** How long ago, as text; renders again only when the text changes. */
export const useRelative = (thenMs: number | null): string =>
  useSyncExternalStore(subscribe, () => formatRelative(thenMs, now));

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const one of listeners) one();
    }, 1_000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

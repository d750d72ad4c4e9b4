/** Which of many things the pointer is on, shared by charts and lists without drawing any of them anew. */
import { useSyncExternalStore } from 'react';

export type Highlight = {
  get(): string | null;
  set(id: string | null): void;
  subscribe(listener: () => void): () => void;
};

export function createHighlight(): Highlight {
  const listeners = new Set<() => void>();
  let present: string | null = null;
  return {
    get: () => present,
    set(id) {
      if (id === present) return;
      present = id;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export const useHighlight = ({ subscribe, get }: Highlight): string | null =>
  useSyncExternalStore(subscribe, get);

/** Whether this one is it; others are not rendered when it moves between them. */
export const useIsHighlighted = ({ subscribe, get }: Highlight, id: string): boolean =>
  useSyncExternalStore(subscribe, () => get() === id);

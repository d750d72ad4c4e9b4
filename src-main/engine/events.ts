/** Tells listeners what changed. Areas call `changed`; each listener gets a topic at most every 250 ms. */
import type { Topic, WorkspaceEvent } from '../contract/workspace.ts';
import type { Clock } from '../platform/clock.ts';

export type Notice = Omit<Extract<WorkspaceEvent, { type: 'notice' }>, 'type' | 'atMs'>;

export type Events = {
  changed(...topics: Topic[]): void;
  notice(notice: Notice): void;
  listen(listener: (event: WorkspaceEvent) => void): () => void;
};

const QUIET_MS = 250;

export function createEvents(clock: Clock): Events {
  const listeners = new Set<(event: WorkspaceEvent) => void>();
  const pending = new Set<Topic>();
  let timer: NodeJS.Timeout | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;

  const send = (event: WorkspaceEvent) => {
    for (const listener of listeners) listener(event);
  };
  const flush = () => {
    timer = null;
    lastMs = clock.monotonic();
    const topics = [...pending];
    pending.clear();
    send({ type: 'changed', topics, atMs: clock.now() });
  };

  return {
    changed(...topics) {
      for (const topic of topics) pending.add(topic);
      if (timer) return;
      const wait = Math.max(0, QUIET_MS - (clock.monotonic() - lastMs));
      timer = setTimeout(flush, wait);
      timer.unref();
    },
    notice(notice) {
      send({ type: 'notice', ...notice, atMs: clock.now() });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

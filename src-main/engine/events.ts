/** Tells listeners what changed. Areas call `changed`; each listener gets a topic at most every 250 ms. */
import type { Topic, WorkspaceEvent } from '../contract/workspace.ts';
import type { Clock } from '../platform/clock.ts';

export type Notice = Omit<Extract<WorkspaceEvent, { type: 'notice' }>, 'type' | 'atMs'>;

export type Events = {
  changed(...topics: Topic[]): void;
  notice(notice: Notice): void;
  listen(listener: (event: WorkspaceEvent) => void): () => void;
  /** Listens for a person: notices that nobody could read yet (the engine had just restarted) come first. */
  listenForUser(listener: (event: WorkspaceEvent) => void): () => void;
};

const QUIET_MS = 250;
const KEPT_NOTICES = 10;

export function createEvents(clock: Clock): Events {
  const listeners = new Set<(event: WorkspaceEvent) => void>();
  const pending = new Set<Topic>();
  const unread: WorkspaceEvent[] = [];
  let users = 0;
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
  const listen = (listener: (event: WorkspaceEvent) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  return {
    changed(...topics) {
      for (const topic of topics) pending.add(topic);
      if (timer) return;
      const wait = Math.min(QUIET_MS, Math.max(0, QUIET_MS - (clock.monotonic() - lastMs)));
      timer = setTimeout(flush, wait);
      timer.unref();
    },
    notice(notice) {
      const event: WorkspaceEvent = { type: 'notice', ...notice, atMs: clock.now() };
      if (users === 0 && unread.push(event) > KEPT_NOTICES) unread.shift();
      send(event);
    },
    listen,
    listenForUser(listener) {
      users += 1;
      const unlisten = listen(listener);
      for (const event of unread.splice(0)) listener(event);
      let gone = false;
      return () => {
        if (gone) return;
        gone = true;
        users -= 1;
        unlisten();
      };
    },
  };
}

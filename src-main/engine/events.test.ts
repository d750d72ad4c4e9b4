import { expect, test, vi } from 'vitest';
import type { WorkspaceEvent } from '../contract/workspace.ts';
import { createEvents } from './events.ts';
import { subscription } from './subscription.ts';
import { manualClock } from './testing.ts';

test('topics are gathered: at once the first time, then at most every 250 ms, none lost', () => {
  vi.useFakeTimers();
  try {
    const clock = manualClock();
    const events = createEvents(clock);
    const heard: WorkspaceEvent[] = [];
    events.listen((event) => heard.push(event));
    const pass = (ms: number) => {
      clock.advance(ms);
      vi.advanceTimersByTime(ms);
    };
    events.changed('models');
    pass(1);
    expect(heard).toMatchObject([{ topics: ['models'] }]);
    for (let n = 0; n < 50; n++) events.changed('models', n % 2 ? 'serving' : 'replay');
    pass(200);
    expect(heard).toHaveLength(1);
    pass(60);
    expect(heard).toMatchObject([{ topics: ['models'] }, { topics: ['models', 'replay', 'serving'] }]);
    pass(1_000);
    expect(heard).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

test('notices wait for the first user, not for the engine’s own listeners', () => {
  const events = createEvents(manualClock());
  const own: WorkspaceEvent[] = [];
  events.listen((event) => own.push(event));
  for (let n = 0; n < 12; n++) events.notice({ level: 'info', title: `n${n}`, detail: null, href: null });
  const user: WorkspaceEvent[] = [];
  events.listenForUser((event) => user.push(event));
  expect(own).toHaveLength(12);
  expect(user.map((event) => event.type === 'notice' && event.title)).toEqual(
    Array.from({ length: 10 }, (_, n) => `n${n + 2}`),
  );
});

function source() {
  const listeners = new Set<(value: number) => void>();
  return {
    listeners,
    say: (value: number) => {
      for (const listener of listeners) listener(value);
    },
    listen: (push: (value: number) => void) => {
      listeners.add(push);
      return () => void listeners.delete(push);
    },
  };
}

test('a subscription gives everything in order and lets go when it is left', async () => {
  const { listeners, say, listen } = source();
  const stream = subscription(listen, undefined);
  say(1);
  const heard: number[] = [];
  setImmediate(() => [2, 3].forEach(say));
  for await (const value of stream) {
    heard.push(value);
    if (value === 3) break;
  }
  expect(heard).toEqual([1, 2, 3]);
  expect(listeners.size).toBe(0);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('a subscription ends by its signal while somebody waits, and never starts when it is too late', async () => {
  const { listeners, listen } = source();
  const controller = new AbortController();
  const waiting = subscription(listen, controller.signal).next();
  controller.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(listeners.size).toBe(0);
  expect(await subscription(listen, controller.signal).next()).toMatchObject({ done: true });
  expect(listeners.size).toBe(0);
});

test('a slow reader loses the oldest, not the newest', async () => {
  const { say, listen } = source();
  const stream = subscription(listen, undefined, 3);
  for (let n = 0; n < 10; n++) say(n);
  expect([(await stream.next()).value, (await stream.next()).value, (await stream.next()).value]).toEqual([
    7, 8, 9,
  ]);
});

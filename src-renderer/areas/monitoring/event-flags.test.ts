import { expect, test } from 'vitest';
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import { flagsOf } from './event-flags.ts';

const event = (eventMs: number | null, title: string): ChangeEvent => ({
  atMs: 7,
  eventMs,
  kind: 'route',
  title,
  detail: '',
  href: null,
});
const axis = { from: 0, to: 1000, window: 10, width: 1000 };

test('events in sight are flags, in order; those whose flags would touch share one', () => {
  const flags = flagsOf(
    [
      event(500, 'c'),
      event(null, 'nowhere'),
      event(-1, 'before'),
      event(100, 'a'),
      event(110, 'b'),
      event(119, 'b2'),
      event(1000, 'after'),
    ],
    axis,
  );
  expect(flags.map(({ at, events }) => [at, events.map(({ title }) => title)])).toEqual([
    [100, ['a', 'b', 'b2']],
    [500, ['c']],
  ]);
  expect(flagsOf([event(1, 'a')], { ...axis, width: 0 })).toEqual([]);
});

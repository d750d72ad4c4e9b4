/** What an alert offers to go back to. */
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../contract/serving-route.ts';
import { routeBefore } from './route-before.rules.ts';

const route = (...arms: [version: string, weight: number][]): Route => ({
  arms: arms.map(([version, weight]) => ({ key: `v${version}`, version, weight })),
  ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null },
});
const OLD = route(['0', 10_000]);
const GOOD = route(['1', 10_000]);
const STEP = route(['1', 9_000], ['2', 1_000]);
const BAD = route(['2', 10_000]);

/** Routes in the order they were set, one a second from 1 s on. */
function offered(routes: readonly Route[], crossedMs: number, present = routes.at(-1) as Route) {
  const changes = routes.map((each, at) => ({ revision: at + 1, atMs: (at + 1) * 1_000, route: each }));
  return routeBefore(changes.toReversed(), present, crossedMs)?.revision ?? null;
}

describe('the route before the change that an alert is about', () => {
  it('is the one before the newest deploy ahead of the crossing', () => {
    expect(offered([OLD, GOOD, BAD], 3_500)).toBe(2);
    expect(offered([OLD, GOOD, BAD], 3_000)).toBe(2);
  });

  it('is not one that was set after the crossing', () => {
    expect(offered([GOOD, BAD, STEP], 2_500)).toBe(1);
    // Nothing changed ahead of it: what was in effect then.
    expect(offered([GOOD, BAD], 1_500)).toBe(1);
    expect(offered([GOOD, BAD], 500)).toBe(1);
  });

  it('is never one that was rolled back from', () => {
    expect(offered([GOOD, STEP, GOOD], 9_000)).toBeNull();
    expect(offered([GOOD, BAD, GOOD], 9_000)).toBeNull();
    expect(offered([OLD, GOOD, BAD, GOOD], 9_000)).toBe(1);
    expect(offered([OLD, GOOD, STEP, BAD, GOOD], 9_000)).toBe(1);
  });

  it('is none where the change was taken back since', () => {
    expect(offered([OLD, GOOD, BAD, GOOD], 3_500)).toBeNull();
    expect(offered([GOOD, BAD, GOOD], 2_500)).toBeNull();
  });

  it('is none where there never was another', () => {
    expect(offered([], 9_000, GOOD)).toBeNull();
    expect(offered([GOOD], 9_000)).toBeNull();
    expect(offered([GOOD], 500)).toBeNull();
  });
});

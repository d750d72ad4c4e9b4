/**
 * Which tests an endpoint's history makes. A test lasts as long as the same arms (keys and versions) share the same
 * kind of unit; a period of it as long as their weights and order are the same, since the order says which units are
 * whose.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Arm, RouteChange, Sticky } from '../../../contract/serving-route.ts';

export type TestPeriod = {
  revision: number;
  fromMs: number;
  toMs: number | null;
  /** In the order of the route. */
  arms: readonly Arm[];
  actor: string;
  reason: string;
};

export type Test = {
  /** The revision that set it up. */
  since: number;
  startedMs: number;
  endedMs: number | null;
  /** The revision that ended it. */
  until: number | null;
  /** In the order in which they were set up. */
  arms: readonly { key: string; version: string }[];
  sticky: Sticky;
  /** Oldest first, never empty. */
  periods: TestPeriod[];
};

type Change = Pick<RouteChange, 'revision' | 'atMs' | 'actor' | 'reason' | 'route'>;

/** Takes the next change of a route in; earlier ones come first. A route with one arm compares nothing. */
export function addChange(tests: Test[], change: Change): void {
  const { revision, atMs, actor, reason, route } = change;
  const last = tests.at(-1);
  const present = last?.endedMs === null ? last : undefined;
  const period: TestPeriod = { revision, fromMs: atMs, toMs: null, arms: route.arms, actor, reason };
  if (present && sameArms(present, route)) {
    const newest = present.periods.at(-1) as TestPeriod;
    if (isDeepStrictEqual(newest.arms, route.arms)) return;
    newest.toMs = atMs;
    present.periods.push(period);
    return;
  }
  if (present) {
    present.endedMs = atMs;
    present.until = revision;
    (present.periods.at(-1) as TestPeriod).toMs = atMs;
  }
  if (route.arms.length < 2) return;
  const arms = route.arms.map(({ key, version }) => ({ key, version }));
  tests.push({
    ...{ since: revision, startedMs: atMs, endedMs: null, until: null },
    ...{ arms, sticky: route.sticky, periods: [period] },
  });
}

function sameArms(test: Test, route: Change['route']): boolean {
  return (
    isDeepStrictEqual(test.sticky, route.sticky) &&
    test.arms.length === route.arms.length &&
    test.arms.every(({ key, version }) =>
      route.arms.some((arm) => arm.key === key && arm.version === version),
    )
  );
}

/**
 * Where a row belongs: by the revision of the route that answered it, or by its time where it has none. Null
 * when no test ran then.
 */
export function locate(
  tests: readonly Test[],
  revision: number | null,
  atMs: number,
): { test: Test; period: TestPeriod } | null {
  const begun = (start: { revision: number; ms: number }): boolean =>
    revision === null ? start.ms <= atMs : start.revision <= revision;
  const test = tests.findLast(({ since, startedMs }) => begun({ revision: since, ms: startedMs }));
  if (test && test.until !== null && begun({ revision: test.until, ms: test.endedMs ?? 0 })) return null;
  const period = test?.periods.findLast((each) => begun({ revision: each.revision, ms: each.fromMs }));
  if (!test || !period) return null;
  return { test, period };
}

// ---- slots of time -----------------------------------------------------------------------------------

const PER_DOUBLING = 24;
const FIRST_MS = 60_000;

/** Pieces of a test's time: 24 in its first minute, 24 until its age has doubled, and so on; 460 in a year. */
export const slotOf = (ageMs: number): number =>
  Math.floor(PER_DOUBLING * Math.log2(1 + Math.max(0, ageMs) / FIRST_MS));

/** The age at which a slot ends. */
export const slotEnd = (slot: number): number => FIRST_MS * (2 ** ((slot + 1) / PER_DOUBLING) - 1);

/**
 * Which former route an alert offers to go back to: the one before the change that came ahead of its crossing. A route
 * that was left for an older one is never offered: somebody, or the canary, went back from it. Pure.
 */
import { type Route, type RouteChange, routeOf } from '../../../contract/serving-route.ts';

type Change = Pick<RouteChange, 'revision' | 'atMs' | 'route'>;

/** `history` newest first. Null where there is none, or where the change was taken back since. */
export function routeBefore<Each extends Change>(
  history: readonly Each[],
  present: Route,
  crossedMs: number,
): Each | null {
  const kept: { key: string; change: Each }[] = [];
  for (const change of history.toReversed()) {
    const key = keyOf(change.route);
    // Going back to a route undoes all that came after it.
    const known = kept.findIndex((each) => each.key === key);
    if (known >= 0) kept.length = known;
    kept.push({ key, change });
  }
  // Where nothing changed before the crossing, the first route is all that was in effect.
  const ahead = history.find(({ atMs }) => atMs <= crossedMs) ?? history.at(-1);
  const at = ahead ? kept.findIndex(({ key }) => key === keyOf(ahead.route)) : -1;
  if (at < 0) return null;
  const now = keyOf(present);
  return (
    kept.slice(0, at + 1).findLast(({ key }, place) => (place < at || at === 0) && key !== now)?.change ??
    null
  );
}

const keyOf = (route: Route): string => JSON.stringify(routeOf(route));

/** Keys under which rows are drawn: a run keeps its row while it is in sight. */
import { useRef } from 'react';

type Keys = { of: Map<string, number>; next: number };

/**
 * Where none of the former rows is left (a jump), the new ones take over their keys, so that elements are
 * filled anew instead of being made anew. Otherwise a row that comes in gets a key of its own: to move a
 * former one would move all rows between, and take the focus from them.
 */
export function nextKeys(former: Keys, ids: readonly string[]): Keys {
  const jumped = !ids.some((id) => former.of.has(id));
  const free = jumped ? [...former.of.values()] : [];
  let next = former.next;
  const of = new Map<string, number>();
  for (const [at, id] of ids.entries()) of.set(id, former.of.get(id) ?? free[at] ?? next++);
  return { of, next };
}

export function useRowKeys(ids: readonly string[]): ReadonlyMap<string, number> {
  const keys = useRef<Keys>({ of: new Map(), next: 0 });
  keys.current = nextKeys(keys.current, ids);
  return keys.current.of;
}

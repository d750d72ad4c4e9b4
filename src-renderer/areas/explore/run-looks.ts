/** How runs are told apart in charts: a colour that stays with a run, and a name that is its own. Pure. */
import type { ChartColor } from '../../charts/theme.ts';

const COLORS = 8;

export type Slots = ReadonlyMap<string, number>;

/**
 * A place in the palette for each run. A run keeps the one it has, also when others come before it in the order, and
 * while it is away; a new run gets the place that the fewest of those shown have.
 */
export function assignSlots(known: Slots, ids: readonly string[]): Slots {
  const used = new Array<number>(COLORS).fill(0);
  for (const id of ids) {
    const slot = known.get(id);
    if (slot !== undefined) used[slot] = (used[slot] ?? 0) + 1;
  }
  let next: Map<string, number> | null = null;
  for (const id of ids) {
    if (known.has(id)) continue;
    const slot = used.indexOf(Math.min(...used));
    used[slot] = (used[slot] ?? 0) + 1;
    next ??= new Map(known);
    next.set(id, slot);
  }
  return next ?? known;
}

export const slotColor = (slot: number): ChartColor => (slot + 1) as ChartColor;

/** Colours come again after eight; while there are not many runs, the second time they are dashed. */
export function dashedIds(ids: readonly string[], slots: Slots): ReadonlySet<string> {
  if (ids.length > COLORS * 2) return new Set();
  const seen = new Set<number>();
  const dashed = new Set<string>();
  for (const id of ids) {
    const slot = slots.get(id) ?? 0;
    if (seen.has(slot)) dashed.add(id);
    seen.add(slot);
  }
  return dashed;
}

/** Names as they are where they differ, with the end of the id where they do not. */
export function distinctNames(runs: readonly { id: string; name: string }[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    runs.map(({ id, name }) => [id, (counts.get(name) ?? 0) > 1 ? `${name} ${id.slice(-4)}` : name]),
  );
}

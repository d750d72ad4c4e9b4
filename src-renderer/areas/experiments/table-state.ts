/** What a person has set up in a runs table; it outlives leaving the page and coming back. */
import { useCallback, useSyncExternalStore } from 'react';
import type { ColumnId } from './runs-model.ts';

export type TableState = {
  filter: string;
  sort: readonly { id: ColumnId; descending: boolean }[];
  /** Null: the usual ones. */
  columns: readonly ColumnId[] | null;
  groupBy: readonly ColumnId[];
  tree: boolean;
  /** Runs that stay on top. */
  pinned: readonly string[];
};

export const USUAL_TABLE: TableState = {
  filter: '',
  sort: [],
  columns: null,
  groupBy: [],
  tree: false,
  pinned: [],
};

/** The page as it is kept in a saved view: the table, and whatever its charts want to keep beside it. */
export const writeTableState = (state: TableState, charts: unknown = null): string =>
  JSON.stringify({
    ...Object.fromEntries(Object.keys(USUAL_TABLE).map((key) => [key, state[key as keyof TableState]])),
    charts,
  });

/** What was kept for the charts; null where nothing was. */
export function chartsIn(text: string): unknown {
  try {
    return JSON.parse(text)?.charts ?? null;
  } catch {
    return null;
  }
}

/** A saved state; what is missing or of a wrong kind (another version wrote it) is as usual. */
export function readTableState(text: string): TableState {
  let given: Record<string, unknown>;
  try {
    given = { ...JSON.parse(text) };
  } catch {
    return USUAL_TABLE;
  }
  const texts = (value: unknown): string[] | null =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : null;
  const sort = Array.isArray(given.sort) ? given.sort : [];
  return {
    filter: typeof given.filter === 'string' ? given.filter : '',
    sort: sort.flatMap((one) =>
      typeof one?.id === 'string' ? [{ id: one.id, descending: one.descending === true }] : [],
    ),
    columns: texts(given.columns),
    groupBy: texts(given.groupBy) ?? [],
    tree: given.tree === true,
    pinned: texts(given.pinned) ?? [],
  };
}

const states = new Map<string, TableState>();
const listeners = new Set<() => void>();

export function useTableState(experiment: string): [TableState, (patch: Partial<TableState>) => void] {
  const state = useSyncExternalStore(subscribe, () => states.get(experiment) ?? USUAL_TABLE);
  const change = useCallback(
    (patch: Partial<TableState>) => {
      states.set(experiment, { ...(states.get(experiment) ?? USUAL_TABLE), ...patch });
      for (const listener of listeners) listener();
    },
    [experiment],
  );
  return [state, change];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** A click on a header: sorts by it, turns it, then lets it go; with `add` it is one more key after the others. */
export function nextSort(
  sort: TableState['sort'],
  id: ColumnId,
  options: { descendingFirst: boolean; add: boolean },
): TableState['sort'] {
  const present = sort.find((one) => one.id === id);
  const first = options.descendingFirst;
  const others = options.add ? sort.filter((one) => one.id !== id) : [];
  if (!present) return [...others, { id, descending: first }].slice(-4);
  if (present.descending !== first) return others;
  const turned = { id, descending: !first };
  return options.add ? sort.map((one) => (one.id === id ? turned : one)) : [turned];
}

export type GridItem =
  | { kind: 'run'; id: string; depth: number; pinned: boolean }
  | {
      kind: 'group';
      name: string;
      values: readonly (string | number | null)[];
      count: number;
      folded: boolean;
    };

/** What stands under each other: pinned runs first, then groups with their runs, or all runs. */
export function gridItems(
  order: {
    ids: readonly string[];
    depths: readonly number[] | null;
    groups: readonly { values: readonly (string | number | null)[]; count: number }[] | null;
  },
  pinned: readonly string[],
  folded: ReadonlySet<string>,
): GridItem[] {
  const found = new Set(order.ids);
  const onTop = new Set(pinned.filter((id) => found.has(id)));
  const items: GridItem[] = [...onTop].map((id) => ({ kind: 'run', id, depth: 0, pinned: true }));
  const add = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      const id = order.ids[at];
      if (id !== undefined && !onTop.has(id))
        items.push({ kind: 'run', id, depth: order.depths?.[at] ?? 0, pinned: false });
    }
  };
  if (!order.groups) add(0, order.ids.length);
  let from = 0;
  for (const { values, count } of order.groups ?? []) {
    const name = JSON.stringify(values);
    items.push({ kind: 'group', name, values, count, folded: folded.has(name) });
    if (!folded.has(name)) add(from, from + count);
    from += count;
  }
  return items;
}

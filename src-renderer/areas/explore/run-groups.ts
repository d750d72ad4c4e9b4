/** Runs with the same value of a param, tag or attribute, each group with a look of its own. Pure. */

import { type CellColumn, textAt } from './cells.ts';
import type { RunGroup } from './curves-of.ts';
import { slotColor } from './run-looks.ts';

/** More lines than this cannot be told apart. */
export const MOST_GROUPS = 16;
const COLORS = 8;

/** The largest groups, in the order of their values: numbers by size, names as the column has them, none at the end. */
export function runGroups(ids: readonly string[], column: CellColumn): { groups: RunGroup[]; left: number } {
  const found = new Map<string, { value: number; label: string; runIds: Set<string> }>();
  ids.forEach((id, at) => {
    const label = textAt(column, at) ?? 'none';
    const group = found.get(label) ?? { value: column.values[at] ?? Number.NaN, label, runIds: new Set() };
    group.runIds.add(id);
    found.set(label, group);
  });
  const largest = [...found.values()].sort((a, b) => b.runIds.size - a.runIds.size).slice(0, MOST_GROUPS);
  const place = (value: number) => (Number.isNaN(value) ? Number.MAX_VALUE : value);
  largest.sort((a, b) => place(a.value) - place(b.value));
  return {
    groups: largest.map(({ label, runIds }, at) => ({
      id: `g:${label}`,
      label,
      runIds,
      color: slotColor(at % COLORS),
      dashed: at >= COLORS,
    })),
    left: found.size - largest.length,
  };
}

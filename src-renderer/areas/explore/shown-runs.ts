/** Which runs the curves are of, and what that is called. Pure. */
import { plural } from '../../lib/format.ts';

/** The engine draws no more at once. */
const MOST_RUNS = 1000;

export type Shown = { ids: readonly string[]; words: string };

/** The selected runs in the table's order; when none is selected, the first of all found. */
export function shownRuns(found: readonly string[], selected: ReadonlySet<string>, most: number): Shown {
  if (selected.size > 0) {
    const inOrder = found.filter((id) => selected.has(id));
    const others =
      inOrder.length === selected.size ? [] : [...selected].filter((id) => !inOrder.includes(id));
    const ids = [...inOrder, ...others].slice(0, MOST_RUNS);
    const words = plural(selected.size, 'selected run');
    return { ids, words: ids.length < selected.size ? `the first ${ids.length} of ${words}` : words };
  }
  const ids = found.slice(0, Math.min(most, MOST_RUNS));
  return {
    ids,
    words:
      ids.length < found.length
        ? `the first ${ids.length} of ${plural(found.length, 'run')}`
        : ids.length === 1
          ? '1 run'
          : `all ${plural(ids.length, 'run')}`,
  };
}

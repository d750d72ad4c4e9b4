/** How each of the runs shown looks. */
import { useMemo } from 'react';
import type { ColumnId } from '../../lib/run-columns.ts';
import { textAt } from './cells.ts';
import type { Look } from './curves-of.ts';
import { assignSlots, dashedIds, type Slots, slotColor } from './run-looks.ts';
import { useCells } from './use-matrix.ts';

export type ShownRun = { id: string; name: string; status: string; look: Look };

/** Colours outlive leaving the page, so that a run keeps its own. */
const slotsOf = new Map<string, Slots>();

export function useRunLooks(experiment: string, ids: readonly string[], groupBy: ColumnId | null) {
  const columns = groupBy === null ? ['a:status'] : ['a:status', groupBy];
  const { query, cells } = useCells({ experiment, filter: '', runIds: ids }, columns);
  const slots = useMemo(() => {
    const next = assignSlots(slotsOf.get(experiment) ?? new Map(), ids);
    slotsOf.set(experiment, next);
    return next;
  }, [experiment, ids]);
  const runs = useMemo<ReadonlyMap<string, ShownRun>>(() => {
    const dashed = dashedIds(ids, slots);
    const places = new Map(cells?.ids.map((id, at) => [id, at]));
    const status = cells?.column('a:status');
    return new Map(
      ids.map((id) => {
        const at = places.get(id);
        const name = cells?.names.get(id) ?? '…';
        return [
          id,
          {
            id,
            name,
            status: status && at !== undefined ? (textAt(status, at) ?? '') : '',
            look: { label: name, color: slotColor(slots.get(id) ?? 0), dashed: dashed.has(id) },
          },
        ];
      }),
    );
  }, [ids, cells, slots]);
  return { query, cells, runs };
}

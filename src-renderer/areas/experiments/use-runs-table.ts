/** The order of all runs found, and the cells of those in sight. */
import { useEffect, useMemo, useRef } from 'react';
import type { RunCells, RunColumn, RunsOrder } from '../../../src-main/contract/runs-table.ts';
import { useData } from '../../lib/query.ts';
import { columnOf } from './runs-model.ts';
import type { TableState } from './table-state.ts';

const columnsOf = (ids: readonly string[]): RunColumn[] =>
  ids.map(columnOf).filter((column) => column !== null);

export function useOrder(experiment: string, state: TableState, columns: readonly string[]) {
  const { filter, sort, groupBy, tree } = state;
  const extents = columns.filter((id) => id.startsWith('m:')).slice(0, 50);
  const query = useData(
    ['experiments', 'order', experiment, filter, sort, groupBy, tree, extents],
    (rpc, signal) =>
      rpc.experiments.order(
        {
          experimentIds: [experiment],
          filter,
          sort: sort.flatMap(({ id, descending }) =>
            columnsOf([id]).map((column) => ({ column, descending })),
          ),
          groupBy: columnsOf(groupBy),
          tree: tree && groupBy.length === 0,
          extents: columnsOf(extents),
        },
        { signal },
      ),
    { keep: true },
  );
  return { query, extents };
}

export type Order = RunsOrder;

/** Cells of the runs in sight, `null` until they come. What was read before stays until newer ones are here. */
export function useCells(ids: readonly string[], columns: readonly string[]) {
  const known = useRef({ columns: '', cells: new Map<string, RunCells>() });
  const query = useData(
    ['experiments', 'cells', ids, columns],
    (rpc, signal) =>
      ids.length === 0
        ? Promise.resolve([])
        : rpc.experiments.cells({ runIds: [...ids], columns: columnsOf(columns) }, { signal }),
    { keep: true },
  );
  const shape = columns.join('\n');
  // `keep` shows the last answer while the next one loads, and that may have had other columns.
  const fresh = query.isPlaceholderData ? null : query.data;
  useEffect(() => {
    if (known.current.cells.size > 5_000) known.current.cells.clear();
  });
  return useMemo(() => {
    if (known.current.columns !== shape) known.current = { columns: shape, cells: new Map() };
    const { cells } = known.current;
    // A row that reads as before stays the same object, and is not drawn anew.
    for (const row of fresh ?? []) if (!alike(cells.get(row.id), row)) cells.set(row.id, row);
    return (id: string): RunCells | null => cells.get(id) ?? null;
  }, [fresh, shape]);
}

const alike = (a: RunCells | undefined, b: RunCells): boolean =>
  a !== undefined &&
  a.name === b.name &&
  a.status === b.status &&
  a.startedMs === b.startedMs &&
  a.endedMs === b.endedMs &&
  a.parentId === b.parentId &&
  a.note === b.note &&
  a.values.length === b.values.length &&
  a.values.every((value, at) => value === b.values[at]);

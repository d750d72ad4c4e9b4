/** Rows of numbers: for each run the values of some columns. */
import { useMemo } from 'react';
import { columnsOf } from '../../../src-main/contract/explore-matrix.ts';
import { useData } from '../../lib/query.ts';
import { type ColumnId, columnOf } from '../../lib/run-columns.ts';
import type { Cells } from './cells.ts';
import { distinctNames } from './run-looks.ts';

/** Which runs: those named, or those that the filter finds. */
export type Scope = { experiment: string; filter: string; runIds: readonly string[] | null };

/** What was read before stays until the new is here, and says itself which columns it has. */
export function useCells({ experiment, filter, runIds }: Scope, ids: readonly ColumnId[]) {
  const wanted = ids.filter((id) => columnOf(id) !== null);
  const query = useData(
    ['experiments', 'matrix', experiment, filter, runIds, wanted],
    async (rpc, signal) => {
      const columns = wanted.map(columnOf).filter((column) => column !== null);
      const input = { experimentIds: [experiment], filter, runIds: runIds ? [...runIds] : null, columns };
      return { matrix: await rpc.explore.matrix(input, { signal }), columns: wanted };
    },
    { keep: true, enabled: wanted.length > 0 && runIds?.length !== 0 },
  );
  const cells = useMemo<Cells | null>(() => {
    if (!query.data) return null;
    const { matrix, columns } = query.data;
    const values = columnsOf(columns.length, matrix.runIds.length, Uint8Array.fromBase64(matrix.data));
    const made = columns.map((_, at) => ({
      categories: matrix.categories[at] ?? null,
      values: values[at] ?? new Float64Array(matrix.runIds.length).fill(Number.NaN),
    }));
    return {
      ids: matrix.runIds,
      names: distinctNames(matrix.runIds.map((id, at) => ({ id, name: matrix.names[at] ?? id }))),
      column: (id) => made[columns.indexOf(id)] ?? null,
    };
  }, [query.data]);
  return { query, cells };
}

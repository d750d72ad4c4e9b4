/** The runs table: finds, orders and shows runs; see contract/runs-table.ts. */

import { LatheError } from '../../../contract/errors.ts';
import type {
  CellsWanted,
  RunCells,
  RunColumn,
  RunKeys,
  RunsOrder,
  RunsWanted,
} from '../../../contract/runs-table.ts';
import type { AreaContext } from '../../context.ts';
import type { Sql } from '../../data/search.ts';
import { createExperimentStore } from './experiments.store.ts';
import { cellsOfRuns, keysOfRuns, orderOfRuns, valuesOfKey, whereSql } from './runs-table.query.ts';

export type RunsTable = {
  order(wanted: RunsWanted): Promise<RunsOrder>;
  cells(wanted: CellsWanted): Promise<RunCells[]>;
  keys(experimentIds: readonly string[]): Promise<RunKeys>;
  values(experimentIds: readonly string[], column: RunColumn): Promise<string[]>;
  /** The runs of the experiments that a filter finds, as SQL over `run r`. */
  where(experimentIds: readonly string[], filter: string): Sql;
};

export function createRunsTable({ db, readers }: Pick<AreaContext, 'db' | 'readers'>): RunsTable {
  const store = createExperimentStore(db);
  const rowids = (ids: readonly string[]) =>
    ids.map((id) => {
      const found = store.experimentId(id);
      if (found === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'experiment', name: id });
      return found;
    });
  return {
    order: async ({ experimentIds, ...wanted }) => orderOfRuns(readers, rowids(experimentIds), wanted),
    cells: ({ runIds, columns }) => cellsOfRuns(readers, runIds, columns),
    keys: async (experimentIds) => keysOfRuns(readers, rowids(experimentIds)),
    values: async (experimentIds, column) =>
      column.kind === 'param' || column.kind === 'tag'
        ? valuesOfKey(readers, rowids(experimentIds), column)
        : [],
    where: (experimentIds, filter) => whereSql(rowids(experimentIds), filter),
  };
}

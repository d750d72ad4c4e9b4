import type { Importance } from '../../../src-main/contract/explore.ts';
import { useData } from '../../lib/query.ts';
import { type ColumnId, columnOf } from '../../lib/run-columns.ts';
import type { Scope } from './use-matrix.ts';

/** Which params matter for a metric, the most important first. */
export function useImportance({ experiment, filter, runIds }: Scope, id: ColumnId | null, enabled = true) {
  const column = id === null ? null : columnOf(id);
  const metric = column?.kind === 'metric' ? { key: column.key, aggregate: column.aggregate } : null;
  return useData<Importance>(
    ['experiments', 'importance', experiment, filter, runIds, metric],
    (rpc, signal) =>
      metric === null
        ? Promise.resolve({ runs: 0, params: [] })
        : rpc.explore.importance(
            { experimentIds: [experiment], filter, runIds: runIds ? [...runIds] : null, metric },
            { signal },
          ),
    { keep: true, enabled: enabled && metric !== null },
  );
}

import type { UseQueryResult } from '@tanstack/react-query';
import type { Series, SeriesRef } from '../../src-main/contract/monitoring-series.ts';
import type { RpcError } from './errors.ts';
import { type MonitoringScope, seriesScope } from './monitoring-scope.ts';
import { type DataKey, useData } from './query.ts';

export const seriesKey = (
  scope: MonitoringScope,
  series: SeriesRef | null,
  slice: string | null = null,
): DataKey => [
  'monitoring',
  'series',
  scope.endpoint,
  JSON.stringify(series),
  JSON.stringify(seriesScope(scope)),
  slice,
];

/**
 * One measured thing over the scope's time; what was there stays while another stretch loads. Null measures nothing: it
 * waits under a key of its own, so that no other thing's data stand in for it.
 */
export const useSeries = (
  scope: MonitoringScope,
  series: SeriesRef | null,
  slice: string | null = null,
): UseQueryResult<Series, RpcError> =>
  useData(
    seriesKey(scope, series, slice),
    (rpc, signal) =>
      rpc.monitoring.series(
        {
          ...seriesScope(scope),
          series: series ?? { of: 'volume' },
          ...(slice === null ? {} : { slice }),
        },
        { signal },
      ),
    { enabled: series !== null && scope.range !== null, keep: series !== null },
  );

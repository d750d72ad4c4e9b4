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
 * One measured thing over the scope's time, of all rows or of a slice; what was there stays while another stretch loads.
 * Null is nothing to measure: it has a key of its own, so that no other thing's data stand in for it.
 */
export function useSeries(
  scope: MonitoringScope,
  series: SeriesRef,
  slice?: string | null,
): UseQueryResult<Series, RpcError>;
export function useSeries(
  scope: MonitoringScope,
  series: SeriesRef | null,
): UseQueryResult<Series | null, RpcError>;
export function useSeries(
  scope: MonitoringScope,
  series: SeriesRef | null,
  slice: string | null = null,
): UseQueryResult<Series | null, RpcError> {
  return useData(
    seriesKey(scope, series, slice),
    (rpc, signal) =>
      series === null
        ? Promise.resolve(null)
        : rpc.monitoring.series(
            { ...seriesScope(scope), series, ...(slice === null ? {} : { slice }) },
            { signal },
          ),
    { enabled: series === null || scope.range !== null, keep: true },
  );
}

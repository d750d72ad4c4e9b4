import type { UseQueryResult } from '@tanstack/react-query';
import type { Series, SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import type { RpcError } from '../../lib/errors.ts';
import { type MonitoringScope, seriesScope } from '../../lib/monitoring-scope.ts';
import { type DataKey, useData } from '../../lib/query.ts';

export const seriesKey = (scope: MonitoringScope, series: SeriesRef): DataKey => [
  'monitoring',
  'series',
  scope.endpoint,
  JSON.stringify(series),
  JSON.stringify(seriesScope(scope)),
];

/** One measured thing over the scope's time; what was there stays while another stretch loads. */
export const useSeries = (
  scope: MonitoringScope,
  series: SeriesRef | null,
): UseQueryResult<Series, RpcError> =>
  useData(
    seriesKey(scope, series ?? { of: 'volume' }),
    (rpc, signal) =>
      rpc.monitoring.series({ ...seriesScope(scope), series: series ?? { of: 'volume' } }, { signal }),
    { enabled: series !== null && scope.range !== null, keep: true },
  );

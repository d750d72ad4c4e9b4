/** A business metric over time: one point for each window with values, and none for the others. */
import { useMemo } from 'react';
import type { BusinessMetric } from '../../../src-main/contract/business-metrics.ts';
import { WINDOW_SIZE_MS } from '../../../src-main/contract/monitoring-series.ts';
import { pointsOf } from '../../charts/from-series.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { WINDOW_WORD } from '../../lib/series-words.ts';
import { useSeries } from '../../lib/use-series.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { COMBINE, GOOD } from './correlation-words.ts';

export function MetricOverTime({ scope, metric }: { scope: MonitoringScope; metric: BusinessMetric }) {
  const series = useSeries(scope, { of: 'business', metric: metric.name });
  const lines = useMemo(
    () =>
      series.data
        ? [{ id: 'metric', label: COMBINE[metric.combine], color: 3 as const, points: pointsOf(series.data) }]
        : [],
    [series.data, metric.combine],
  );
  const { per } = scope;
  return (
    <Panel
      title={metric.name}
      hint={`${COMBINE[metric.combine]} of each ${WINDOW_WORD[per]}, ${GOOD[metric.good]}`}
    >
      <QueryState query={series} what={metric.name}>
        {(data) => (
          <>
            <TimeSeries
              title={`${metric.name} over time`}
              hideTitle
              {...(metric.unit ? { unitLabel: metric.unit } : {})}
              x="time"
              daily={per === 'day'}
              unit="number"
              height={200}
              gap={WINDOW_SIZE_MS[per] * 1.5}
              series={lines}
              emptyText="No value is about this time. Choose another range, or push some."
            />
            {data.notes.length > 0 ? (
              <ul className="mt-1 text-xs text-ink-3">
                {data.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            ) : null}
          </>
        )}
      </QueryState>
    </Panel>
  );
}

/** One slice's metric over time beside all rows. */
import { BellPlus } from 'lucide-react';
import { useMemo } from 'react';
import { type PerformanceMetric, WINDOW_SIZE_MS } from '../../../src-main/contract/monitoring-series.ts';
import type { Slice } from '../../../src-main/contract/slices.ts';
import { openStretches, pointsOf } from '../../charts/from-series.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { chartUnit, METRICS, SPAN_WORD } from '../../lib/series-words.ts';
import { useSeries } from '../../lib/use-series.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { conditionsText } from './slice-words.ts';

type Props = { scope: MonitoringScope; slice: Slice; metric: PerformanceMetric; onAlert: () => void };

export function SliceOverTime({ scope, slice, metric, onAlert }: Props) {
  const mine = useSeries(scope, { of: 'performance', metric }, slice.id);
  const all = useSeries(scope, { of: 'performance', metric });
  const { title, unit } = METRICS[metric];
  const lines = useMemo(
    () => [
      ...(mine.data
        ? [{ id: 'slice', label: slice.name, color: 2 as const, points: pointsOf(mine.data) }]
        : []),
      ...(all.data ? [{ id: 'all', label: 'all rows', color: 1 as const, points: pointsOf(all.data) }] : []),
    ],
    [mine.data, all.data, slice.name],
  );
  const hatches = useMemo(() => (mine.data ? openStretches(mine.data) : []), [mine.data]);
  return (
    <Panel
      title={slice.name}
      hint={conditionsText(slice.conditions) === slice.name ? null : conditionsText(slice.conditions)}
      actions={
        <Button size="sm" icon={BellPlus} onClick={onAlert}>
          Make an alert of it
        </Button>
      }
    >
      <QueryState query={mine} what="The slice">
        {(series) => (
          <>
            <TimeSeries
              title={title}
              unitLabel={`each point is the ${SPAN_WORD[series.per]} that end with it, UTC`}
              x="time"
              daily={series.per === 'day'}
              unit={chartUnit(unit)}
              height={230}
              gap={WINDOW_SIZE_MS[series.per] * 1.5}
              series={lines}
              hatches={hatches}
              thresholds={
                series.reference === null
                  ? []
                  : [{ value: series.reference, label: 'reference', color: 'reference' }]
              }
              {...(unit === 'share' ? { floor: 0, ceiling: 1 } : {})}
              emptyText={
                slice.filling
                  ? 'Older rows are still being sorted into it.'
                  : 'No labelled row of this slice in this time.'
              }
            />
            <p className="mt-1 text-xs text-ink-3">
              {slice.filling
                ? 'Older rows are still being sorted into it, so its past is not whole yet. '
                : ''}
              Bands are 95 % intervals; hollow and dashed where rows are few or labels still coming.
            </p>
          </>
        )}
      </QueryState>
    </Panel>
  );
}

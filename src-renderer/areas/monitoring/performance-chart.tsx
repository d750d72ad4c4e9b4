/** A metric over time, with labels and as estimated without them; what is not final is hatched and says so. */
import { useMemo } from 'react';
import {
  type PerformanceMetric,
  type Series,
  WINDOW_SIZE_MS,
} from '../../../src-main/contract/monitoring-series.ts';
import { openStretches, placeOf, pointsOf, windowAt } from '../../charts/from-series.ts';
import { armColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series as Line } from '../../charts/time-series-data.ts';
import { type MonitoringScope, seriesScope } from '../../lib/monitoring-scope.ts';
import { useDataList } from '../../lib/query.ts';
import { setQuery } from '../../lib/router.ts';
import { chartUnit, isEstimated, METRICS, SPAN_WORD, valueText } from '../../lib/series-words.ts';
import { seriesKey, useSeries } from '../../lib/use-series.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Notes } from './notes.tsx';

type Props = {
  scope: MonitoringScope;
  metric: PerformanceMetric;
  /** One line for each; null draws them together. */
  arms: readonly string[] | null;
  picked: number | null;
};

export function PerformanceChart({ scope, metric, arms, picked }: Props) {
  const realised = useSeries(scope, { of: 'performance', metric });
  const estimated = useSeries(scope, isEstimated(metric) ? { of: 'estimated', metric } : null);
  const perArm = useDataList(
    (arms ?? []).map((arm) => ({
      key: seriesKey({ ...scope, arm }, { of: 'performance', metric }),
      load: (rpc, signal) =>
        rpc.monitoring.series(
          { ...seriesScope({ ...scope, arm }), series: { of: 'performance', metric } },
          { signal },
        ),
    })),
    { enabled: arms !== null && scope.range !== null },
  );
  const { title, unit } = METRICS[metric];
  const notes = [...new Set([...(realised.data?.notes ?? []), ...(estimated.data?.notes ?? [])])];
  return (
    <Panel
      title={`${title} over time`}
      hint={`each point is the ${SPAN_WORD[scope.per]} that end with it, by the time of the prediction, UTC`}
    >
      <QueryState query={realised} what={title}>
        {(series) => (
          <Drawn
            series={series}
            estimated={estimated.data ?? null}
            arms={
              arms?.flatMap((arm, i) => {
                const data = perArm[i]?.data;
                return data ? [{ arm, series: data }] : [];
              }) ?? null
            }
            picked={picked}
          />
        )}
      </QueryState>
      <p className="mt-1.5 text-xs text-ink-3">
        Bands are 95 % intervals. Hollow, dashed and hatched: not final yet. Pick a point to see its rows
        below.
      </p>
      <Notes
        title="How to read this"
        notes={[
          ...(estimated.data?.points.some(({ value }) => value !== null)
            ? [
                'The dashed line is what calibrated scores lead to expect of all rows, without labels (CBPE); its band is sampling alone.',
              ]
            : []),
          ...(realised.data && realised.data.reference !== null
            ? [`On the reference it was ${valueText(realised.data.reference, unit)}.`]
            : []),
          ...notes,
        ]}
      />
    </Panel>
  );
}

type DrawnProps = {
  series: Series;
  estimated: Series | null;
  arms: readonly { arm: string; series: Series }[] | null;
  picked: number | null;
};

function Drawn({ series, estimated, arms, picked }: DrawnProps) {
  const { per, unit, reference } = series;
  const size = WINDOW_SIZE_MS[per];
  const lines = useMemo<Line[]>(() => {
    const realised = arms
      ? arms.map(({ arm, series: of }, at) => ({
          id: arm,
          label: arm,
          color: armColor(arm, at),
          points: pointsOf(of),
        }))
      : [{ id: 'realised', label: 'with labels', color: 1 as const, points: pointsOf(series) }];
    const expected = estimated?.points.some(({ value }) => value !== null)
      ? [
          {
            id: 'estimated',
            label: 'estimated',
            color: 4 as const,
            dashed: true,
            // Labels do not matter to it, and it is never more than an estimate.
            points: pointsOf(estimated).map(({ weak, note, ...point }) => point),
          },
        ]
      : [];
    return [...realised, ...expected];
  }, [series, estimated, arms]);
  const hatches = useMemo(() => openStretches(series), [series]);
  const thresholds = useMemo(
    () => (reference === null ? [] : [{ value: reference, label: 'reference', color: 'reference' as const }]),
    [reference],
  );
  return (
    <TimeSeries
      title={`${series.series.of === 'performance' ? METRICS[series.series.metric].title : 'Performance'} over time`}
      hideTitle
      x="time"
      daily={per === 'day'}
      unit={chartUnit(unit)}
      height={240}
      gap={size * 1.5}
      series={lines}
      thresholds={thresholds}
      hatches={hatches}
      onPick={(x) => setQuery({ window: String(windowAt(x, per)) })}
      {...(picked === null
        ? {}
        : { mark: { x: per === 'day' ? placeOf(picked, per) : picked + size / 2, width: size } })}
      {...(unit === 'share' ? { floor: 0, ceiling: 1 } : {})}
      emptyText="No label has come yet. Add labels, or send them as they come to be known."
    />
  );
}

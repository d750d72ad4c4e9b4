/** A feature's score, mean and missing values over time, with rows and intervals. */
import { useMemo } from 'react';
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import {
  type FrozenMethod,
  type Series as Measured,
  type SeriesRef,
  WINDOW_SIZE_MS,
} from '../../../src-main/contract/monitoring-series.ts';
import { chanceBand, levelsOf, placeOf, pointsOf, windowAt } from '../../charts/from-series.ts';
import type { ChartColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { chartUnit, DRIFT } from '../../lib/series-words.ts';
import { useSeries } from '../../lib/use-series.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';

type FeatureOverTimeProps = {
  scope: MonitoringScope;
  detail: FeatureDetail;
  method: FrozenMethod;
  onPick: (windowMs: number) => void;
};

export function FeatureOverTime({ scope, detail, method, onPick }: FeatureOverTimeProps) {
  const { feature, kind, selectedWindowMs } = detail;
  const shared = { scope, selected: selectedWindowMs, onPick };
  return (
    <Panel title="Over time" hint="UTC; dashed and hollow: too few rows, or the window is not over">
      <div className="grid grid-cols-1 gap-x-6 gap-y-4 xl:grid-cols-2">
        <div className="xl:col-span-2">
          <Chart
            {...shared}
            title={DRIFT[method] ?? method}
            series={{ of: 'drift', feature, method }}
            color={1}
          />
        </div>
        {kind === 'categorical' ? null : (
          <Chart {...shared} title="Mean" series={{ of: 'mean', feature }} color={3} />
        )}
        {kind === 'prediction' ? null : (
          <Chart
            {...shared}
            title="Missing values"
            series={{ of: 'quality', feature, measure: 'missing' }}
            color={4}
          />
        )}
        {kind === 'numeric' ? (
          <Chart
            {...shared}
            title="Out of the reference’s range"
            series={{ of: 'quality', feature, measure: 'out-of-range' }}
            color={5}
          />
        ) : kind === 'categorical' ? (
          <Chart
            {...shared}
            title="Categories the reference does not have"
            series={{ of: 'quality', feature, measure: 'unseen' }}
            color={5}
          />
        ) : null}
      </div>
    </Panel>
  );
}

type ChartProps = {
  scope: MonitoringScope;
  title: string;
  series: SeriesRef;
  color: ChartColor;
  selected: number | null;
  onPick: (windowMs: number) => void;
};

function Chart({ scope, title, series, color, selected, onPick }: ChartProps) {
  const query = useSeries(scope, series);
  return (
    <QueryState query={query} what={title}>
      {(data) =>
        data ? (
          <Drawn data={data} scope={scope} title={title} color={color} selected={selected} onPick={onPick} />
        ) : null
      }
    </QueryState>
  );
}

function Drawn({
  data,
  scope,
  title,
  color,
  selected,
  onPick,
}: Omit<ChartProps, 'series'> & { data: Measured }) {
  const { per, range } = scope;
  const size = WINDOW_SIZE_MS[per];
  const lines = useMemo(
    () => [
      { id: title, label: title, color, points: pointsOf(data) },
      ...[chanceBand(data)].filter((band) => band !== null),
    ],
    [data, title, color],
  );
  const thresholds = useMemo(
    () => [
      ...levelsOf(data),
      ...(data.reference === null
        ? []
        : [{ value: data.reference, label: 'reference', color: 'reference' as const }]),
    ],
    [data],
  );
  return (
    <TimeSeries
      title={title}
      x="time"
      daily={per === 'day'}
      unit={chartUnit(data.unit)}
      series={lines}
      thresholds={thresholds}
      gap={size * 1.5}
      height={180}
      syncKey="feature"
      {...(range === null ? {} : { xRange: [range.fromMs, range.toMs] as const })}
      {...(data.unit === 'value' ? {} : { floor: 0, fromZero: true })}
      {...(selected === null ? {} : { mark: { x: placeOf(selected, per), width: size } })}
      onPick={(x) => onPick(windowAt(x, per))}
      emptyText="No whole window in this range."
    />
  );
}

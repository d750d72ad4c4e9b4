/** What the Health tab reads, and how it becomes lanes. */
import { useMemo } from 'react';
import { type FeatureDrift, MOST_TREND, TREND } from '../../../src-main/contract/monitoring.ts';
import type { PerformanceMetric, Series } from '../../../src-main/contract/monitoring-series.ts';
import type { HeatCell } from '../../charts/heat-strip.tsx';
import type { LaneLine, LaneThreshold } from '../../charts/lane-rules.ts';
import type { ChartColor } from '../../charts/theme.ts';
import { type MonitoringScope, seriesScope, type TimeRange } from '../../lib/monitoring-scope.ts';
import { useData, useDataList } from '../../lib/query.ts';
import { chartUnit, isEstimated, METRICS } from '../../lib/series-words.ts';
import { seriesKey, useSeries } from '../../lib/use-series.ts';

export const SCORE = 'PSI';

export function useHealth(scope: MonitoringScope, metric: PerformanceMetric) {
  const { endpoint, per, arm, reference, range, reach } = scope;
  // Sentences on the present need the default, however short the range is.
  const windows = Math.min(MOST_TREND, Math.max(TREND, reach));
  const given = { ...(arm === null ? {} : { arm }), ...(reference === null ? {} : { reference }) };
  const drift = useData(
    ['monitoring', 'drift', endpoint, per, arm, reference, ...(windows === TREND ? [] : [windows])],
    (rpc, signal) => rpc.monitoring.drift({ endpoint, per, windows, ...given }, { signal }),
    { keep: true },
  );
  const quality = useData(
    ['monitoring', 'quality', endpoint, per, arm],
    (rpc, signal) => rpc.monitoring.quality({ endpoint, per, ...(arm === null ? {} : { arm }) }, { signal }),
    { keep: true },
  );
  const score = drift.data?.find(({ kind }) => kind === 'prediction')?.feature ?? null;
  const driftedShare = useSeries(scope, { of: 'drifted-share' });
  const mean = useSeries(scope, score === null ? null : { of: 'mean', feature: score });
  const volume = useSeries(scope, { of: 'volume' });
  const performance = useSeries(scope, { of: 'performance', metric });
  const estimated = useSeries(scope, isEstimated(metric) ? { of: 'estimated', metric } : null);
  const metrics = useData(['monitoring', 'business', endpoint], (rpc, signal) =>
    rpc.businessMetrics.list({ endpoint }, { signal }),
  );
  const business = useDataList(
    (metrics.data ?? []).map(({ name }) => ({
      key: seriesKey(scope, { of: 'business', metric: name }),
      load: (rpc, signal) =>
        rpc.monitoring.series(
          { ...seriesScope(scope), series: { of: 'business', metric: name } },
          { signal },
        ),
    })),
    { enabled: range !== null },
  );
  // Asked for by wall time, shown by event time: the past may be replayed today.
  const changes = useData(
    ['monitoring', 'changes', endpoint],
    (rpc, signal) => rpc.alerts.changes({ endpoint, fromMs: 0 }, { signal }),
    { keep: true },
  );
  return {
    drift,
    quality,
    driftedShare,
    mean,
    volume,
    performance,
    estimated,
    metrics,
    business,
    changes,
    score,
  };
}
export type Health = ReturnType<typeof useHealth>;

type Look = { id: string; label: string; color: ChartColor; dashed?: boolean };

/** A measured series as a line of a lane, within the range. */
export function laneLine(series: Series, look: Look, { fromMs, toMs }: TimeRange): LaneLine {
  return {
    ...look,
    points: series.points
      .filter(({ windowMs }) => windowMs >= fromMs && windowMs < toMs)
      .map(({ windowMs, value, low, high, n, complete, mature }) => ({
        x: windowMs,
        y: value,
        low,
        high,
        n,
        open: !(complete && mature),
        weak: n < series.minN,
      })),
  };
}

export const referenceLine = ({ reference }: Series): LaneThreshold[] =>
  reference === null ? [] : [{ value: reference, label: 'reference', color: 'reference' }];

export const cellsOf = ({ trend }: FeatureDrift, { fromMs, toMs }: TimeRange): (HeatCell & { n: number })[] =>
  trend
    .filter(({ windowMs }) => windowMs >= fromMs && windowMs < toMs)
    .map(({ windowMs, value, n, level }) => ({ x: windowMs, value, n, level }));

/** All lanes' lines within the range. */
export function useLines(health: Health, range: TimeRange, metric: PerformanceMetric) {
  const { driftedShare, mean, volume, performance, estimated, business, metrics } = health;
  const { fromMs, toMs } = range;
  const own = useMemo(() => {
    const line = (
      series: Series | null | undefined,
      look: Parameters<typeof laneLine>[1],
    ): LaneLine | null => (series ? laneLine(series, look, { fromMs, toMs }) : null);
    return {
      share: line(driftedShare.data, { id: 'share', label: 'drifted', color: 1 }),
      mean: line(mean.data, { id: 'mean', label: 'mean score', color: 1 }),
      volume: line(volume.data, { id: 'volume', label: 'rows', color: 'reference' }),
      performance: [
        line(performance.data, { id: 'realised', label: 'with labels', color: 1 }),
        line(estimated.data, { id: 'estimated', label: 'estimated', color: 4, dashed: true }),
      ].filter((one): one is LaneLine => one?.points.some(({ y }) => y !== null) ?? false),
      title: METRICS[metric].title,
      performanceUnit: chartUnit(METRICS[metric].unit),
    };
  }, [driftedShare.data, mean.data, volume.data, performance.data, estimated.data, fromMs, toMs, metric]);
  const drawn = business.flatMap(({ data }, i) => {
    const found = metrics.data?.[i];
    return data && found ? [{ series: data, name: found.name, unit: found.unit }] : [];
  });
  return {
    ...own,
    business: drawn.map(({ series, name, unit }) => ({
      line: laneLine(series, { id: name, label: name, color: 3 }, range),
      series,
      unit,
    })),
  };
}

export type HealthLines = ReturnType<typeof useLines>;

import { useMemo } from 'react';
import type { PerformancePoint } from '../../../src-main/contract/monitoring.ts';
import { armColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Point, Series } from '../../charts/time-series-data.ts';
import { formatPercent } from '../../lib/format.ts';
import { AXIS_WIDTH, ChartLane } from './lane.tsx';

type PerformanceLanesProps = {
  points: readonly PerformancePoint[];
  arms: readonly string[];
  range: readonly [number, number];
  window: number;
  onCursor: (x: number | null) => void;
};

/** Accuracy with its interval, and how far its labels have come: what is not mature is hollow and dashed. */
export function PerformanceLanes({ points, arms, range, window, onCursor }: PerformanceLanesProps) {
  const accuracy = useMemo(
    () =>
      perArm(points, arms, window, (point) => ({
        y: point.accuracy,
        low: point.accuracyLow,
        high: point.accuracyHigh,
        n: point.labelled,
        weak: !point.mature,
        note: `${formatPercent(labelledShare(point) ?? 0, 0)} labelled`,
      })),
    [points, arms, window],
  );
  const labelled = useMemo(
    () => perArm(points, arms, window, (point) => ({ y: labelledShare(point), n: point.predictions })),
    [points, arms, window],
  );
  const shared = {
    x: 'time' as const,
    daily: true,
    unit: 'share' as const,
    gap: window * 1.5,
    axisWidth: AXIS_WIDTH,
    xRange: range,
    onCursor,
    syncKey: 'monitoring-quality',
    hideTitle: true,
  };
  return (
    <div className="flex flex-col gap-3">
      <ChartLane label="Accuracy per arm, with its 95 % interval. Hollow and dashed: under 80 % of the day’s labels have come.">
        <TimeSeries
          {...shared}
          title="Accuracy"
          height={190}
          series={accuracy}
          ceiling={1}
          floor={0}
          emptyText="No label has come yet."
        />
      </ChartLane>
      <ChartLane label="Share of predictions with a label">
        <TimeSeries
          {...shared}
          title="Labelled share"
          height={100}
          series={labelled}
          fromZero
          ceiling={1}
          floor={0}
          emptyText="No prediction yet."
        />
      </ChartLane>
    </div>
  );
}

const labelledShare = ({ predictions, labelled }: PerformancePoint): number | null =>
  predictions > 0 ? labelled / predictions : null;

/** One line per arm; where an arm changed its version within a day, the version with more labels speaks. */
function perArm(
  points: readonly PerformancePoint[],
  order: readonly string[],
  window: number,
  read: (point: PerformancePoint) => Omit<Point, 'x'>,
): Series[] {
  return order.map((arm, i) => {
    const days = new Map<number, PerformancePoint>();
    for (const point of points) {
      if (point.arm !== arm) continue;
      const known = days.get(point.windowMs);
      if (!known || point.predictions > known.predictions) days.set(point.windowMs, point);
    }
    return {
      id: arm,
      label: arm,
      color: armColor(arm, i),
      points: [...days.values()]
        .sort((a, b) => a.windowMs - b.windowMs)
        .map((point) => ({ x: point.windowMs + window / 2, ...read(point) })),
    };
  });
}

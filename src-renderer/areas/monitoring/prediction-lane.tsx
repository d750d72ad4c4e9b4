import { useQueries } from '@tanstack/react-query';
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import { armColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { useData } from '../../lib/query.ts';
import { rpc } from '../../lib/rpc.ts';
import { AXIS_WIDTH, ChartLane } from './lane.tsx';

type PredictionLaneProps = {
  endpoint: string;
  feature: string;
  arms: readonly string[];
  range: readonly [number, number];
  window: number;
  onCursor: (x: number | null) => void;
};

/** Mean score per arm over the days, with the mean that training had. */
export function PredictionLane({ endpoint, feature, arms, range, window, onCursor }: PredictionLaneProps) {
  const whole = useData(['monitoring', 'feature', endpoint, feature, null, null], (client, signal) =>
    client.monitoring.feature({ endpoint, feature }, { signal }),
  );
  const perArm = useQueries({
    queries: arms.map((arm) => ({
      queryKey: ['monitoring', 'feature', endpoint, feature, arm, null],
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<FeatureDetail> =>
        rpc.monitoring.feature({ endpoint, feature, arm }, { signal }),
    })),
  });
  const reference = whole.data?.referenceMean;
  return (
    <ChartLane label="Mean score per arm">
      <TimeSeries
        title="Mean score"
        hideTitle
        x="time"
        daily
        unit="number"
        height={150}
        gap={window * 1.5}
        axisWidth={AXIS_WIDTH}
        xRange={range}
        syncKey={`monitoring-${endpoint}`}
        onCursor={onCursor}
        thresholds={
          reference == null ? [] : [{ value: reference, label: 'training mean', color: 'reference' }]
        }
        series={arms.map((arm, i) => ({
          id: arm,
          label: arm,
          color: armColor(arm, i),
          points: (perArm[i]?.data?.windows ?? [])
            .filter(({ windowMs }) => windowMs >= range[0])
            .map(({ windowMs, mean, score }) => ({
              x: windowMs + window / 2,
              y: mean,
              n: score.n,
              weak: score.level === 'too-few',
            })),
        }))}
        emptyText="No whole day yet."
      />
    </ChartLane>
  );
}

/** What goes through an endpoint right now: one line per arm, the last two minutes, a point a second. */
import { useMemo, useState } from 'react';
import type { Endpoint, LiveSample } from '../../../src-main/contract/serving.ts';
import { CountBars } from '../../charts/count-bars.tsx';
import { armColor, type ChartColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series } from '../../charts/time-series-data.ts';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { armKeys, armPoints, batchBins, NOT_ANSWERED, sumPoints } from './live-figures.ts';
import { SPAN_MS } from './use-samples.ts';

const GAP_MS = 2_500;
const HEIGHT = 132;
const NO_REQUEST = 'No request in the last two minutes.';
const NO_BATCH = 'No batch in the last two minutes.';

type Percentile = 'p50Ms' | 'p95Ms' | 'p99Ms';
const PERCENTILES: readonly { value: Percentile; label: string }[] = [
  { value: 'p50Ms', label: 'p50' },
  { value: 'p95Ms', label: 'p95' },
  { value: 'p99Ms', label: 'p99' },
];
const REASON_COLORS: readonly ChartColor[] = ['warn', 3, 5, 'muted', 'bad', 8];

export function LivePanel({ endpoint, samples }: { endpoint: Endpoint; samples: readonly LiveSample[] }) {
  const [percentile, setPercentile] = useState<Percentile>('p95Ms');
  const newest = samples.at(-1)?.atMs ?? null;
  const range = useMemo<readonly [number, number] | undefined>(
    () => (newest === null ? undefined : [newest - SPAN_MS, newest]),
    [newest],
  );
  const charts = useMemo(
    () => seriesOf(samples, endpoint.arms, percentile),
    [samples, endpoint.arms, percentile],
  );
  const shared = {
    legend: 'values' as const,
    x: 'ago' as const,
    height: HEIGHT,
    gap: GAP_MS,
    floor: 0,
    fromZero: true,
    syncKey: `live-${endpoint.name}`,
    ...(range ? { xRange: range } : {}),
  };
  return (
    <Panel
      title="Live traffic"
      hint="last 2 minutes, one point a second"
      actions={
        <SegmentedControl<Percentile>
          label="Latency percentile"
          options={PERCENTILES}
          value={percentile}
          onChange={setPercentile}
        />
      }
    >
      <div className="grid grid-cols-1 gap-x-6 gap-y-4 lg:grid-cols-2">
        <TimeSeries
          {...shared}
          title="Requests/s"
          unit="count"
          series={charts.requests}
          emptyText={NO_REQUEST}
        />
        <TimeSeries
          {...shared}
          title="Latency"
          unitLabel={PERCENTILES.find(({ value }) => value === percentile)?.label ?? ''}
          unit="ms"
          series={charts.latency}
          emptyText={NO_REQUEST}
        />
        <TimeSeries
          {...shared}
          title="Batch size"
          unitLabel="mean rows"
          unit="number"
          series={charts.batch}
          emptyText={NO_BATCH}
        />
        <CountBars
          title="Batches by size"
          unitLabel="rows, share of batches"
          counted="batches"
          by="rows"
          bins={charts.sizes}
          height={HEIGHT}
          emptyText={NO_BATCH}
        />
        <TimeSeries
          {...shared}
          title="Waiting rows"
          unit="count"
          series={charts.queued}
          emptyText="No sample yet."
        />
        <TimeSeries
          {...shared}
          title="Time in queue"
          unit="ms"
          series={charts.queue}
          emptyText={NO_REQUEST}
        />
        <div className="min-w-0 lg:col-span-2">
          <TimeSeries
            {...shared}
            legend="all"
            title="Not answered/s"
            unit="count"
            series={charts.notAnswered}
            emptyText="No sample yet."
          />
        </div>
      </div>
    </Panel>
  );
}

function seriesOf(samples: readonly LiveSample[], arms: Endpoint['arms'], percentile: Percentile) {
  const keys = armKeys(samples, arms);
  const lines = (read: Parameters<typeof armPoints>[2]): Series[] =>
    keys.map((key, i) => ({
      id: key,
      label: key,
      color: armColor(key, i),
      points: armPoints(samples, key, read),
    }));
  const queued = samples.map(({ atMs, queued: rows }) => ({ x: atMs, y: rows }));
  return {
    requests: lines(({ requests }) => requests),
    latency: lines((sample) => sample[percentile]),
    batch: lines(({ batches, meanBatch }) => (batches > 0 ? meanBatch : null)),
    sizes: batchBins(samples).map(({ label, batches }) => ({ label, count: batches })),
    queue: lines(({ queueMs }) => queueMs),
    queued: [{ id: 'queued', label: 'waiting', color: 8, points: queued }] satisfies Series[],
    notAnswered: NOT_ANSWERED.map(
      ({ id, label, read }, i): Series => ({
        id,
        label,
        color: REASON_COLORS[i] ?? 'muted',
        points: sumPoints(samples, read),
      }),
    ),
  };
}

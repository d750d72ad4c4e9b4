/** What goes through an endpoint right now: one line per arm, the last two minutes, a point a second. */
import { useEffect, useMemo, useState } from 'react';
import type { Endpoint, LiveSample } from '../../../src-main/contract/serving.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series } from '../../charts/time-series-data.ts';
import { formatCount, formatDuration, formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import { rpc, useConnection } from '../../lib/rpc.ts';
import { useLive } from '../../lib/use-live.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { ArmStatus } from './arm-look.tsx';
import { type ArmNow, armKeys, armNow, armPoints, mergeSamples } from './live-figures.ts';

const SPAN_MS = 120_000;
const GAP_MS = 2_500;
const HEIGHT = 132;

type Percentile = 'p50Ms' | 'p95Ms' | 'p99Ms';
const PERCENTILES: readonly { value: Percentile; label: string }[] = [
  { value: 'p50Ms', label: 'p50' },
  { value: 'p95Ms', label: 'p95' },
  { value: 'p99Ms', label: 'p99' },
];

export function LivePanel({ endpoint }: { endpoint: Endpoint }) {
  const samples = useSamples(endpoint.name);
  const [percentile, setPercentile] = useState<Percentile>('p95Ms');
  const newest = samples.at(-1)?.atMs ?? null;
  const range = useMemo<readonly [number, number] | undefined>(
    () => (newest === null ? undefined : [newest - SPAN_MS, newest]),
    [newest],
  );

  const charts = useMemo(() => {
    const keys = armKeys(samples, endpoint.arms);
    const lines = (read: Parameters<typeof armPoints>[2]): Series[] =>
      keys.map((key, i) => ({
        id: key,
        label: key,
        color: armColor(key, i),
        points: armPoints(samples, key, read),
      }));
    const queued: Series[] = [
      {
        id: 'queued',
        label: 'waiting',
        color: 8,
        points: samples.map(({ atMs, queued: rows }) => ({ x: atMs, y: rows })),
      },
    ];
    return {
      requests: lines(({ requests }) => requests),
      latency: lines((sample) => sample[percentile]),
      batch: lines(({ batches, meanBatch }) => (batches > 0 ? meanBatch : null)),
      queue: lines(({ queueMs }) => queueMs),
      queued,
      errors: lines(({ errors }) => errors),
    };
  }, [samples, endpoint.arms, percentile]);

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
    <>
      <Panel title="Arms" hint="last 10 seconds" padded={false}>
        <div className="overflow-x-auto">
          <ArmTable endpoint={endpoint} samples={samples} />
        </div>
      </Panel>
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
            emptyText="No request in the last two minutes."
          />
          <TimeSeries
            {...shared}
            title="Latency"
            unitLabel={PERCENTILES.find(({ value }) => value === percentile)?.label ?? ''}
            unit="ms"
            series={charts.latency}
            emptyText="No request in the last two minutes."
          />
          <TimeSeries
            {...shared}
            title="Batch size"
            unitLabel="rows"
            unit="number"
            series={charts.batch}
            emptyText="No batch in the last two minutes."
          />
          <TimeSeries
            {...shared}
            title="Time in queue"
            unit="ms"
            series={charts.queue}
            emptyText="No request in the last two minutes."
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
            title="Errors/s"
            unit="count"
            series={charts.errors}
            emptyText="No sample yet."
          />
        </div>
      </Panel>
    </>
  );
}

/** What was there before the view opened, or before the connection was lost, and every second since. */
function useSamples(name: string): readonly LiveSample[] {
  const { epoch, state } = useConnection();
  const [samples, setSamples] = useState<readonly LiveSample[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: epoch changes with each new connection.
  useEffect(() => {
    if (state !== 'online') return;
    const abort = new AbortController();
    rpc.serving.recent({ name }, { signal: abort.signal }).then(
      (recent) => setSamples((kept) => mergeSamples(recent, kept, SPAN_MS)),
      // Only the past is missing then; the live samples below fill the charts.
      () => undefined,
    );
    return () => abort.abort();
  }, [name, state, epoch]);
  useLive<LiveSample>(
    name,
    (client, signal) => client.serving.live({ name }, { signal }),
    (sample) => setSamples((kept) => mergeSamples(kept, [sample], SPAN_MS)),
  );
  return samples;
}

type ArmRow = Endpoint['arms'][number] & { now: ArmNow; place: number };

const COLUMNS: Column<ArmRow>[] = [
  {
    id: 'arm',
    header: 'Arm',
    cell: ({ key, version, place }) => (
      <span className="inline-flex items-center gap-2">
        <Swatch color={cssColor(armColor(key, place))} />
        {key} <span className="font-normal text-ink-3">v{version}</span>
      </span>
    ),
  },
  { id: 'state', header: 'State', cell: ({ state }) => <ArmStatus state={state} /> },
  {
    id: 'share',
    header: 'Share',
    align: 'right',
    cell: ({ now, weight }) => (
      <>
        {formatPercent(now.share, 0)}{' '}
        <span className="text-ink-3">of {formatPercent(weight / 10_000, 0)}</span>
      </>
    ),
    hint: 'Share of the requests of the last 10 seconds, and the share the split gives',
  },
  {
    id: 'rate',
    header: 'Req/s',
    align: 'right',
    cell: ({ now }) => formatNumber(now.requestsPerSecond, 3),
  },
  { id: 'p50', header: 'p50', align: 'right', cell: ({ now }) => formatDuration(now.p50Ms) },
  { id: 'p95', header: 'p95', align: 'right', cell: ({ now }) => formatDuration(now.p95Ms) },
  { id: 'p99', header: 'p99', align: 'right', cell: ({ now }) => formatDuration(now.p99Ms) },
  {
    id: 'queue',
    header: 'Queue',
    align: 'right',
    cell: ({ now }) => formatDuration(now.queueMs),
    hint: 'Mean time a request waits before its batch runs',
  },
  {
    id: 'batch',
    header: 'Batch',
    align: 'right',
    cell: ({ now }) => (now.meanBatch === null ? NONE : formatNumber(now.meanBatch, 3)),
    hint: 'Mean rows in a batch',
  },
  {
    id: 'errors',
    header: 'Errors',
    align: 'right',
    cell: ({ now }) => (
      <span className={now.errors > 0 ? 'font-semibold text-bad' : 'text-ink-3'}>
        {formatCount(now.errors)}
      </span>
    ),
  },
];

function ArmTable({ endpoint, samples }: { endpoint: Endpoint; samples: readonly LiveSample[] }) {
  const rows = endpoint.arms.map((arm, place) => ({
    ...arm,
    place,
    now: armNow(samples, arm.key, arm.version),
  }));
  return <Table label="Arms" columns={COLUMNS} rows={rows} rowKey={({ key }) => key} />;
}

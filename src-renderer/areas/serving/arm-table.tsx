/** Every arm of an endpoint and what it did in the last ten seconds. */
import type { Endpoint, LiveSample } from '../../../src-main/contract/serving.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { formatCount, formatDuration, formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { ArmStatus } from './arm-look.tsx';
import { type ArmNow, armNow } from './live-figures.ts';

type ArmRow = Endpoint['arms'][number] & { now: ArmNow; place: number };

const count = (value: number, tone: string) => (
  <span className={value > 0 ? `font-semibold ${tone}` : 'text-ink-3'}>{formatCount(value)}</span>
);

const COLUMNS: Column<ArmRow>[] = [
  {
    id: 'arm',
    header: 'Arm',
    cell: ({ key, version, state, place }) => (
      <span className="inline-flex items-center gap-2">
        <Swatch color={cssColor(armColor(key, place))} />
        {key} <span className="font-normal text-ink-3">v{version}</span>
        {state === 'ready' ? null : (
          <span className="font-normal">
            <ArmStatus state={state} />
          </span>
        )}
      </span>
    ),
  },
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
    id: 'refused',
    header: 'Refused',
    align: 'right',
    cell: ({ now }) => count(now.refused, 'text-warn'),
    hint: 'Refused at once or after a wait, rather than answered late: 503',
  },
  {
    id: 'failed',
    header: 'Failed',
    align: 'right',
    cell: ({ now }) => count(now.failed, 'text-bad'),
    hint: 'Began and could not be answered: 500 or 504',
  },
];

export function ArmTable({ endpoint, samples }: { endpoint: Endpoint; samples: readonly LiveSample[] }) {
  const rows = endpoint.arms.map((arm, place) => ({
    ...arm,
    place,
    now: armNow(samples, arm.key, arm.version),
  }));
  return <Table label="Arms" columns={COLUMNS} rows={rows} rowKey={({ key }) => key} />;
}

/** What each arm did: the metric with its interval, and how fast. */
import type { AbArm, AbLatency, AbMetric } from '../../../src-main/contract/ab-tests.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { formatCompact, formatDuration, formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import { Badge, Swatch } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { METRICS, meanInterval, valueText } from './result-words.ts';

type Row = AbArm & { place: number };

const latency = (of: AbLatency | null) =>
  of === null ? NONE : `${formatDuration(of.p50Ms)} / ${formatDuration(of.p95Ms)}`;

const columns = (metric: AbMetric): Column<Row>[] => [
  {
    id: 'arm',
    header: 'Arm',
    cell: ({ key, version, baseline, place }) => (
      <span className="inline-flex items-center gap-2">
        <Swatch color={cssColor(armColor(key, place))} />
        {key} <span className="font-normal text-ink-3">v{version}</span>
        {baseline ? <Badge>baseline</Badge> : null}
      </span>
    ),
  },
  {
    id: 'units',
    header: 'Units',
    align: 'right',
    cell: ({ units }) => formatCompact(units),
    hint: 'Distinct units assigned; a request that names none is its own',
  },
  { id: 'n', header: 'n', align: 'right', cell: ({ n }) => formatCompact(n), hint: 'Values of the metric' },
  {
    id: 'coverage',
    header: 'Covered',
    align: 'right',
    cell: ({ coverage }) => formatPercent(coverage, 0),
    hint: 'Share of the served rows that have a value',
  },
  {
    id: 'mean',
    header: METRICS[metric].label,
    align: 'right',
    cell: ({ mean }) => <b className="font-semibold">{valueText(metric, mean)}</b>,
  },
  {
    id: 'interval',
    header: 'Always-valid interval',
    align: 'right',
    cell: (arm) => <span className="text-ink-2">{meanInterval(metric, arm)}</span>,
  },
  {
    id: 'sd',
    header: 'Deviation',
    align: 'right',
    cell: ({ sd }) => formatNumber(sd, 3),
    hint: 'Standard deviation, per unit',
  },
  {
    id: 'compute',
    header: 'In the model, per row',
    align: 'right',
    cell: ({ compute }) => latency(compute),
    hint: 'p50 / p95 of a batch’s time divided by its rows: what to compare models by',
  },
  {
    id: 'latency',
    header: 'Answer',
    align: 'right',
    cell: ({ latency: of }) => latency(of),
    hint: 'p50 / p95 from arrival to answer; arms share a device, so each is slower for the other',
  },
];

export function ArmsPanel({ arms, metric }: { arms: readonly AbArm[]; metric: AbMetric }) {
  return (
    <Panel title="Arms" hint={METRICS[metric].help} padded={false}>
      <div className="overflow-x-auto">
        <Table
          label="Results by arm"
          columns={columns(metric)}
          rows={arms.map((arm, place) => ({ ...arm, place }))}
          rowKey={({ key }) => key}
        />
      </div>
    </Panel>
  );
}

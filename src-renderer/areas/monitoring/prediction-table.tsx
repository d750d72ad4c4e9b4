import { Check, X } from 'lucide-react';
import type { FeatureValue } from '../../../src-main/contract/common.ts';
import { formatDateTime, formatNumber, NONE } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { type Column, Table } from '../../ui/Table.tsx';

type Prediction = Awaited<ReturnType<Rpc['monitoring']['predictions']>>[number];

const SHOWN_FEATURES = 6;

export function PredictionTable({ endpoint }: { endpoint: string }) {
  const predictions = useData(['monitoring', 'predictions', endpoint], (rpc, signal) =>
    rpc.monitoring.predictions({ endpoint, limit: 30 }, { signal }),
  );
  return (
    <Panel title="Recent predictions" hint="the newest 30" padded={false}>
      <QueryState query={predictions} what="Predictions">
        {(rows) => (
          <ScrollRegion label="Newest rows" className="max-h-96 -outline-offset-2">
            <Table
              label="Recent predictions"
              columns={columnsFor(rows)}
              rows={rows}
              rowKey={({ id }) => id}
              empty={<p className="p-3 text-ink-3">No prediction has been logged yet.</p>}
            />
          </ScrollRegion>
        )}
      </QueryState>
    </Panel>
  );
}

function columnsFor(rows: readonly Prediction[]): Column<Prediction>[] {
  const features = Object.keys(rows[0]?.features ?? {}).slice(0, SHOWN_FEATURES);
  return [
    {
      id: 'time',
      header: 'Event time, UTC',
      cell: ({ eventMs }) => <span className="num font-normal">{formatDateTime(eventMs, true)}</span>,
      sort: ({ eventMs }) => eventMs,
    },
    { id: 'arm', header: 'Arm', cell: ({ arm, version }) => `${arm} v${version}` },
    {
      id: 'score',
      header: 'Score',
      align: 'right',
      cell: ({ score }) => formatNumber(score, 3),
      sort: ({ score }) => score,
    },
    { id: 'label', header: 'Predicted', align: 'right', cell: ({ label }) => label ?? NONE },
    {
      id: 'truth',
      header: 'Truth',
      align: 'right',
      cell: ({ label, truth }) => <Truth label={label} truth={truth} />,
    },
    { id: 'unit', header: 'Unit', cell: ({ unit }) => <span className="text-ink-2">{unit ?? NONE}</span> },
    ...features.map(
      (name): Column<Prediction> => ({
        id: `f:${name}`,
        header: name,
        align: typeof rows[0]?.features[name] === 'number' ? 'right' : 'left',
        cell: (row) => <span className="text-ink-2">{valueText(row.features[name])}</span>,
      }),
    ),
    {
      id: 'id',
      header: 'Id',
      cell: ({ id }) => (
        <span className="flex items-center gap-1">
          <code className="max-w-28 truncate text-ink-3" title={id}>
            {id}
          </code>
          <CopyButton text={id} label="Copy the prediction’s id" />
        </span>
      ),
    },
  ];
}

function Truth({ label, truth }: { label: string | null; truth: string | null }) {
  if (truth === null) return <span className="text-ink-3">waiting</span>;
  const right = asClass(label) === asClass(truth);
  const Icon = right ? Check : X;
  return (
    <span className={`inline-flex items-center gap-1 ${right ? '' : 'text-bad'}`}>
      <Icon size={12} aria-label={right ? 'right' : 'wrong'} />
      {truth}
    </span>
  );
}

/** Labels come as 1, true or 1.0; compare what they mean. */
const asClass = (label: string | null): string | null => {
  const text = label?.trim().toLowerCase() ?? null;
  if (text === 'true' || text === '1.0') return '1';
  return text === 'false' || text === '0.0' ? '0' : text;
};

const valueText = (value: FeatureValue | undefined): string =>
  value === null || value === undefined
    ? 'missing'
    : typeof value === 'number'
      ? formatNumber(value)
      : String(value);

/** Figures from outside that tell what a model does for the business, and how they move with it. */
import { HandCoins, Plus, Trash2, Upload } from 'lucide-react';
import { useState } from 'react';
import type { BusinessMetric } from '../../../src-main/contract/business-metrics.ts';
import { formatCount, formatDate, formatDuration, NONE, plural } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { useNarrow } from '../../lib/use-narrow.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { CorrelationPanel } from './correlation-panel.tsx';
import { COMBINE, GOOD } from './correlation-words.ts';
import { DefineDialog } from './define-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { MetricOverTime } from './metric-over-time.tsx';
import { PushPanel } from './push-panel.tsx';

type Asking = { what: 'define' | 'import' } | { what: 'remove'; metric: BusinessMetric };

export function BusinessView(scope: MonitoringScope) {
  const { endpoint } = scope;
  const { query } = useLocation();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const metrics = useData(['monitoring', 'business', endpoint], (rpc, signal) =>
    rpc.businessMetrics.list({ endpoint }, { signal }),
  );
  const chosen = metrics.data?.find(({ name }) => name === query.business) ?? metrics.data?.[0] ?? null;
  const actions = (
    <>
      <Button icon={Upload} onClick={() => setAsking({ what: 'import' })}>
        Import CSV
      </Button>
      <Button icon={Plus} variant="primary" onClick={() => setAsking({ what: 'define' })}>
        Define a metric
      </Button>
    </>
  );
  return (
    <div className="flex flex-col gap-3">
      {metrics.data && metrics.data.length > 0 ? (
        <div className="flex flex-wrap items-center justify-end gap-2">
          <p className="mr-auto text-xs text-ink-3">
            {plural(metrics.data.length, 'metric')} from outside, by what its values are about, UTC
          </p>
          {actions}
        </div>
      ) : null}
      <Panel title="Business metrics" padded={false}>
        <QueryState query={metrics} what="The business metrics">
          {(all) =>
            all.length === 0 ? (
              <EmptyState
                icon={HandCoins}
                title="No business metric yet"
                action={<span className="flex justify-center gap-2">{actions}</span>}
              >
                Revenue, bookings, complaints, minutes lost: push them from where they are known, and they are
                drawn beside the model’s drift and quality.
              </EmptyState>
            ) : (
              <Metrics
                metrics={all}
                chosen={chosen}
                onRemove={(metric) => setAsking({ what: 'remove', metric })}
              />
            )
          }
        </QueryState>
      </Panel>
      {chosen ? (
        <>
          <MetricOverTime scope={scope} metric={chosen} />
          <CorrelationPanel scope={scope} metric={chosen} />
        </>
      ) : null}
      {metrics.data ? <PushPanel endpoint={endpoint} metric={chosen?.name ?? 'bookings'} /> : null}
      {asking?.what === 'define' ? (
        <DefineDialog
          endpoint={endpoint}
          taken={metrics.data?.map(({ name }) => name) ?? []}
          onClose={close}
        />
      ) : null}
      {asking?.what === 'import' ? (
        <ImportDialog
          endpoint={endpoint}
          metrics={metrics.data?.map(({ name }) => name) ?? []}
          onClose={close}
        />
      ) : null}
      {asking?.what === 'remove' ? <RemoveMetric metric={asking.metric} onClose={close} /> : null}
    </div>
  );
}

/** Told above the chart too. */
const NOT_NARROW = ['combine', 'good'];

type MetricsProps = {
  metrics: readonly BusinessMetric[];
  chosen: BusinessMetric | null;
  onRemove: (metric: BusinessMetric) => void;
};

function Metrics({ metrics, chosen, onRemove }: MetricsProps) {
  const narrow = useNarrow();
  const columns: Column<BusinessMetric>[] = [
    {
      id: 'name',
      header: 'Metric',
      cell: ({ name, unit }) => (
        <button
          type="button"
          aria-pressed={name === chosen?.name}
          onClick={() => setQuery({ business: name })}
          className="rounded-xs text-left text-accent hover:underline"
          data-row-link=""
        >
          {name}
          {unit ? <span className="ml-1.5 font-normal text-ink-3">{unit}</span> : null}
        </button>
      ),
      sort: ({ name }) => name,
    },
    { id: 'combine', header: 'A window has the', cell: ({ combine }) => COMBINE[combine] },
    { id: 'good', header: 'Direction', cell: ({ good }) => GOOD[good] },
    {
      id: 'points',
      header: 'Values',
      align: 'right',
      cell: ({ points }) => formatCount(points),
      sort: ({ points }) => points,
    },
    {
      id: 'period',
      header: 'From – to, UTC',
      align: 'right',
      cell: ({ firstMs, lastMs }) =>
        firstMs === null ? NONE : `${formatDate(firstMs, true)} – ${formatDate(lastMs, true)}`,
      sort: ({ lastMs }) => lastMs,
    },
    {
      id: 'lag',
      header: 'Arrives after',
      align: 'right',
      hint: 'Median time from what a value is about to its arrival',
      cell: ({ lagMs }) => formatDuration(lagMs),
    },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: (metric) => (
        <IconButton
          icon={Trash2}
          size="sm"
          label={`Remove ${metric.name}`}
          onClick={() => onRemove(metric)}
        />
      ),
    },
  ];
  return (
    <div className="overflow-x-auto">
      <Table
        label="Business metrics"
        columns={narrow ? columns.filter(({ id }) => !NOT_NARROW.includes(id)) : columns}
        rows={metrics}
        rowKey={({ name }) => name}
        current={chosen?.name ?? null}
      />
    </div>
  );
}

const RemoveMetric = ({ metric, onClose }: { metric: BusinessMetric; onClose: () => void }) => (
  <RemoveDialog
    what={metric.name}
    name={metric.name}
    remove={(rpc) => rpc.businessMetrics.remove({ endpoint: metric.endpoint, name: metric.name })}
    topics={['monitoring', 'alerts']}
    onClose={onClose}
  >
    Its {plural(metric.points, 'value')} {metric.points === 1 ? 'goes' : 'go'}, and rules on it can judge
    nothing any more.
  </RemoveDialog>
);

import { Activity, Radio } from 'lucide-react';
import { formatCount, formatDate, formatPercent, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';

type Watched = Awaited<ReturnType<Rpc['monitoring']['overview']>>[number];

const COLUMNS: Column<Watched>[] = [
  { id: 'endpoint', header: 'Endpoint', cell: ({ endpoint }) => endpoint, sort: ({ endpoint }) => endpoint },
  {
    id: 'drift',
    header: 'Drift',
    sort: ({ drifted, hasReference }) => (hasReference ? drifted : null),
    cell: ({ drifted, features, hasReference }) =>
      !hasReference ? (
        <span className="text-ink-3">no reference</span>
      ) : features === 0 ? (
        <span className="text-ink-3">not enough rows yet</span>
      ) : drifted === 0 ? (
        <Badge tone="ok">none of {features} drifted</Badge>
      ) : (
        <Badge tone="bad">
          {drifted} of {features} drifted
        </Badge>
      ),
  },
  {
    id: 'predictions',
    header: 'Predictions',
    align: 'right',
    cell: ({ predictions }) => formatCount(predictions),
    sort: ({ predictions }) => predictions,
  },
  {
    id: 'labelled',
    header: 'Labelled',
    align: 'right',
    cell: ({ predictions, labelled }) => (predictions === 0 ? NONE : formatPercent(labelled / predictions)),
    sort: ({ predictions, labelled }) => (predictions === 0 ? null : labelled / predictions),
  },
  {
    id: 'period',
    header: 'Event time, UTC',
    align: 'right',
    cell: ({ firstMs, lastMs }) =>
      firstMs === null ? NONE : `${formatDate(firstMs, true)} – ${formatDate(lastMs, true)}`,
  },
  {
    id: 'window',
    header: 'Window',
    align: 'right',
    cell: ({ windowSizeMs }) => plural(Math.round(windowSizeMs / 86_400_000), 'day'),
  },
];

const SNIPPET = `# what monitoring reads from a request, beside its inputs
{
  "id": "UA1545-2013-03-15",
  "parameters": { "lathe_unit": "UA1545", "lathe_event_ms": 1363305600000 },
  "inputs": [ … ]
}`;

export function WatchedList() {
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  return (
    <Page>
      <PageHeader
        title="Monitoring"
        subtitle="Drift of inputs and predictions against the training reference, and quality as labels arrive."
      />
      <Panel
        padded={false}
        title="Watched endpoints"
        hint={overview.data ? plural(overview.data.length, 'endpoint') : null}
      >
        <QueryState query={overview} what="Watched endpoints">
          {(rows) => (
            <Table
              label="Watched endpoints"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ endpoint }) => endpoint}
              href={({ endpoint }) => pathTo('monitoring', endpoint)}
              empty={
                <EmptyState
                  icon={Activity}
                  title="Nothing is watched yet"
                  action={
                    <Button variant="primary" icon={Radio} onClick={() => navigate('/serving')}>
                      Go to Serving
                    </Button>
                  }
                  snippet={SNIPPET}
                >
                  An endpoint is watched once it has logged predictions. Switch on logging and send it
                  requests; with a training reference, drift is computed day by day.
                </EmptyState>
              }
            />
          )}
        </QueryState>
      </Panel>
    </Page>
  );
}

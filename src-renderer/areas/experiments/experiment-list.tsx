import { FlaskConical } from 'lucide-react';
import type { Experiment } from '../../../src-main/contract/experiments.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { useConnection } from '../../lib/rpc.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { CopyTrackingUrl } from './copy-tracking-url.tsx';
import { trackingSnippet } from './tracking-snippet.ts';

const COLUMNS: Column<Experiment>[] = [
  { id: 'name', header: 'Experiment', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description }) => <span className="text-ink-2">{description}</span>,
  },
  {
    id: 'runs',
    header: 'Runs',
    align: 'right',
    width: '96px',
    cell: ({ runCount }) => formatCount(runCount),
    sort: ({ runCount }) => runCount,
  },
  {
    id: 'updated',
    header: 'Last change',
    align: 'right',
    width: '140px',
    cell: ({ updatedMs }) => <TimeAgo ms={updatedMs} />,
    sort: ({ updatedMs }) => updatedMs,
  },
  {
    id: 'created',
    header: 'Created',
    align: 'right',
    width: '140px',
    cell: ({ createdMs }) => <TimeAgo ms={createdMs} />,
    sort: ({ createdMs }) => createdMs,
  },
];

export function ExperimentList() {
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const { hello } = useConnection();
  const url = hello?.urls.mlflow ?? 'http://127.0.0.1:5000';
  return (
    <Page>
      <PageHeader
        title="Experiments"
        subtitle="Training runs with their parameters and metric curves, logged by your own code."
      />
      <Panel
        padded={false}
        title="All experiments"
        hint={experiments.data ? plural(experiments.data.length, 'experiment') : null}
      >
        <QueryState query={experiments} what="Experiments">
          {(rows) => (
            <Table
              label="Experiments"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ id }) => id}
              href={({ id }) => pathTo('experiments', id)}
              defaultSort={{ id: 'updated', direction: 'desc' }}
              empty={
                <EmptyState
                  icon={FlaskConical}
                  title="No experiments yet"
                  action={<CopyTrackingUrl url={url} />}
                  snippet={trackingSnippet(url)}
                >
                  Point your training code at Lathe: it speaks MLflow’s tracking API. The first run makes its
                  experiment.
                </EmptyState>
              }
            />
          )}
        </QueryState>
      </Panel>
    </Page>
  );
}

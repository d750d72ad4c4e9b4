import type { Experiment } from '../../../src-main/contract/experiments.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { NoRuns } from './no-runs.tsx';

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
  return (
    <Page>
      <PageHeader title="Experiments" subtitle="Training runs with their parameters and metric curves." />
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
              empty={<NoRuns title="No experiments yet" />}
            />
          )}
        </QueryState>
      </Panel>
    </Page>
  );
}

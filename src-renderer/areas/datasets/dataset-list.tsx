import { Database } from 'lucide-react';
import type { DatasetRow } from '../../../src-main/contract/datasets.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo, setQuery, useLocation } from '../../lib/router.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { Identity } from './identity.tsx';

const COLUMNS: Column<DatasetRow>[] = [
  { id: 'name', header: 'Dataset', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'aka',
    header: 'Also known as',
    cell: ({ alsoKnownAs }) => <span className="text-ink-2">{alsoKnownAs.join(', ')}</span>,
  },
  {
    id: 'identity',
    header: 'Content',
    hint: 'The hash of the whole content where it is known, else the digest that the client made of its first rows.',
    cell: (row) => <Identity dataset={row} />,
  },
  {
    id: 'rows',
    header: 'Rows',
    align: 'right',
    width: '100px',
    cell: ({ rows }) => formatCount(rows),
    sort: ({ rows }) => rows,
  },
  {
    id: 'runs',
    header: 'Runs',
    align: 'right',
    width: '80px',
    cell: ({ runs }) => formatCount(runs),
    sort: ({ runs }) => runs,
  },
  {
    id: 'versions',
    header: 'Versions',
    align: 'right',
    width: '90px',
    cell: ({ versions }) => formatCount(versions),
    sort: ({ versions }) => versions,
  },
  {
    id: 'last',
    header: 'Last used',
    align: 'right',
    width: '130px',
    cell: ({ lastMs }) => <TimeAgo ms={lastMs} />,
    sort: ({ lastMs }) => lastMs,
  },
];

const SNIPPET = `import mlflow

data = mlflow.data.from_pandas(frame, source="data/train.parquet", name="train")
with mlflow.start_run():
    mlflow.log_input(data, context="training")`;

export function DatasetList() {
  const text = useLocation().query.text ?? '';
  const datasets = useData(
    ['experiments', 'datasets', text],
    (rpc, signal) => rpc.datasets.list({ text }, { signal }),
    { keep: true },
  );
  return (
    <Page>
      <PageHeader
        title="Datasets"
        subtitle="Data that runs used, and what came of it. The same content under several names is one dataset."
      />
      <Panel
        padded={false}
        title="All datasets"
        hint={datasets.data ? plural(datasets.data.length, 'dataset') : null}
        actions={
          <div className="w-64">
            <TextField
              label="Find a dataset"
              hideLabel
              type="search"
              placeholder="Find by name, hash or digest"
              value={text}
              onChange={(value) => setQuery({ text: value === '' ? null : value })}
            />
          </div>
        }
      >
        <QueryState query={datasets} what="Datasets">
          {(rows) => (
            <div className="overflow-x-auto">
              <Table
                label="Datasets"
                columns={COLUMNS}
                rows={rows}
                rowKey={({ id }) => id}
                href={({ id }) => pathTo('datasets', id)}
                empty={
                  text === '' ? (
                    <EmptyState icon={Database} title="No datasets yet" snippet={SNIPPET}>
                      A dataset appears here when a run says that it used it.
                    </EmptyState>
                  ) : (
                    <EmptyState icon={Database} title="No dataset matches">
                      Names, hashes from their beginning and digests are looked at.
                    </EmptyState>
                  )
                }
              />
            </div>
          )}
        </QueryState>
      </Panel>
    </Page>
  );
}

import { Plus, Radio } from 'lucide-react';
import { useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { StackedShare } from '../../charts/stacked-share.tsx';
import { armColor } from '../../charts/theme.ts';
import { formatPercent, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { ViewTabs } from '../../ui/ViewTabs.tsx';
import { EndpointStatus } from './arm-look.tsx';
import { CreateDialog } from './create-dialog.tsx';
import { MemoryView } from './models/memory-view.tsx';

const COLUMNS: Column<Endpoint>[] = [
  { id: 'name', header: 'Endpoint', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'state',
    header: 'State',
    width: '110px',
    cell: (endpoint) => <EndpointStatus endpoint={endpoint} />,
  },
  {
    id: 'model',
    header: 'Model',
    cell: ({ model }) => <span className="text-ink-2">{model}</span>,
    sort: ({ model }) => model,
  },
  {
    id: 'split',
    header: 'Split',
    width: '26%',
    cell: (endpoint) => (
      <span className="flex min-w-0 flex-col gap-1">
        <StackedShare
          label={`Split of ${endpoint.name}`}
          height={5}
          shares={endpoint.arms.map((arm, i) => ({
            id: arm.key,
            label: arm.key,
            share: arm.weight / 10_000,
            color: armColor(arm.key, i),
          }))}
        />
        <span className="num truncate text-2xs leading-3 text-ink-3">
          {endpoint.arms
            .map((arm) => `${arm.key} v${arm.version} ${formatPercent(arm.weight / 10_000, 0)}`)
            .join(' · ')}
        </span>
      </span>
    ),
  },
  {
    id: 'logging',
    header: 'Logging',
    width: '80px',
    cell: ({ logging }) => <span className="text-ink-2">{logging ? 'on' : 'off'}</span>,
  },
  {
    id: 'url',
    header: 'URL',
    cell: ({ url }) =>
      url ? (
        <span className="flex items-center gap-1">
          <code className="truncate text-ink-2">{url.replace(/^https?:\/\//, '')}</code>
          <CopyButton text={url} label="Copy the URL" />
        </span>
      ) : (
        <span className="text-ink-3">{NONE}</span>
      ),
  },
  {
    id: 'updated',
    header: 'Last change',
    align: 'right',
    width: '120px',
    cell: ({ updatedMs }) => <TimeAgo ms={updatedMs} />,
    sort: ({ updatedMs }) => updatedMs,
  },
];

const SNIPPET = `# any Open Inference Protocol client works; for example
curl -s http://127.0.0.1:8000/v2/models/<endpoint>/infer \\
  -H 'content-type: application/json' \\
  -d '{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}'`;

const TABS = [
  { id: 'endpoints', label: 'Endpoints', to: '/serving' },
  { id: 'memory', label: 'Models and devices', to: '/serving?show=memory' },
];

export function ServingPage() {
  const { query } = useLocation();
  return query.show === 'memory' ? (
    <Page>
      <PageHeader
        title="Serving"
        subtitle="Models in memory, what their batches cost, and the device that runs them."
      />
      <ViewTabs label="Parts of serving" tabs={TABS} current="memory" />
      <MemoryView />
    </Page>
  ) : (
    <EndpointList />
  );
}

function EndpointList() {
  const endpoints = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" icon={Plus} onClick={() => setCreating(true)}>
      New endpoint
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title="Serving"
        subtitle="Endpoints answer over the Open Inference Protocol, batch requests of all clients, and split traffic between versions."
        actions={endpoints.data?.length ? create : null}
      />
      <ViewTabs label="Parts of serving" tabs={TABS} current="endpoints" />
      <Panel
        padded={false}
        title="Endpoints"
        hint={endpoints.data ? plural(endpoints.data.length, 'endpoint') : null}
      >
        <QueryState query={endpoints} what="Endpoints">
          {(rows) => (
            <Table
              label="Endpoints"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ name }) => name}
              href={({ name }) => pathTo('serving', name)}
              empty={
                <EmptyState icon={Radio} title="Nothing is served yet" action={create} snippet={SNIPPET}>
                  An endpoint is a URL that answers with the predictions of one or more versions of a model.
                </EmptyState>
              }
            />
          )}
        </QueryState>
      </Panel>
      {creating ? (
        <CreateDialog
          taken={endpoints.data?.map(({ name }) => name) ?? []}
          onClose={() => setCreating(false)}
        />
      ) : null}
    </Page>
  );
}

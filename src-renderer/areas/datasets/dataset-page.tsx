/** One dataset: what it is, which runs used it for what, and what came of that. */

import type { z } from 'zod';
import type { DatasetColumn, DatasetRow, DatasetUse } from '../../../src-main/contract/datasets.ts';
import { formatCount, formatDateTime, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { Badge } from '../../ui/Badge.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { LineagePanel } from '../lineage/index.tsx';

type Whole = DatasetRow & {
  sources: { name: string; type: string; source: string }[];
  license: string;
  columns: z.infer<typeof DatasetColumn>[];
  profile: { label: string; value: string }[];
  endpoints: string[];
};

export function DatasetPage({ id }: { id: string }) {
  const dataset = useData(['experiments', 'dataset', id], (rpc, signal) =>
    rpc.datasets.get({ id }, { signal }),
  );
  return (
    <Page>
      <QueryState query={dataset} what="This dataset">
        {(data) => <Dataset dataset={data} />}
      </QueryState>
    </Page>
  );
}

function Dataset({ dataset }: { dataset: Whole }) {
  return (
    <>
      <PageHeader
        title={dataset.name}
        trail={[{ label: 'Datasets', to: '/datasets' }]}
        subtitle={
          dataset.alsoKnownAs.length === 0 ? null : (
            <span className="inline-flex flex-wrap items-center gap-1.5">
              The same content is also known as
              {dataset.alsoKnownAs.map((name) => (
                <Badge key={name}>{name}</Badge>
              ))}
            </span>
          )
        }
      />
      <div className="flex flex-col gap-3">
        <LineagePanel
          start={{ kind: 'dataset', id: dataset.id }}
          none="No run that is here used it; those that did are deleted."
        />
        <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Uses dataset={dataset} />
          <div className="flex min-w-0 flex-col gap-3">
            <Facts dataset={dataset} />
            <Panel title="Columns" hint={plural(dataset.columns.length, 'column')} padded={false}>
              <ScrollRegion label="Names and types" className="max-h-96 -outline-offset-2">
                <Table
                  label="Columns"
                  columns={COLUMNS}
                  rows={dataset.columns}
                  rowKey={({ name, type }) => `${name} ${type}`}
                  empty={<p className="p-3 text-ink-3">Nobody said what columns it has.</p>}
                />
              </ScrollRegion>
            </Panel>
          </div>
        </div>
      </div>
    </>
  );
}

const COLUMNS: Column<Whole['columns'][number]>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => <code>{name}</code>, sort: ({ name }) => name },
  {
    id: 'type',
    header: 'Type',
    cell: ({ type }) => <code className="text-ink-2">{type}</code>,
    sort: ({ type }) => type,
  },
];

function Facts({ dataset }: { dataset: Whole }) {
  const { sha256, digest, rows, license, sources, profile, endpoints, firstMs } = dataset;
  const known = new Set(['Rows']);
  return (
    <Panel title="What it is">
      <KeyValue
        items={[
          {
            label: 'Whole content',
            value:
              sha256 === null ? (
                <span className="text-ink-3">
                  nobody has hashed it; <code>lathe run --data</code> does
                </span>
              ) : (
                <span className="flex items-center gap-1">
                  <code className="truncate" title={sha256}>
                    {sha256}
                  </code>
                  <CopyButton text={sha256} label="Copy the SHA-256" />
                </span>
              ),
          },
          { label: 'Client’s digest', value: digest === '' ? NONE : <code>{digest}</code> },
          { label: 'Rows', value: formatCount(rows) },
          ...profile.filter(({ label }) => !known.has(label)),
          {
            label: 'Source',
            value: (
              <span className="flex flex-col gap-1">
                {sources.map(({ name, type, source }) => (
                  <span key={`${name} ${type} ${source}`} className="break-all">
                    {sources.length > 1 ? <span className="text-ink-3">{name}: </span> : null}
                    {source} {type === '' ? null : <Badge>{type}</Badge>}
                  </span>
                ))}
              </span>
            ),
          },
          ...(license === '' ? [] : [{ label: 'Licence', value: license }]),
          { label: 'First seen', value: formatDateTime(firstMs) },
          {
            label: 'Served by',
            value:
              endpoints.length === 0
                ? NONE
                : endpoints.map((name, at) => (
                    <span key={name}>
                      {at > 0 ? ', ' : ''}
                      <Link to={pathTo('serving', name)}>{name}</Link>
                    </span>
                  )),
          },
        ]}
      />
    </Panel>
  );
}

const USES: Column<DatasetUse>[] = [
  { id: 'run', header: 'Run', cell: ({ run }) => run, sort: ({ run }) => run },
  {
    id: 'context',
    header: 'Used for',
    cell: ({ contexts }) => (
      <span className="inline-flex gap-1">
        {contexts.length === 0 ? NONE : contexts.map((context) => <Badge key={context}>{context}</Badge>)}
      </span>
    ),
    sort: ({ contexts }) => contexts.join(' '),
  },
  {
    id: 'experiment',
    header: 'Experiment',
    cell: ({ experiment }) => <span className="text-ink-2">{experiment}</span>,
    sort: ({ experiment }) => experiment,
  },
  {
    id: 'versions',
    header: 'Became',
    cell: ({ versions }) =>
      versions.map(({ model, version }, at) => (
        <span key={`${model}/${version}`}>
          {at > 0 ? ', ' : ''}
          <Link to={`${pathTo('models', model)}?version=${version}`}>
            {model} v{version}
          </Link>
        </span>
      )),
  },
  {
    id: 'started',
    header: 'Started',
    align: 'right',
    width: '120px',
    cell: ({ startedMs }) => <TimeAgo ms={startedMs} />,
    sort: ({ startedMs }) => startedMs,
  },
];

function Uses({ dataset }: { dataset: Whole }) {
  const uses = useData(['experiments', 'uses', dataset.id], (rpc, signal) =>
    rpc.datasets.uses({ id: dataset.id, limit: 500 }, { signal }),
  );
  return (
    <Panel
      title="What used it"
      hint={`${plural(dataset.runs, 'run')}, ${plural(dataset.versions, 'model version')}`}
      padded={false}
    >
      <QueryState query={uses} what="Its uses">
        {({ rows, more }) => (
          <div className="max-h-[640px] overflow-auto">
            <Table
              label="Runs that used it"
              columns={USES}
              rows={rows}
              rowKey={({ runId }) => runId}
              href={({ runId }) => pathTo('runs', runId)}
              empty={<p className="p-3 text-ink-3">No run that is here used it.</p>}
            />
            {more ? (
              <p className="border-t border-line p-2 text-center text-xs text-ink-3">
                Only the newest 500 are listed.
              </p>
            ) : null}
          </div>
        )}
      </QueryState>
    </Panel>
  );
}

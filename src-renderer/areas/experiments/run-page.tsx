/** One run: what went in, what came out, and how it got there. */
import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { formatDateTime, formatDuration, formatNumber, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { useNow } from '../../lib/use-now.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { ArtifactsPanel } from '../artifacts/index.tsx';
import { RunCurves } from '../explore/index.tsx';
import { LineagePanel } from '../lineage/index.tsx';
import { RunMenu } from './run-menu.tsx';
import { RunOrigin } from './run-origin-panels.tsx';
import { metricGroups } from './runs-model.ts';

export function RunPage({ runId }: { runId: string }) {
  const run = useData(['experiments', 'run', runId], (rpc, signal) =>
    rpc.experiments.run({ runId }, { signal }),
  );
  return (
    <Page>
      <QueryState query={run} what="This run">
        {(data) => <Run run={data} />}
      </QueryState>
    </Page>
  );
}

function Run({ run }: { run: RunRow }) {
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const experiment = experiments.data?.find(({ id }) => id === run.experimentId);
  return (
    <>
      <PageHeader
        title={run.name}
        badge={<RunStatus status={run.status} />}
        trail={[
          { label: 'Experiments', to: '/experiments' },
          { label: experiment?.name ?? 'Experiment', to: pathTo('experiments', run.experimentId) },
        ]}
        subtitle={
          <span className="num flex flex-wrap items-center gap-x-3">
            <span>started {formatDateTime(run.startedMs)}</span>
            <Took run={run} />
            {run.produced.map(({ model, version }) => (
              <Link key={`${model}/${version}`} to={`${pathTo('models', model)}?version=${version}`}>
                made {model} version {version}
              </Link>
            ))}
          </span>
        }
        actions={
          <>
            <CopyButton text={run.id} label="Copy the run’s id" size="md" />
            <RunMenu run={run} />
          </>
        }
      />
      <div className="grid grid-cols-1 items-start gap-3 lg:grid-cols-[minmax(280px,360px)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-3">
          <Panel title="Metrics" hint="last values" padded={false}>
            <PairTable
              label="Metrics"
              rows={Object.entries(run.metrics).map(([key, value]) => [
                key,
                Number.isNaN(value) ? 'NaN' : formatNumber(value, 6),
              ])}
              align="right"
              none="No metric logged."
            />
          </Panel>
          <Panel title="Parameters" hint={plural(Object.keys(run.params).length, 'parameter')} padded={false}>
            <PairTable label="Parameters" rows={Object.entries(run.params)} none="No parameter logged." />
          </Panel>
          <RunOrigin run={run} />
        </div>
        <RunCurves
          runId={run.id}
          experiment={run.experimentId}
          metrics={Object.keys(run.metrics)}
          groupsOf={metricGroups}
        />
      </div>
      <div className="mt-3">
        <ArtifactsPanel key={run.id} runId={run.id} />
      </div>
      <div className="mt-3">
        <LineagePanel start={{ kind: 'run', id: run.id }} none="It names no data, and no model came of it." />
      </div>
    </>
  );
}

function Took({ run }: { run: RunRow }) {
  return run.endedMs === null ? (
    <Running sinceMs={run.startedMs} />
  ) : (
    <span>took {formatDuration(run.endedMs - run.startedMs)}</span>
  );
}

function Running({ sinceMs }: { sinceMs: number }) {
  const now = useNow();
  return <span>running for {formatDuration(Math.max(0, now - sinceMs))}</span>;
}

type Pair = readonly [name: string, value: string];

function PairTable({
  label,
  rows,
  none,
  align = 'left',
}: {
  label: string;
  rows: readonly Pair[];
  none: string;
  align?: 'left' | 'right';
}) {
  const columns: Column<Pair>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ([name]) => <span className="font-normal text-ink-2">{name}</span>,
      sort: ([name]) => name,
    },
    {
      id: 'value',
      header: 'Value',
      align,
      cell: ([, value]) => (
        <span className="num block min-w-24 py-1 break-all whitespace-normal">
          {value === '' ? NONE : value}
        </span>
      ),
    },
  ];
  return (
    <Table
      label={label}
      columns={columns}
      rows={rows}
      rowKey={([name]) => name}
      empty={<p className="p-3 text-ink-3">{none}</p>}
    />
  );
}

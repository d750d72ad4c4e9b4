import { FlaskConical } from 'lucide-react';
import type { Experiment, RunRow } from '../../../src-main/contract/experiments.ts';
import { formatDuration, formatNumber } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { StatusDot } from '../../ui/Badge.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import type { Tone } from '../../ui/tone.ts';

type Row = RunRow & { experiment: string };

const SHOWN = 6;
const EXPERIMENTS_READ = 3;

export function NewestRuns() {
  const query = useData(['experiments', 'newest-runs'], async (rpc, signal) => {
    const experiments = await rpc.experiments.list(undefined, { signal });
    const newest = experiments.toSorted((a, b) => b.updatedMs - a.updatedMs).slice(0, EXPERIMENTS_READ);
    const pages = await Promise.all(
      newest.map((experiment) =>
        rpc.experiments
          .runs({ experimentId: experiment.id, limit: SHOWN }, { signal })
          .then(({ rows }) => rows.map((row) => withExperiment(row, experiment))),
      ),
    );
    return pages
      .flat()
      .toSorted((a, b) => b.startedMs - a.startedMs)
      .slice(0, SHOWN);
  });
  return (
    <Panel title="Newest runs" actions={<Link to="/experiments">All experiments</Link>} padded={false}>
      <QueryState query={query} what="The runs">
        {(rows) => (
          <div className="overflow-x-auto">
            <Table
              label="Newest runs"
              columns={columnsFor(rows)}
              rows={rows}
              rowKey={({ id }) => id}
              href={({ id }) => pathTo('runs', id)}
              empty={<NoRuns />}
            />
          </div>
        )}
      </QueryState>
    </Panel>
  );
}

const withExperiment = (row: RunRow, { name }: Experiment): Row => ({ ...row, experiment: name });

const STATUS: Record<RunRow['status'], { tone: Tone; word: string }> = {
  RUNNING: { tone: 'accent', word: 'Running' },
  SCHEDULED: { tone: 'info', word: 'Scheduled' },
  FINISHED: { tone: 'ok', word: 'Finished' },
  FAILED: { tone: 'bad', word: 'Failed' },
  KILLED: { tone: 'neutral', word: 'Stopped' },
};

function columnsFor(rows: readonly Row[]): Column<Row>[] {
  return [
    { id: 'name', header: 'Run', cell: ({ name }) => name },
    { id: 'experiment', header: 'Experiment', cell: ({ experiment }) => experiment },
    {
      id: 'status',
      header: 'Status',
      cell: ({ status }) => (
        <StatusDot tone={STATUS[status].tone} pulse={status === 'RUNNING'}>
          {STATUS[status].word}
        </StatusDot>
      ),
    },
    ...sharedMetrics(rows).map(
      (key): Column<Row> => ({
        id: `metric:${key}`,
        header: key,
        align: 'right',
        cell: ({ metrics }) => formatNumber(metrics[key]),
      }),
    ),
    {
      id: 'duration',
      header: 'Took',
      align: 'right',
      cell: ({ startedMs, endedMs }) => formatDuration(endedMs === null ? null : endedMs - startedMs),
    },
    { id: 'started', header: 'Started', align: 'right', cell: ({ startedMs }) => <TimeAgo ms={startedMs} /> },
  ];
}

/** The two metrics that most of these runs have; those of validation before those of training. */
function sharedMetrics(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows)
    for (const key of Object.keys(row.metrics)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const rank = (key: string) => (/val/i.test(key) ? 0 : /test/i.test(key) ? 1 : 2);
  return [...counts]
    .sort(([a, na], [b, nb]) => nb - na || rank(a) - rank(b) || a.localeCompare(b))
    .slice(0, 2)
    .map(([key]) => key);
}

function NoRuns() {
  return (
    <EmptyState icon={FlaskConical} title="No runs yet">
      Point MLFLOW_TRACKING_URI of your training code at the MLflow port, and its runs show here.
    </EmptyState>
  );
}

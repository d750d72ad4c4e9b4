/** Runs of one experiment: find them, sort them, and lay the curves of some over each other. */
import { Columns3, FlaskConical, X } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { VirtualTable } from '../../ui/VirtualTable.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { CompareRuns } from './compare-runs.tsx';
import { NoRuns } from './no-runs.tsx';
import { runColumns } from './run-columns.tsx';
import { filterRuns, metricColumns, paramColumns } from './runs-model.ts';
import { useRuns } from './use-runs.ts';

const NOBODY: ReadonlySet<string> = new Set();
/** More lines than this on one chart tell nobody anything. */
const MOST_COMPARED = 30;

/** A parameter that fits in a column; a list of feature names does not. */
const isShort = (rows: readonly RunRow[], key: string): boolean =>
  rows.every(({ params }) => (params[key] ?? '').length <= 20);

export function ExperimentPage({ id }: { id: string }) {
  const runs = useRuns(id);
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const experiment = experiments.data?.find((one) => one.id === id);
  return (
    <div className="flex h-full flex-col px-6 pt-5 pb-4">
      <PageHeader
        title={experiment?.name ?? 'Experiment'}
        trail={[{ label: 'Experiments', to: '/experiments' }]}
        subtitle={experiment?.description}
        actions={<CopyButton text={id} label="Copy the experiment’s id" size="md" />}
      />
      <QueryState query={runs} what="Runs">
        {(rows) =>
          rows.length === 0 ? (
            <Panel>
              <NoRuns title="No runs yet" />
            </Panel>
          ) : (
            <Runs rows={rows} />
          )
        }
      </QueryState>
    </div>
  );
}

function Runs({ rows }: { rows: readonly RunRow[] }) {
  const [filter, setFilter] = useState('');
  const [selected, setSelected] = useState(NOBODY);
  const [choosing, setChoosing] = useState(false);
  const words = useDeferredValue(filter);

  const available = useMemo(() => {
    const { varying, constant } = paramColumns(rows);
    return { varying, constant, metrics: metricColumns(rows) };
  }, [rows]);
  const usual = useMemo(
    () =>
      new Set([
        ...available.metrics.slice(0, 4).map((key) => `m:${key}`),
        ...available.varying
          .filter((key) => isShort(rows, key))
          .slice(0, 4)
          .map((key) => `p:${key}`),
      ]),
    [available, rows],
  );
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const shownColumns = chosen ?? usual;

  const found = useMemo(() => filterRuns(rows, words), [rows, words]);
  const columns = useMemo(() => runColumns(found, available, shownColumns), [found, available, shownColumns]);
  const compared = useMemo(
    () => rows.filter(({ id }) => selected.has(id)).slice(0, MOST_COMPARED),
    [rows, selected],
  );

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-2">
        <div className="w-72 max-w-full">
          <TextField
            label="Filter runs"
            hideLabel
            type="search"
            placeholder="Filter: name, status, lr=0.1 …"
            value={filter}
            onChange={setFilter}
          />
        </div>
        <span className="num text-xs text-ink-3" role="status">
          {found.length === rows.length
            ? plural(rows.length, 'run')
            : `${found.length} of ${plural(rows.length, 'run')}`}
        </span>
        <div className="ml-auto flex items-center gap-2">
          {selected.size > 0 ? (
            <Button variant="ghost" icon={X} onClick={() => setSelected(NOBODY)}>
              Clear {plural(selected.size, 'selected run')}
            </Button>
          ) : (
            <span className="text-xs text-ink-3">Tick runs to compare their curves</span>
          )}
          <Button icon={Columns3} onClick={() => setChoosing(true)}>
            Columns
          </Button>
        </div>
      </div>
      <div className="min-h-44 flex-1">
        <Panel padded={false} fill>
          <VirtualTable
            label="Runs"
            height="100%"
            columns={columns}
            rows={found}
            rowKey={({ id }) => id}
            href={({ id }) => pathTo('runs', id)}
            selection={{ selected, onChange: setSelected }}
            empty={
              <EmptyState
                icon={FlaskConical}
                title="No run matches"
                action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}
              >
                Every word must occur in a run’s name, status, parameters or tags.
              </EmptyState>
            }
          />
        </Panel>
      </div>
      {compared.length > 0 ? <CompareRuns runs={compared} ofSelected={selected.size} /> : null}
      <ColumnChooser
        open={choosing}
        onClose={() => setChoosing(false)}
        available={available}
        chosen={shownColumns}
        onChange={setChosen}
        onReset={() => setChosen(null)}
      />
    </div>
  );
}

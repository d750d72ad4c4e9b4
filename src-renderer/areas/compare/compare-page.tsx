/** Runs side by side: what differs, the first one as baseline; a row can be looked at closely below. */
import { Copy, GitCompare, Plus } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { Comparison } from '../../../src-main/contract/compare.ts';
import { csvLines, saveText, toCsv } from '../../lib/csv.ts';
import { plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { copyText } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { AddRunsDialog } from './add-runs.tsx';
import { CompareGrid } from './compare-grid.tsx';
import { itemsOf, markdownOf, tableOf } from './compare-model.ts';
import { type CompareState, stateOf } from './compare-url.ts';
import { RowDetail } from './row-detail.tsx';

export function ComparePage() {
  const location = useLocation();
  const state = useMemo(() => stateOf(location), [location]);
  const [adding, setAdding] = useState(false);
  const { runs, aggregate } = state;
  const comparison = useData(
    ['experiments', 'compare', runs, state.all, aggregate],
    (rpc, signal) => rpc.compare.runs({ runIds: [...runs], all: state.all, aggregate }, { signal }),
    { enabled: runs.length > 0, keep: true },
  );
  const add = (
    <Button icon={Plus} onClick={() => setAdding(true)}>
      Add runs
    </Button>
  );
  return (
    <div className="flex h-full flex-col px-6 pt-5 pb-4">
      <PageHeader
        title="Compare runs"
        trail={[{ label: 'Experiments', to: '/experiments' }]}
        subtitle={comparison.data && runs.length > 0 ? summaryOf(comparison.data) : undefined}
        actions={runs.length > 0 ? add : null}
      />
      {runs.length === 0 ? (
        <Panel>
          <EmptyState icon={GitCompare} title="No runs to compare" action={add}>
            Choose 2 to 100 runs, of one experiment or of several. Their parameters, metrics, data, code,
            packages and files are put side by side.
          </EmptyState>
        </Panel>
      ) : (
        <QueryState query={comparison} what="The comparison">
          {(data) => <Compared state={state} data={data} />}
        </QueryState>
      )}
      <AddRunsDialog
        open={adding}
        onClose={() => setAdding(false)}
        present={runs}
        onAdd={(ids) => setQuery({ runs: [...runs, ...ids].join(',') })}
      />
    </div>
  );
}

function summaryOf({ runs }: Comparison): string {
  const experiments = new Set(runs.map(({ experimentId }) => experimentId));
  const [first] = runs;
  return experiments.size === 1
    ? `${plural(runs.length, 'run')} of ${first?.experiment}`
    : `${plural(runs.length, 'run')} of ${plural(experiments.size, 'experiment')}`;
}

const NOTHING: ReadonlySet<string> = new Set();

function Compared({ state, data }: { state: CompareState; data: Comparison }) {
  const single = data.runs.length === 1;
  const all = state.all || single;
  const [folded, setFolded] = useState(NOTHING);
  const filter = useDeferredValue(state.filter);
  const items = useMemo(() => itemsOf(data, { filter, folded, all }), [data, filter, folded, all]);
  const fold = (section: string) => {
    const next = new Set(folded);
    if (!next.delete(section)) next.add(section);
    setFolded(next);
  };
  const setRuns = (runs: readonly string[]) => setQuery({ runs: runs.join(',') });
  const gone = state.runs.filter((id) => !data.runs.some((run) => run.id === id)).length;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <Toolbar state={state} all={all} single={single}>
        <CopyMenu table={() => tableOf(items, data.runs)} />
      </Toolbar>
      {gone > 0 ? (
        <Callout
          tone="warn"
          title={`${plural(gone, 'run')} of this comparison ${gone === 1 ? 'is' : 'are'} not there any more`}
          actions={
            <Button size="sm" onClick={() => setRuns(data.runs.map(({ id }) => id))}>
              Leave {gone === 1 ? 'it' : 'them'} out
            </Button>
          }
        />
      ) : null}
      {state.tooMany ? (
        <Callout tone="warn" title="The first 100 runs are compared; the address names more" />
      ) : null}
      {data.runs.length === 0 ? null : (
        <div className="min-h-36 flex-1">
          <Panel padded={false} fill>
            {items.length === 0 ? (
              <EmptyState
                icon={GitCompare}
                title={state.filter === '' ? 'Nothing differs' : 'Nothing matches'}
                action={
                  state.filter === '' ? null : (
                    <Button onClick={() => setQuery({ filter: null })}>Clear the filter</Button>
                  )
                }
              >
                {state.filter === ''
                  ? 'These runs are alike in everything that is known of them.'
                  : 'Names and values are searched. Rows that are alike are only found when they are shown.'}
              </EmptyState>
            ) : (
              <CompareGrid
                runs={data.runs}
                items={items}
                current={state.row}
                onFold={fold}
                onRuns={setRuns}
                onOpen={(row, run) => setQuery({ row, run })}
                onShowAll={() => setQuery({ all: '1' })}
              />
            )}
          </Panel>
        </div>
      )}
      <RowDetail state={state} data={data} onClose={() => setQuery({ row: null, run: null })} />
    </div>
  );
}

function Toolbar({
  state,
  all,
  single,
  children,
}: {
  state: CompareState;
  all: boolean;
  single: boolean;
  children: React.ReactNode;
}) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2">
      <div className="w-72">
        <TextField
          label="Filter rows"
          hideLabel
          type="search"
          placeholder="Filter by name or value"
          value={state.filter}
          onChange={(filter) => setQuery({ filter: filter || null })}
        />
      </div>
      <Switch
        label="Differences only"
        checked={!all}
        disabled={single}
        onChange={(only) => setQuery({ all: only ? null : '1' })}
      />
      <div className="flex items-center gap-2">
        <span className="text-xs text-ink-3" aria-hidden="true">
          Metrics
        </span>
        <SegmentedControl
          label="Value of each metric"
          options={[
            { value: 'last', label: 'Last' },
            { value: 'min', label: 'Min' },
            { value: 'max', label: 'Max' },
          ]}
          value={state.aggregate}
          onChange={(aggregate) => setQuery({ aggregate: aggregate === 'last' ? null : aggregate })}
        />
      </div>
      <div className="ml-auto">{children}</div>
    </div>
  );
}

/** What is shown, as text. */
function CopyMenu({ table }: { table: () => ReturnType<typeof tableOf> }) {
  const copy = (what: string, text: () => string) => async () => {
    if (await copyText(text())) toast.ok(`Copied as ${what}`);
    else toast.show('warn', 'The clipboard refused the text');
  };
  const save = () => {
    const [header = [], ...rows] = table();
    saveText('comparison.csv', toCsv(header.map(String), rows));
  };
  return (
    <Menu
      trigger={<Button icon={Copy}>Copy</Button>}
      items={[
        { id: 'csv', label: 'Copy as CSV', run: copy('CSV', () => csvLines(table())) },
        { id: 'markdown', label: 'Copy as Markdown', run: copy('Markdown', () => markdownOf(table())) },
        'separator',
        { id: 'save', label: 'Save as a CSV file', run: save },
      ]}
    />
  );
}

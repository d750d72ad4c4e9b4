/** Runs of one experiment: find them, sort them, and lay the curves of some over each other. */
import { FlaskConical } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { RunColumn } from '../../../src-main/contract/runs-table.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { EXPLORE_VIEWS, Explore, type ExploreView, isExploreView, SelectedStrip } from '../explore/index.tsx';
import { NoRuns } from './no-runs.tsx';
import { ExperimentMenu } from './run-menu.tsx';
import { RunsGrid } from './runs-grid.tsx';
import { type ColumnId, columnOf, type MetricScale, scaleOf, usualColumns } from './runs-model.ts';
import { RunsToolbar } from './runs-toolbar.tsx';
import { nextSort, useTableState } from './table-state.ts';
import { type Order, useOrder } from './use-runs-table.ts';

const NOBODY: ReadonlySet<string> = new Set();
type View = 'table' | ExploreView;
const VIEWS = [{ value: 'table', label: 'Table' }, ...EXPLORE_VIEWS] as const;

export function ExperimentPage({ id }: { id: string }) {
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const experiment = experiments.data?.find((one) => one.id === id);
  const { query: link } = useLocation();
  const view = isExploreView(link.view) ? link.view : 'table';
  return (
    <div className="flex h-full flex-col px-6 pt-5 pb-4">
      <PageHeader
        title={experiment?.name ?? 'Experiment'}
        trail={[{ label: 'Experiments', to: '/experiments' }]}
        subtitle={experiment?.description}
        actions={
          <>
            <SegmentedControl<View>
              label="View"
              options={VIEWS}
              value={view}
              onChange={(next) => setQuery({ view: next === 'table' ? null : next, metric: null })}
            />
            <CopyButton text={id} label="Copy the experiment’s id" size="md" />
            {experiment ? <ExperimentMenu experiment={experiment} /> : null}
          </>
        }
      />
      <Runs key={id} experiment={id} name={experiment?.name ?? ''} view={view} />
    </div>
  );
}

function Runs({ experiment, name, view }: { experiment: string; name: string; view: View }) {
  const [state, change] = useTableState(experiment);
  const [selected, setSelected] = useState(NOBODY);
  const keysQuery = useData(
    ['experiments', 'keys', experiment],
    (rpc, signal) => rpc.experiments.keys({ experimentIds: [experiment] }, { signal }),
    { keep: true },
  );
  const keys = keysQuery.data ?? null;
  const columnIds = useMemo(() => state.columns ?? (keys ? usualColumns(keys) : []), [state.columns, keys]);
  const columns = useMemo(() => columnIds.map(columnOf).filter((column) => column !== null), [columnIds]);
  const { query, extents } = useOrder(experiment, state, columnIds);
  const scales = useMemo(() => scalesOf(extents, query.data), [extents, query.data]);

  const explored = (order: Order) => ({
    experiment,
    order,
    keys,
    filter: state.filter,
    selected,
    onSelect: setSelected,
    onFilter: (filter: string) => change({ filter }),
  });

  return (
    <QueryState query={query} what="Runs">
      {(order) =>
        order.total === 0 ? (
          <Panel>
            <NoRuns title="No runs yet" />
          </Panel>
        ) : (
          <div className="flex min-h-0 flex-1 flex-col gap-3">
            <RunsToolbar
              experiment={experiment}
              name={name}
              order={order}
              keys={keys}
              state={state}
              columns={columnIds}
              onChange={change}
              selected={selected}
              onSelect={setSelected}
            />
            {order.ids.length === 0 ? (
              <Panel>
                <EmptyState
                  icon={FlaskConical}
                  title="No run matches"
                  action={<Button onClick={() => change({ filter: '' })}>Clear the filter</Button>}
                >
                  Words are looked for in names, statuses, notes, parameters and tags; conditions are joined
                  by AND, OR, NOT and parentheses.
                </EmptyState>
              </Panel>
            ) : view === 'table' ? (
              <>
                <div className="min-h-44 flex-1">
                  <Panel padded={false} fill>
                    <RunsGrid
                      order={order}
                      columns={columns}
                      scales={scales}
                      state={state}
                      onSort={(id, options) => change({ sort: nextSort(state.sort, id, options) })}
                      onPin={(run) => change({ pinned: toggled(state.pinned, run) })}
                      selected={selected}
                      onSelect={setSelected}
                    />
                  </Panel>
                </div>
                {selected.size > 0 ? <SelectedStrip {...explored(order)} /> : null}
              </>
            ) : (
              <Explore view={view} {...explored(order)} />
            )}
          </div>
        )
      }
    </QueryState>
  );
}

const toggled = (list: readonly string[], one: string): string[] =>
  list.includes(one) ? list.filter((other) => other !== one) : [...list, one];

function scalesOf(ids: readonly ColumnId[], order: Order | undefined): Map<ColumnId, MetricScale | null> {
  return new Map(
    ids.map((id, at) => {
      const column: RunColumn | null = columnOf(id);
      const extent = order?.extents[at];
      const key = column?.kind === 'metric' ? column.key : '';
      return [id, scaleOf(key, extent?.low ?? null, extent?.high ?? null)];
    }),
  );
}

/** Above the runs table: the filter, how many were found, groups, columns, export. */
import { Columns3, Download, GitCompare, Group, ListTree, X } from 'lucide-react';
import { useCallback, useState } from 'react';
import { MOST_COMPARED } from '../../../src-main/contract/compare.ts';
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import { plural } from '../../lib/format.ts';
import { navigate, pathToComparison } from '../../lib/router.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { useSavedCharts } from '../explore/index.tsx';
import { ViewsMenu } from '../saved-views/index.ts';
import { ColumnsDialog } from './columns-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import { DiscardRuns } from './run-menu.tsx';
import { type ColumnId, columnOf, columnTitle } from './runs-model.ts';
import { chartsIn, readTableState, type TableState, writeTableState } from './table-state.ts';
import { useCsvExport } from './use-csv-export.ts';
import type { Order } from './use-runs-table.ts';

type ToolbarProps = {
  experiment: string;
  name: string;
  order: Order | undefined;
  keys: RunKeys | null;
  state: TableState;
  columns: readonly ColumnId[];
  onChange(patch: Partial<TableState>): void;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  children?: React.ReactNode;
};

const MOST_GROUPS = 14;

export function RunsToolbar(props: ToolbarProps) {
  const { experiment, name, order, keys, state, columns, onChange, selected, onSelect, children } = props;
  const [choosing, setChoosing] = useState(false);
  const csv = useCsvExport(name);
  const [charts, openCharts] = useSavedCharts(experiment);
  const openView = useCallback(
    (saved: string) => {
      onChange(readTableState(saved));
      openCharts(chartsIn(saved));
    },
    [onChange, openCharts],
  );
  const found = order?.ids.length ?? 0;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2">
      <FilterBar
        experiment={experiment}
        value={state.filter}
        keys={keys}
        onChange={(filter) => onChange({ filter })}
      />
      <span className="num min-w-24 text-xs text-ink-3" role="status">
        {found === order?.total ? plural(found, 'run') : `${found} of ${plural(order?.total ?? 0, 'run')}`}
      </span>
      <div className="ml-auto flex flex-wrap items-center gap-2">
        {selected.size > 0 ? (
          <>
            <Button variant="ghost" icon={X} onClick={() => onSelect(new Set())}>
              Clear {plural(selected.size, 'selected run')}
            </Button>
            <Button
              icon={GitCompare}
              disabled={selected.size < 2 || selected.size > MOST_COMPARED}
              title={`Puts 2 to ${MOST_COMPARED} runs side by side; the first one selected is the baseline`}
              onClick={() => navigate(pathToComparison([...selected]))}
            >
              Compare
            </Button>
            <DiscardRuns selected={selected} onDone={() => onSelect(new Set())} />
          </>
        ) : null}
        {children}
        <ViewsMenu experiment={experiment} state={writeTableState(state, charts)} onOpen={openView} />
        <Menu
          trigger={
            <Button icon={Group}>
              {state.groupBy.length === 0 ? 'Group' : `By ${state.groupBy.map(titleOf).join(', ')}`}
            </Button>
          }
          items={groupItems(keys, state, onChange)}
        />
        <IconButton
          icon={ListTree}
          label={state.tree ? 'Show all runs on one level' : 'Show nested runs under their parents'}
          pressed={state.tree}
          onClick={() => onChange({ tree: !state.tree, groupBy: [] })}
        />
        <IconButton
          icon={Download}
          label={csv.progress === null ? 'Export as CSV' : `Exporting ${csv.progress}; press to cancel`}
          disabled={found === 0}
          onClick={() => (csv.progress === null ? void csv.start(order?.ids ?? [], columns) : csv.cancel())}
        />
        <Button icon={Columns3} onClick={() => setChoosing(true)}>
          Columns
        </Button>
      </div>
      {keys ? (
        <ColumnsDialog
          open={choosing}
          onClose={() => setChoosing(false)}
          keys={keys}
          chosen={columns}
          onChange={(chosen) => onChange({ columns: chosen })}
          onReset={() => onChange({ columns: null })}
        />
      ) : null}
    </div>
  );
}

const titleOf = (id: ColumnId): string => {
  const column = columnOf(id);
  return column ? columnTitle(column) : id;
};

/** A click adds or takes away one level. */
function groupItems(keys: RunKeys | null, state: TableState, onChange: ToolbarProps['onChange']): MenuItem[] {
  const ids = [
    'a:status',
    'a:user',
    ...(keys?.params ?? []).filter(({ varies }) => varies).map(({ key }) => `p:${key}`),
    ...(keys?.tags ?? []).filter(({ key }) => !key.startsWith('mlflow.')).map(({ key }) => `t:${key}`),
  ].slice(0, MOST_GROUPS);
  const toggle = (id: ColumnId) => {
    const groupBy = state.groupBy.includes(id)
      ? state.groupBy.filter((one) => one !== id)
      : [...state.groupBy, id].slice(-3);
    onChange({ groupBy, tree: false });
  };
  return [
    ...ids.map((id) => ({
      id,
      label: `${state.groupBy.includes(id) ? '✓ ' : ''}${titleOf(id)}`,
      run: () => toggle(id),
    })),
    ...(state.groupBy.length > 0
      ? (['separator', { id: 'none', label: 'No groups', run: () => onChange({ groupBy: [] }) }] as const)
      : []),
  ];
}

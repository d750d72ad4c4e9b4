/** The runs table: any number of runs, of which only those in sight are fetched and drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Pin } from 'lucide-react';
import { type MouseEvent, memo, useCallback, useMemo, useRef, useState } from 'react';
import type { RunCells, RunColumn } from '../../../src-main/contract/runs-table.ts';
import { plural } from '../../lib/format.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { moveBetweenRows } from '../../ui/Table.tsx';
import { Tooltip } from '../../ui/Tooltip.tsx';
import { Cell, hintOf, isRightAligned, widthOf } from './run-cells.tsx';
import { type ColumnId, columnId, columnTitle, type MetricScale } from './runs-model.ts';
import { type GridItem, gridItems, type TableState } from './table-state.ts';
import { type Order, useCells } from './use-runs-table.ts';

const BLOCK = 50;
const NAME_WIDTH = 260;

export type RunsGridProps = {
  order: Order;
  columns: readonly RunColumn[];
  scales: ReadonlyMap<ColumnId, MetricScale | null>;
  state: TableState;
  onSort(id: ColumnId, options: { descendingFirst: boolean; add: boolean }): void;
  onPin(run: string): void;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
};

export function RunsGrid(props: RunsGridProps) {
  const { order, columns, state, selected, onSelect } = props;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => gridItems(order, state.pinned, folded), [order, state.pinned, folded]);
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    // The virtualizer measures all rows anew when it is given another function.
    estimateSize: rowHeight,
    overscan: 12,
    getItemKey: useCallback((at: number) => keyOf(items[at], at), [items]),
  });
  const shown = virtual.getVirtualItems();
  const [from, to] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  const ids = useMemo(() => inSight(items, from, to), [items, from, to]);
  const columnIds = useMemo(() => columns.map(columnId), [columns]);
  const cellsOf = useCells(ids, columnIds);

  const last = useRef<string | null>(null);
  const select = (id: string, range: boolean) => {
    const next = new Set(selected);
    const on = !next.has(id);
    for (const one of range && last.current ? between(items, last.current, id) : [id])
      if (on) next.add(one);
      else next.delete(one);
    last.current = id;
    onSelect(next);
  };
  // Rows that stay in sight are not drawn anew while others scroll in: what they are given must stay the same.
  const acts = useRef({ select, pin: props.onPin });
  acts.current = { select, pin: props.onPin };
  const onTick = useCallback((id: string, range: boolean) => acts.current.select(id, range), []);
  const onPin = useCallback((id: string) => acts.current.pin(id), []);
  const fold = (name: string) => {
    const next = new Set(folded);
    if (!next.delete(name)) next.add(name);
    setFolded(next);
  };

  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const width = NAME_WIDTH + 36 + columns.reduce((sum, column) => sum + widthOf(column), 0);
  return (
    <div ref={box} className="h-full overflow-auto">
      <table
        aria-label="Runs"
        aria-rowcount={items.length + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-left"
        style={{ minWidth: width }}
      >
        <Head {...props} />
        <tbody onKeyDown={moveBetweenRows}>
          <Gap height={before} span={columns.length + 2} />
          {shown.map(({ index, key }) => {
            const item = items[index];
            if (!item) return null;
            if (item.kind === 'group')
              return (
                <GroupRow
                  key={key}
                  item={item}
                  index={index}
                  span={columns.length + 2}
                  onFold={() => fold(item.name)}
                />
              );
            return (
              <RunRow
                key={key}
                columns={columns}
                scales={props.scales}
                item={item}
                index={index}
                cells={cellsOf(item.id)}
                isSelected={selected.has(item.id)}
                onTick={onTick}
                onPin={onPin}
              />
            );
          })}
          <Gap height={after} span={columns.length + 2} />
        </tbody>
      </table>
    </div>
  );
}

const keyOf = (item: GridItem | undefined, at: number): string =>
  item ? (item.kind === 'group' ? `g${item.name}` : item.id) : String(at);

/** Ids of the blocks that are in sight: scrolling by a row asks for nothing new. */
function inSight(items: readonly GridItem[], from: number, to: number): string[] {
  const begin = Math.floor(from / BLOCK) * BLOCK;
  const end = Math.min(items.length, Math.ceil((to + 1) / BLOCK) * BLOCK, begin + 10 * BLOCK);
  return items.slice(begin, end).flatMap((item) => (item.kind === 'run' ? [item.id] : []));
}

function between(items: readonly GridItem[], a: string, b: string): string[] {
  const runs = items.flatMap((item) => (item.kind === 'run' ? [item.id] : []));
  const [from, to] = [runs.indexOf(a), runs.indexOf(b)].sort((x, y) => x - y) as [number, number];
  return from < 0 ? [b] : runs.slice(from, to + 1);
}

const HEAD =
  'sticky top-0 z-10 h-8 border-b border-line bg-surface px-(--pad-x) text-xs font-medium whitespace-nowrap text-ink-3';
const CELL = 'h-(--row-h) truncate border-b border-line px-(--pad-x) align-middle whitespace-nowrap';
const NAME = 'sticky left-9';
const TICK = 'sticky left-0 w-9 pr-0';

function Head({ order, columns, state, onSort, selected, onSelect }: RunsGridProps) {
  const all = order.ids.length > 0 && order.ids.every((id) => selected.has(id));
  return (
    <thead>
      <tr>
        <th scope="col" className={cx(HEAD, TICK, 'z-20')}>
          <input
            type="checkbox"
            aria-label="Select all"
            checked={all}
            onChange={() => onSelect(new Set(all ? [] : order.ids))}
            className="block size-3.5 accent-(--accent-solid)"
          />
        </th>
        {[NAME_COLUMN, ...columns].map((column, at) => (
          <ColumnHead
            key={columnId(column)}
            column={column}
            state={state}
            onSort={onSort}
            isName={at === 0}
          />
        ))}
      </tr>
    </thead>
  );
}

const NAME_COLUMN: RunColumn = { kind: 'attribute', key: 'name' };
/** Columns that only say what other columns do, in words. */
const UNSORTED = new Set(['a:produced', 'a:note']);

function ColumnHead({
  column,
  state,
  onSort,
  isName,
}: Pick<RunsGridProps, 'state' | 'onSort'> & { column: RunColumn; isName: boolean }) {
  const id = columnId(column);
  const at = state.sort.findIndex((one) => one.id === id);
  const sort = state.sort[at];
  const right = isRightAligned(column);
  const hint = hintOf(column);
  const Icon = sort?.descending ? ArrowDown : ArrowUp;
  const label = (
    <span className="truncate" title={hint ? undefined : columnTitle(column)}>
      {columnTitle(column)}
    </span>
  );
  return (
    <th
      scope="col"
      aria-sort={sort ? (sort.descending ? 'descending' : 'ascending') : undefined}
      style={{ width: isName ? NAME_WIDTH : widthOf(column) }}
      className={cx(HEAD, right && 'text-right', isName && `${NAME} z-20`)}
    >
      {UNSORTED.has(id) ? (
        label
      ) : (
        <button
          type="button"
          onClick={(event) => onSort(id, { descendingFirst: right, add: event.shiftKey })}
          className={cx(
            'group inline-flex max-w-full items-center gap-1 rounded-xs font-medium hover:text-ink',
            right && 'flex-row-reverse',
            sort && 'text-ink',
          )}
        >
          {hint ? <Tooltip label={`${hint}. Shift adds it to the sort`}>{label}</Tooltip> : label}
          <Icon
            size={12}
            aria-hidden="true"
            className={cx('shrink-0', sort ? 'text-accent' : 'opacity-0 group-hover:opacity-50')}
          />
          {state.sort.length > 1 && sort ? <span className="num text-accent">{at + 1}</span> : null}
        </button>
      )}
    </th>
  );
}

function GroupRow({
  item,
  index,
  span,
  onFold,
}: {
  item: Extract<GridItem, { kind: 'group' }>;
  index: number;
  span: number;
  onFold(): void;
}) {
  const Icon = item.folded ? ChevronRight : ChevronDown;
  return (
    <tr aria-rowindex={index + 2} className="bg-inset">
      <th scope="colgroup" colSpan={span} className={cx(CELL, 'font-medium')}>
        <button
          type="button"
          aria-expanded={!item.folded}
          onClick={onFold}
          className="sticky left-2 inline-flex items-center gap-2 rounded-xs"
        >
          <Icon size={14} aria-hidden="true" />
          <span>{item.values.map((value) => (value === null ? 'none' : String(value))).join(' · ')}</span>
          <span className="num text-xs font-normal text-ink-3">{plural(item.count, 'run')}</span>
        </button>
      </th>
    </tr>
  );
}

type RowProps = Pick<RunsGridProps, 'columns' | 'scales' | 'onPin'> & {
  item: Extract<GridItem, { kind: 'run' }>;
  index: number;
  cells: RunCells | null;
  isSelected: boolean;
  onTick(id: string, range: boolean): void;
};

const RunRow = memo(function RunRow(props: RowProps) {
  const { item, index, cells, columns, scales, isSelected, onTick, onPin } = props;
  const to = pathTo('runs', item.id);
  const follow = (event: MouseEvent<HTMLTableRowElement>) => {
    const inner = (event.target as Element).closest('a,button,input,label');
    if (!inner && !window.getSelection()?.toString()) navigate(to);
  };
  const ground = cx(isSelected ? 'bg-selected' : 'bg-surface group-hover/row:bg-hover');
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={follow}
      className={cx('group/row cursor-default', isSelected ? 'bg-selected' : 'hover:bg-hover')}
    >
      <td className={cx(CELL, TICK, ground)}>
        <input
          type="checkbox"
          aria-label={`Select ${cells?.name ?? item.id}`}
          checked={isSelected}
          onChange={() => {}}
          onClick={(event) => onTick(item.id, event.shiftKey)}
          className="block size-3.5 accent-(--accent-solid)"
        />
      </td>
      <th scope="row" className={cx(CELL, NAME, ground, 'text-left font-medium')}>
        <span className="flex items-center gap-2" style={{ paddingLeft: item.depth * 16 }}>
          {cells ? <RunStatus status={cells.status} hideLabel /> : <span className="size-2" />}
          <Link to={to} quiet data-row-link="">
            <span className="truncate">{cells?.name ?? '…'}</span>
          </Link>
          <button
            type="button"
            aria-label={item.pinned ? `Unpin ${cells?.name ?? ''}` : `Pin ${cells?.name ?? ''} on top`}
            aria-pressed={item.pinned}
            onClick={() => onPin(item.id)}
            className={cx(
              'ml-auto shrink-0 rounded-xs p-0.5 text-ink-3 hover:text-ink focus-visible:opacity-100',
              item.pinned ? 'text-accent' : 'opacity-0 group-hover/row:opacity-100',
            )}
          >
            <Pin size={12} aria-hidden="true" className={item.pinned ? 'fill-current' : ''} />
          </button>
        </span>
      </th>
      {columns.map((column, at) => (
        <td key={columnId(column)} className={cx(CELL, isRightAligned(column) && 'num text-right')}>
          {cells ? (
            <Cell
              column={column}
              value={cells.values[at]}
              row={cells}
              scale={scales.get(columnId(column)) ?? null}
            />
          ) : null}
        </td>
      ))}
    </tr>
  );
});

function Gap({ height, span }: { height: number; span: number }) {
  return height > 0 ? (
    <tr>
      <td colSpan={span} aria-hidden="true" style={{ height, padding: 0 }} />
    </tr>
  ) : null;
}

/** The density's row height in pixels. */
const rowHeight = () =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row-h')) || 34;

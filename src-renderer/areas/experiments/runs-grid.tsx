/**
 * The runs table: any number of runs, of which only those in sight are fetched and drawn. It has the roles of a table
 * and is laid out by itself: the browser's own tables are laid out whole whenever one row changes.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { RunColumn } from '../../../src-main/contract/runs-table.ts';
import { moveBetweenRows } from '../../ui/Table.tsx';
import { useColumnWindow } from './grid-columns.ts';
import { useRowKeys } from './row-keys.ts';
import { GroupRow, RunRow } from './run-row.tsx';
import { Head } from './runs-head.tsx';
import { type ColumnId, columnId, type MetricScale } from './runs-model.ts';
import { type GridItem, gridItems, type TableState } from './table-state.ts';
import { type Order, useCells } from './use-runs-table.ts';
import { useSettled } from './use-settled.ts';

const BLOCK = 50;

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
    overscan: 6,
  });
  const shown = virtual.getVirtualItems();
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  const ids = useMemo(() => inSight(items, first, last), [items, first, last]);
  const columnIds = useMemo(() => columns.map(columnId), [columns]);
  const cellsOf = useCells(useSettled(ids, items), columnIds);
  const { total, room, ...drawn } = useColumnWindow(box, columns);
  const keys = useRowKeys(shown.map(({ index }) => nameOf(items[index], index)));

  const ticked = useRef<string | null>(null);
  const select = (id: string, range: boolean) => {
    const next = new Set(selected);
    const on = !next.has(id);
    for (const one of range && ticked.current ? between(items, ticked.current, id) : [id])
      if (on) next.add(one);
      else next.delete(one);
    ticked.current = id;
    onSelect(next);
  };
  // Rows that stay in sight are not drawn anew while others scroll in: what they are given must stay the same.
  const acts = useRef({ select, pin: props.onPin, sort: props.onSort });
  acts.current = { select, pin: props.onPin, sort: props.onSort };
  const onTick = useCallback((id: string, range: boolean) => acts.current.select(id, range), []);
  const onPin = useCallback((id: string) => acts.current.pin(id), []);
  const onSort: RunsGridProps['onSort'] = useCallback((id, options) => acts.current.sort(id, options), []);
  const fold = (name: string) => {
    const next = new Set(folded);
    if (!next.delete(name)) next.add(name);
    setFolded(next);
  };

  return (
    <div ref={box} className="h-full overflow-auto">
      <div
        role="table"
        aria-label="Runs"
        aria-rowcount={items.length + 1}
        aria-colcount={columns.length + 2}
        style={{ minWidth: total }}
      >
        <Head
          ids={order.ids}
          columns={columns}
          {...drawn}
          sort={state.sort}
          onSort={onSort}
          selected={selected}
          onSelect={onSelect}
        />
        <div
          role="rowgroup"
          onKeyDown={moveBetweenRows}
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {shown.map(({ index, start }) => {
            const item = items[index];
            if (!item) return null;
            const key = keys.get(nameOf(item, index));
            if (item.kind === 'group')
              return (
                <GroupRow
                  key={key}
                  item={item}
                  index={index}
                  top={start}
                  span={columns.length + 2}
                  onFold={() => fold(item.name)}
                />
              );
            return (
              <RunRow
                key={key}
                item={item}
                index={index}
                top={start}
                columns={columns}
                {...drawn}
                room={room}
                scales={props.scales}
                cells={cellsOf(item.id)}
                isSelected={selected.has(item.id)}
                onTick={onTick}
                onPin={onPin}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const nameOf = (item: GridItem | undefined, at: number): string =>
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

/** The density's row height in pixels. */
const rowHeight = () =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row-h')) || 34;

/** One row of the runs table: a run with its cells, or the heading of a group. */
import { ChevronDown, ChevronRight, Pin } from 'lucide-react';
import { type MouseEvent, memo, useRef } from 'react';
import type { RunCells, RunColumn } from '../../../src-main/contract/runs-table.ts';
import { plural } from '../../lib/format.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { flexOf, NAME_WIDTH, TICK_WIDTH } from './grid-columns.ts';
import { RunCell } from './run-cells.tsx';
import { type ColumnId, columnId, type MetricScale } from './runs-model.ts';
import type { GridItem } from './table-state.ts';

/** Rows are laid out and painted each for itself: one that changes costs nothing of the others. */
const ROW = 'group/row absolute inset-x-0 h-(--row-h) border-b border-line';
const placed = (top: number) => ({ contain: 'strict', top }) as const;

export type RunRowProps = {
  item: Extract<GridItem, { kind: 'run' }>;
  index: number;
  /** Pixels from the top of all rows. */
  top: number;
  columns: readonly RunColumn[];
  from: number;
  to: number;
  before: number;
  /** How wide the drawn ones are at least. */
  room: number;
  scales: ReadonlyMap<ColumnId, MetricScale | null>;
  cells: RunCells | null;
  isSelected: boolean;
  onTick(id: string, range: boolean): void;
  onPin(id: string): void;
};

export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { item, index, top, cells, columns, from, to, before, room, scales, isSelected, onTick, onPin } =
    props;
  const address = pathTo('runs', item.id);
  const follow = (event: MouseEvent<HTMLElement>) => {
    const inner = (event.target as Element).closest('a,button,input,label');
    if (!inner && !window.getSelection()?.toString()) navigate(address);
  };
  const name = cells?.name ?? '';
  // Until a run's cells have come, those of the run that was drawn here before stay, out of sight: to empty
  // them and fill them again would be twice the work.
  const former = useRef(cells);
  if (cells) former.current = cells;
  const drawn = former.current;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row is the way of the keyboard
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={follow}
      style={placed(top)}
      className={cx(ROW, 'flex cursor-default', isSelected ? 'bg-selected' : 'hover:bg-hover')}
    >
      <div
        role="presentation"
        className={cx(
          'sticky left-0 flex items-center',
          isSelected ? 'bg-selected' : 'bg-surface group-hover/row:bg-hover',
        )}
        style={{ flex: flexOf(TICK_WIDTH + NAME_WIDTH) }}
      >
        <div role="cell" aria-colindex={1} className="pl-(--pad-x)" style={{ width: TICK_WIDTH }}>
          <input
            type="checkbox"
            aria-label={`Select ${cells?.name ?? item.id}`}
            checked={isSelected}
            onChange={() => {}}
            onClick={(event) => onTick(item.id, event.shiftKey)}
            className="block size-3.5 accent-(--accent-solid)"
          />
        </div>
        <div
          role="rowheader"
          aria-colindex={2}
          className="flex min-w-0 flex-1 items-center gap-2 px-(--pad-x) font-medium whitespace-nowrap"
        >
          {item.depth > 0 ? <span style={{ width: item.depth * 16 - 8 }} /> : null}
          <span className={cx('flex', !cells && 'invisible')}>
            <RunStatus status={drawn?.status ?? ''} hideLabel />
          </span>
          <Link to={address} quiet data-row-link="" className="truncate">
            {cells?.name ?? '…'}
          </Link>
          <button
            type="button"
            aria-label={item.pinned ? `Unpin ${name}` : `Pin ${name} on top`}
            aria-pressed={item.pinned}
            onClick={() => onPin(item.id)}
            className={cx(
              'ml-auto shrink-0 rounded-xs p-0.5 text-ink-3 hover:text-ink focus-visible:opacity-100',
              item.pinned ? 'text-accent' : 'opacity-0 group-hover/row:opacity-100',
            )}
          >
            <Pin size={12} aria-hidden="true" className={item.pinned ? 'fill-current' : ''} />
          </button>
        </div>
      </div>
      {before > 0 ? <div role="presentation" style={{ flex: `0 0 ${before}px` }} /> : null}
      <div
        role="presentation"
        className="flex"
        style={{ flex: flexOf(room), contentVisibility: cells ? 'visible' : 'hidden' }}
      >
        {columns.slice(from, to).map((column, at) => {
          const id = columnId(column);
          return (
            <RunCell
              key={id}
              column={column}
              index={from + at + 3}
              value={drawn?.values[from + at]}
              row={drawn}
              scale={scales.get(id) ?? null}
            />
          );
        })}
      </div>
    </div>
  );
});

export function GroupRow({
  item,
  index,
  top,
  span,
  onFold,
}: {
  item: Extract<GridItem, { kind: 'group' }>;
  index: number;
  top: number;
  span: number;
  onFold(): void;
}) {
  const Icon = item.folded ? ChevronRight : ChevronDown;
  return (
    <div role="row" aria-rowindex={index + 2} style={placed(top)} className={cx(ROW, 'bg-inset')}>
      <div role="rowheader" aria-colspan={span} className="flex h-full items-center px-(--pad-x) font-medium">
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
      </div>
    </div>
  );
}

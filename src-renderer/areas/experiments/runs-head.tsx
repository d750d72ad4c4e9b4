/** The header of the runs table: what the columns are, and what it is sorted by. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo } from 'react';
import type { RunColumn } from '../../../src-main/contract/runs-table.ts';
import { cx } from '../../ui/cx.ts';
import { Tooltip } from '../../ui/Tooltip.tsx';
import { flexOf, NAME_WIDTH, TICK_WIDTH, widthOf } from './grid-columns.ts';
import { hintOf, isRightAligned } from './run-cells.tsx';
import { type ColumnId, columnId, columnTitle } from './runs-model.ts';
import type { TableState } from './table-state.ts';

export type HeadProps = {
  /** The ids of all runs found. */
  ids: readonly string[];
  columns: readonly RunColumn[];
  /** Which of them are drawn: from, to, and the room of the others. */
  from: number;
  to: number;
  before: number;
  sort: TableState['sort'];
  onSort(id: ColumnId, options: { descendingFirst: boolean; add: boolean }): void;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
};

const CELL = 'flex items-center bg-surface px-(--pad-x)';

export const Head = memo(function Head(props: HeadProps) {
  const { ids, columns, from, to, before, sort, onSort, selected, onSelect } = props;
  const all = ids.length > 0 && ids.every((id) => selected.has(id));
  return (
    <div role="rowgroup" className="sticky top-0 z-20 bg-surface">
      <div
        role="row"
        aria-rowindex={1}
        className="flex h-8 border-b border-line text-xs font-medium whitespace-nowrap text-ink-3"
      >
        <div
          role="presentation"
          className="sticky left-0 z-10 flex bg-surface"
          style={{ flex: flexOf(TICK_WIDTH + NAME_WIDTH) }}
        >
          <div role="columnheader" className={cx(CELL, 'pr-0')} style={{ width: TICK_WIDTH }}>
            <input
              type="checkbox"
              aria-label="Select all"
              checked={all}
              onChange={() => onSelect(new Set(all ? [] : ids))}
              className="block size-3.5 accent-(--accent-solid)"
            />
          </div>
          <ColumnHead column={NAME_COLUMN} index={2} sort={sort} onSort={onSort} />
        </div>
        {before > 0 ? <div role="presentation" style={{ flex: `0 0 ${before}px` }} /> : null}
        {columns.slice(from, to).map((column, at) => (
          <ColumnHead
            key={columnId(column)}
            column={column}
            index={from + at + 3}
            sort={sort}
            onSort={onSort}
          />
        ))}
      </div>
    </div>
  );
});

const NAME_COLUMN: RunColumn = { kind: 'attribute', key: 'name' };
/** Columns that only say what other columns do, in words. */
const UNSORTED = new Set(['a:produced', 'a:note']);

function ColumnHead({
  column,
  index,
  sort,
  onSort,
}: Pick<HeadProps, 'sort' | 'onSort'> & { column: RunColumn; index: number }) {
  const id = columnId(column);
  const at = sort.findIndex((one) => one.id === id);
  const sorted = sort[at];
  const right = isRightAligned(column);
  const hint = hintOf(column);
  const Icon = sorted?.descending ? ArrowDown : ArrowUp;
  const label = (
    <span className="truncate" title={hint ? undefined : columnTitle(column)}>
      {columnTitle(column)}
    </span>
  );
  return (
    <div
      role="columnheader"
      aria-colindex={index}
      aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : undefined}
      style={{ flex: column === NAME_COLUMN ? '1 1 0' : flexOf(widthOf(column)) }}
      className={cx(CELL, 'min-w-0', right && 'justify-end')}
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
            sorted && 'text-ink',
          )}
        >
          {hint ? <Tooltip label={`${hint}. Shift adds it to the sort`}>{label}</Tooltip> : label}
          <Icon
            size={12}
            aria-hidden="true"
            className={cx('shrink-0', sorted ? 'text-accent' : 'opacity-0 group-hover:opacity-50')}
          />
          {sort.length > 1 && sorted ? <span className="num text-accent">{at + 1}</span> : null}
        </button>
      )}
    </div>
  );
}

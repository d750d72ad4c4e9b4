import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo, useState } from 'react';
import { navigate } from '../lib/router.ts';
import { cx } from './cx.ts';
import { Link } from './Link.tsx';
import { Tooltip } from './Tooltip.tsx';
import { type Column, nextSort, type Sort, sortRows } from './table-model.ts';

export type { Column, Sort } from './table-model.ts';

export type TableProps<Row> = {
  /** What the rows are; the table's accessible name. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Where a row leads: the first cell becomes the link, the whole row follows a click. */
  href?: (row: Row) => string;
  defaultSort?: Sort;
  /** Marks one row as the one shown elsewhere. */
  current?: string | null;
  /** Rows with a box to tick, e.g. to compare them. */
  selection?: { selected: ReadonlySet<string>; onChange(selected: ReadonlySet<string>): void };
  /** Shown instead of rows when there are none. */
  empty?: ReactNode;
};

/** A semantic table with a sticky header. Put it in an unpadded Panel; its container scrolls. */
export function Table<Row>(props: TableProps<Row>) {
  const { rows, columns, rowKey, defaultSort = null, empty } = props;
  const [sort, setSort] = useState<Sort | null>(defaultSort);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <table aria-label={props.label} className="w-full border-separate border-spacing-0 text-left">
      <TableHead {...props} sort={sort} onSort={setSort} />
      <tbody onKeyDown={moveBetweenRows}>
        {sorted.map((row) => (
          <TableRow key={rowKey(row)} row={row} {...props} />
        ))}
      </tbody>
    </table>
  );
}

type HeadProps<Row> = TableProps<Row> & { sort: Sort | null; onSort(sort: Sort): void };

export function TableHead<Row>({ columns, sort, onSort, selection, rows, rowKey }: HeadProps<Row>) {
  const all = rows.length > 0 && rows.every((row) => selection?.selected.has(rowKey(row)));
  return (
    <thead>
      <tr>
        {selection && (
          <th scope="col" className={cx(HEAD, 'w-9 pr-0')}>
            <Tick
              label="Select all"
              checked={all}
              onChange={() => selection.onChange(new Set(all ? [] : rows.map(rowKey)))}
            />
          </th>
        )}
        {columns.map((column) => {
          const active = sort?.id === column.id ? sort.direction : null;
          const title = column.hint ? (
            <Tooltip label={column.hint}>
              <span tabIndex={column.sort ? undefined : 0}>{column.header}</span>
            </Tooltip>
          ) : (
            column.header
          );
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={active ? (active === 'asc' ? 'ascending' : 'descending') : undefined}
              style={column.width ? { width: column.width } : undefined}
              className={cx(HEAD, column.align === 'right' && 'text-right')}
            >
              {column.sort ? (
                <button
                  type="button"
                  onClick={() => onSort(nextSort(sort, column))}
                  className={cx(
                    'group inline-flex items-center gap-1 rounded-xs font-medium hover:text-ink',
                    column.align === 'right' && 'flex-row-reverse',
                    active && 'text-ink',
                  )}
                >
                  {title}
                  <SortMark direction={active} />
                </button>
              ) : (
                title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

const HEAD =
  'sticky top-0 z-10 h-8 border-b border-line bg-surface px-(--pad-x) text-xs font-medium whitespace-nowrap text-ink-3';

function SortMark({ direction }: { direction: 'asc' | 'desc' | null }) {
  const Icon = direction === 'asc' ? ArrowUp : ArrowDown;
  return (
    <Icon
      size={12}
      aria-hidden="true"
      className={direction ? 'text-accent' : 'opacity-0 group-hover:opacity-50'}
    />
  );
}

type RowProps<Row> = TableProps<Row> & { row: Row; index?: number };

export function TableRow<Row>({ row, columns, rowKey, href, current, selection, index }: RowProps<Row>) {
  const key = rowKey(row);
  const to = href?.(row);
  const follow = (event: MouseEvent<HTMLTableRowElement>) => {
    // Links, buttons and boxes inside the row mean themselves; marking text is not a click.
    const inner = (event.target as Element).closest('a,button,input,label');
    if (to && !inner && !window.getSelection()?.toString()) navigate(to);
  };
  return (
    <tr
      aria-rowindex={index === undefined ? undefined : index + 2}
      aria-current={current === key ? 'true' : undefined}
      onClick={follow}
      className={cx(
        'group/row',
        to && 'hover:bg-hover',
        (current === key || selection?.selected.has(key)) && 'bg-selected',
      )}
    >
      {selection && (
        <td className={cx(CELL, 'w-9 pr-0')}>
          <Tick
            label={`Select ${key}`}
            checked={selection.selected.has(key)}
            onChange={() => {
              const next = new Set(selection.selected);
              if (!next.delete(key)) next.add(key);
              selection.onChange(next);
            }}
          />
        </td>
      )}
      {columns.map((column, at) => (
        <td
          key={column.id}
          className={cx(CELL, column.align === 'right' && 'num text-right', at === 0 && 'font-medium')}
        >
          {at === 0 && to ? (
            <Link to={to} quiet data-row-link="">
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

const CELL =
  'h-(--row-h) max-w-80 truncate border-b border-line px-(--pad-x) align-middle whitespace-nowrap group-last/row:border-b-0';

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange(): void }) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={checked}
      onChange={onChange}
      className="block size-3.5 accent-(--accent-solid)"
    />
  );
}

/** Arrow keys go from row link to row link. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const target = event.target as HTMLElement;
  if (step === 0 || !target.matches('[data-row-link]')) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const next = links[links.indexOf(target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { moveBetweenRows, type Sort, TableHead, type TableProps, TableRow } from './Table.tsx';
import { sortRows } from './table-model.ts';

export type VirtualTableProps<Row> = TableProps<Row> & {
  /** Height of the scrolling box, as CSS; "100%" fills the parent. */
  height: string;
};

/** A table for more than 200 rows: only those in sight are in the page. Give every column a width. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { rows, columns, rowKey, label, height, selection, defaultSort = null, empty } = props;
  const [sort, setSort] = useState<Sort | null>(defaultSort);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight(),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = columns.length + (selection ? 1 : 0);
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <div ref={box} className="overflow-auto" style={{ height }}>
      <table
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-left"
      >
        <TableHead {...props} sort={sort} onSort={setSort} />
        <tbody onKeyDown={moveBetweenRows}>
          <Gap height={before} span={span} />
          {items.map((item) => {
            const row = sorted[item.index];
            return row === undefined ? null : (
              <TableRow key={rowKey(row)} row={row} index={item.index} {...props} />
            );
          })}
          <Gap height={after} span={span} />
        </tbody>
      </table>
    </div>
  );
}

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

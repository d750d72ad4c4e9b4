/** What a table is made of, and how its rows are ordered. */
import type { ReactNode } from 'react';

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Figures go right and line up. */
  align?: 'left' | 'right';
  /** A CSS width such as "120px" or "20%"; needed in virtual tables. */
  width?: string;
  /** What to sort by; without it the column does not sort. Missing values always come last. */
  sort?: (row: Row) => number | string | null;
  /** A longer explanation of the header. */
  hint?: string;
};

export type Sort = { id: string; direction: 'asc' | 'desc' };

export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): Row[] {
  const by = sort && columns.find((column) => column.id === sort.id)?.sort;
  if (!by) return [...rows];
  const turn = sort.direction === 'asc' ? 1 : -1;
  return rows
    .map((row) => ({ row, key: by(row) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      if (typeof a.key === 'number' && typeof b.key === 'number') return (a.key - b.key) * turn;
      return collator.compare(String(a.key), String(b.key)) * turn;
    })
    .map(({ row }) => row);
}

/** A first click sorts figures from the largest, words from the first letter; the next one turns it. */
export function nextSort<Row>(current: Sort | null, column: Column<Row>): Sort {
  if (current?.id === column.id)
    return { id: column.id, direction: current.direction === 'asc' ? 'desc' : 'asc' };
  return { id: column.id, direction: column.align === 'right' ? 'desc' : 'asc' };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

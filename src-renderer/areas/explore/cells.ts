/** What is known of each run in the columns that a chart asked for. Pure. */
import { formatNumber } from '../../lib/format.ts';
import type { ColumnId } from '../../lib/run-columns.ts';

export type CellColumn = {
  /** Names of a column of text, in the order of the axis; null for a column of numbers. */
  categories: readonly string[] | null;
  /** One for each run: a number, or a place in `categories`; NaN where the run has none. */
  values: Float64Array;
};

export type Cells = {
  ids: readonly string[];
  /** Names that are each run's own. */
  names: ReadonlyMap<string, string>;
  /** Null for a column that is not here yet. */
  column(id: ColumnId): CellColumn | null;
};

/** A run's value in words; null where it has none. */
export function textAt(column: CellColumn, at: number): string | null {
  const value = column.values[at] ?? Number.NaN;
  if (Number.isNaN(value)) return null;
  return column.categories ? (column.categories[value] ?? null) : formatNumber(value);
}

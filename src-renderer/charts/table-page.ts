/** Which rows of a chart's table are shown: a page at first, and one more at a time, until all are. Pure. */
import { formatCount } from '../lib/format.ts';

export const PAGE_ROWS = 300;

export type TablePage<Row> = {
  rows: readonly Row[];
  /** "The newest 300 of 2,160 rows"; null when all are shown. */
  says: string | null;
  /** How many the next page brings; 0 when all are shown. */
  next: number;
};

/** `keep`: the end that stays when there are too many, the last rows, as with time, or the first. */
export function tablePage<Row>(
  rows: readonly Row[],
  pages: number,
  keep: 'last' | 'first' = 'last',
): TablePage<Row> {
  const count = Math.max(1, pages) * PAGE_ROWS;
  const left = rows.length - count;
  if (left <= 0) return { rows, says: null, next: 0 };
  return {
    rows: keep === 'first' ? rows.slice(0, count) : rows.slice(-count),
    says: `The ${keep === 'first' ? 'first' : 'newest'} ${formatCount(count)} of ${formatCount(rows.length)} rows`,
    next: Math.min(PAGE_ROWS, left),
  };
}

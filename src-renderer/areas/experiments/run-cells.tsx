/** What the runs table shows in a cell. */
import { Star } from 'lucide-react';
import { memo } from 'react';
import type { RunCells, RunColumn } from '../../../src-main/contract/runs-table.ts';
import { formatDuration, formatFixed, NONE } from '../../lib/format.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { cx } from '../../ui/cx.ts';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { flexOf, widthOf } from './grid-columns.ts';
import { NoteCell } from './note-cell.tsx';
import { barShare, type MetricScale } from './runs-model.ts';

type Value = RunCells['values'][number] | undefined;

type CellProps = {
  column: RunColumn;
  /** Of all columns of the table, from 1. */
  index: number;
  value: Value;
  /** Null until it has come. */
  row: RunCells | null;
  scale: MetricScale | null;
};

const CELL = 'lathe-bar truncate px-(--pad-x) leading-(--row-h) whitespace-nowrap';

export const RunCell = memo(function RunCell({ column, index, value, row, scale }: CellProps) {
  const right = isRightAligned(column);
  const best = right && typeof value === 'number' && scale?.best === value;
  const words = row ? wordsOf(column, value, row) : '';
  return (
    <div
      role="cell"
      aria-colindex={index}
      className={cx(CELL, right ? 'num text-right' : 'text-ink-2', best && 'lathe-bar-best font-semibold')}
      style={{ flex: flexOf(widthOf(column)), backgroundSize: barOf(column, value, scale) }}
      title={words === null || right ? undefined : words}
    >
      {row && words === null ? <Words column={column} row={row} /> : null}
      {best ? (
        <>
          <Star size={11} aria-hidden="true" className="mr-1 inline fill-current text-accent" />
          <span className="sr-only">best:</span>
        </>
      ) : null}
      {words === null
        ? null
        : right && typeof value === 'number' && scale
          ? formatFixed(value, decimalsOf(scale))
          : words}
    </div>
  );
});

/** What a cell says in plain text; null where it is more than text. */
function wordsOf(column: RunColumn, value: Value, row: RunCells): string | null {
  if (column.kind === 'attribute')
    switch (column.key) {
      case 'status':
      case 'started':
      case 'note':
        return null;
      case 'ended':
        return row.endedMs === null ? NONE : null;
      case 'duration':
        return row.endedMs === null ? NONE : formatDuration(row.endedMs - row.startedMs);
      default:
        break;
    }
  return value === null || value === undefined || value === '' ? NONE : String(value);
}

function Words({ column, row }: { column: RunColumn; row: RunCells }) {
  if (column.key === 'status') return <RunStatus status={row.status} />;
  // A row is filled anew with other runs: what is being written belongs to one.
  if (column.key === 'note') return <NoteCell key={row.id} runId={row.id} name={row.name} note={row.note} />;
  return <TimeAgo ms={column.key === 'ended' ? row.endedMs : row.startedMs} />;
}

/** Where a metric stands between the column's smallest and largest value: a bar along the cell's foot. */
function barOf(column: RunColumn, value: Value, scale: MetricScale | null): string | undefined {
  if (column.kind !== 'metric' || typeof value !== 'number' || !scale) return '0 0';
  return `${(barShare(value, scale) * 100).toFixed(1)}% 3px`;
}

/** Figures and times line up at the right. */
export const isRightAligned = (column: RunColumn): boolean =>
  column.kind === 'metric' ||
  (column.kind === 'attribute' && ['started', 'ended', 'duration'].includes(column.key));

export function hintOf(column: RunColumn): string | undefined {
  if (column.kind !== 'metric') return undefined;
  const value = { last: 'Last', min: 'Smallest', max: 'Largest' }[column.aggregate];
  const direction = directionOf(column.key);
  return `${value} value of ${column.key}${direction === null ? '' : `; ${direction} is better`}`;
}

/** Four significant digits of the largest value, the same for a whole column so that figures line up. */
function decimalsOf({ low, high }: MetricScale): number {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}

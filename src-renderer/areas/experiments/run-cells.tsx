/** What the runs table shows in a cell. */
import { Star } from 'lucide-react';
import type { RunCells, RunColumn } from '../../../src-main/contract/runs-table.ts';
import { formatDuration, formatFixed, NONE } from '../../lib/format.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { NoteCell } from './note-cell.tsx';
import { barShare, columnTitle, type MetricScale } from './runs-model.ts';

type Value = RunCells['values'][number] | undefined;

export function Cell({
  column,
  value,
  row,
  scale,
}: {
  column: RunColumn;
  value: Value;
  row: RunCells;
  scale: MetricScale | null;
}) {
  if (column.kind === 'metric') return <MetricCell value={value ?? null} scale={scale} />;
  if (column.kind === 'attribute')
    switch (column.key) {
      case 'status':
        return <RunStatus status={row.status} />;
      case 'started':
        return <TimeAgo ms={row.startedMs} />;
      case 'ended':
        return row.endedMs === null ? NONE : <TimeAgo ms={row.endedMs} />;
      case 'duration':
        return row.endedMs === null ? NONE : formatDuration(row.endedMs - row.startedMs);
      case 'note':
        return <NoteCell runId={row.id} name={row.name} note={row.note} />;
      default:
        break;
    }
  return (
    <span className="num text-ink-2" title={value === null ? undefined : String(value ?? '')}>
      {value === null || value === undefined || value === '' ? NONE : String(value)}
    </span>
  );
}

/** Figures and times line up at the right. */
export const isRightAligned = (column: RunColumn): boolean =>
  column.kind === 'metric' ||
  (column.kind === 'attribute' && ['started', 'ended', 'duration'].includes(column.key));

/** Wide enough for the header, within reason. In pixels. */
export function widthOf(column: RunColumn): number {
  if (column.kind === 'attribute') return ATTRIBUTE_WIDTHS[column.key];
  const least = column.kind === 'metric' ? 116 : 96;
  return Math.min(210, Math.max(least, Math.round(columnTitle(column).length * 7 + 40)));
}

const ATTRIBUTE_WIDTHS: Record<Extract<RunColumn, { kind: 'attribute' }>['key'], number> = {
  name: 240,
  status: 110,
  user: 110,
  started: 112,
  ended: 112,
  duration: 96,
  note: 200,
  produced: 140,
};

export function hintOf(column: RunColumn): string | undefined {
  if (column.kind !== 'metric') return undefined;
  const value = { last: 'Last', min: 'Smallest', max: 'Largest' }[column.aggregate];
  const direction = directionOf(column.key);
  return `${value} value of ${column.key}${direction === null ? '' : `; ${direction} is better`}`;
}

function MetricCell({ value, scale }: { value: string | number | null; scale: MetricScale | null }) {
  if (value === null) return <span className="text-ink-3">{NONE}</span>;
  if (typeof value === 'string') return <span className="text-ink-2">{value}</span>;
  const best = scale?.best === value;
  return (
    <span className="relative flex h-full items-center justify-end gap-1">
      <span
        aria-hidden="true"
        className={`absolute bottom-0.5 left-0 h-[3px] rounded-full ${best ? 'bg-accent' : 'bg-ink-3/35'}`}
        style={{ width: `${scale ? barShare(value, scale) * 100 : 0}%` }}
      />
      {best ? (
        <>
          <Star size={11} aria-hidden="true" className="fill-current text-accent" />
          <span className="sr-only">best:</span>
        </>
      ) : null}
      <span className={best ? 'font-semibold' : ''}>
        {scale ? formatFixed(value, decimalsOf(scale)) : String(value)}
      </span>
    </span>
  );
}

/** Four significant digits of the largest value, the same for a whole column so that figures line up. */
function decimalsOf({ low, high }: MetricScale): number {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}

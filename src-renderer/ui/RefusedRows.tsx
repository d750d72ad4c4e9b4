import { formatCount } from '../lib/format.ts';
import { ScrollRegion } from './ScrollRegion.tsx';

export type RefusedRowsProps = { problems: readonly { row: number; reason: string }[] };

/** Rows of a file that could not be taken, each with why. */
export function RefusedRows({ problems }: RefusedRowsProps) {
  return (
    <ScrollRegion label="Refused rows" className="max-h-44 rounded-md border border-line">
      <ol className="num text-xs">
        {problems.map(({ row, reason }) => (
          <li key={`${row} ${reason}`} className="flex gap-3 border-b border-line px-2 py-1 last:border-0">
            <span className="w-16 shrink-0 text-right text-ink-3">row {formatCount(row)}</span>
            <span className="min-w-0 break-words">{reason}</span>
          </li>
        ))}
      </ol>
    </ScrollRegion>
  );
}

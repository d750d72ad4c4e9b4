import { formatPercent } from '../lib/format.ts';

export type ProgressProps = {
  label: string;
  /** 0 to 1; null while it cannot be known. */
  value: number | null;
  /** Writes the share beside the bar. */
  showValue?: boolean;
};

export function Progress({ label, value, showValue }: ProgressProps) {
  const percent = value === null ? null : Math.min(100, Math.max(0, value * 100));
  return (
    <div className="flex min-w-0 items-center gap-2">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent === null ? undefined : Math.round(percent)}
        className="h-1 min-w-12 flex-1 overflow-hidden rounded-full bg-pressed"
      >
        <div
          className={`h-full rounded-full bg-accent ${percent === null ? 'lathe-indeterminate w-1/3' : ''}`}
          style={percent === null ? undefined : { width: `${percent}%` }}
        />
      </div>
      {showValue && percent !== null && (
        <span className="num w-10 shrink-0 text-right text-xs text-ink-3">{formatPercent(value, 0)}</span>
      )}
    </div>
  );
}

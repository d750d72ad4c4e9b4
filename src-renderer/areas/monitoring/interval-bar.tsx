import { readValue } from '../../charts/format.ts';
import { type ChartColor, cssColor } from '../../charts/theme.ts';

type IntervalBarProps = {
  label: string;
  value: number;
  low: number;
  high: number;
  /** Ends of the shared scale. */
  scale: readonly [number, number];
  color: ChartColor;
};

/** A point with its interval on a scale that all rows share. */
export function IntervalBar({ label, value, low, high, scale, color }: IntervalBarProps) {
  const span = Math.max(scale[1] - scale[0], 1e-6);
  const place = (at: number) => `${Math.min(100, Math.max(0, 4 + ((at - scale[0]) / span) * 92))}%`;
  const text = `${readValue(low, 'share')} – ${readValue(high, 'share')}`;
  return (
    <span className="flex items-center gap-2">
      <svg
        role="img"
        aria-label={`${label}: ${readValue(value, 'share')}, interval ${text}`}
        width="96"
        height="14"
        className="shrink-0"
      >
        <line
          x1={place(low)}
          x2={place(high)}
          y1="7"
          y2="7"
          stroke={cssColor(color)}
          strokeWidth="2"
          opacity="0.6"
        />
        <circle cx={place(value)} cy="7" r="3.5" fill={cssColor(color)} />
      </svg>
      <span className="num text-xs text-ink-3">{text}</span>
    </span>
  );
}

/** The legend is also the readout: beside each name stands its value under the crosshair, or the latest one. */
import type { ReactNode } from 'react';
import { cx } from '../ui/cx.ts';
import { readValue, type Unit } from './format.ts';
import { type ChartColor, cssColor } from './theme.ts';
import type { Point } from './time-series-data.ts';

export type LegendEntry = {
  id: string;
  label: string;
  color: ChartColor;
  dashed: boolean;
  off: boolean;
  value: Point | null;
};

type LegendProps = {
  entries: readonly LegendEntry[];
  unit: Unit;
  /** Where the crosshair stands; null when it does not. */
  at: string | null;
  live: boolean;
  onHover: (id: string | null) => void;
  /** `values`: names are kept for screen readers and on pointing, where the colours are named nearby. */
  show: 'all' | 'values';
  /** Null where there is only one series. */
  onToggle: ((id: string) => void) | null;
};

export function Legend({ entries, unit, at, live, show, onHover, onToggle }: LegendProps): ReactNode {
  return (
    <div
      className={cx(
        'num flex flex-wrap items-center justify-end gap-x-3 gap-y-0.5 text-xs',
        // One entry needs no room to scroll in, and nothing in it takes the focus.
        onToggle && 'max-h-[4.5rem] overflow-y-auto',
      )}
    >
      {at ? (
        <span aria-live="polite" className="text-ink-3">
          {at}
        </span>
      ) : null}
      {entries.map((entry) => {
        const body = (
          <>
            <Swatch color={entry.color} dashed={entry.dashed} hollow={entry.value?.weak ?? false} />
            <span className={show === 'all' ? 'max-w-40 truncate text-ink-2' : 'sr-only'}>{entry.label}</span>
            <span className={live ? 'text-ink' : 'text-ink-3'}>{readValue(entry.value?.y, unit)}</span>
            {live && entry.value ? <Details point={entry.value} unit={unit} /> : null}
          </>
        );
        const look = `flex items-center gap-1.5 rounded-xs px-0.5 ${entry.off ? 'opacity-45 line-through' : ''}`;
        return onToggle ? (
          <button
            key={entry.id}
            type="button"
            aria-pressed={!entry.off}
            title={entry.off ? `Show ${entry.label}` : `Hide ${entry.label}`}
            onClick={() => onToggle(entry.id)}
            onPointerEnter={() => onHover(entry.id)}
            onPointerLeave={() => onHover(null)}
            onFocus={() => onHover(entry.id)}
            onBlur={() => onHover(null)}
            className={`${look} hover:bg-hover`}
          >
            {body}
          </button>
        ) : (
          <span key={entry.id} className={look}>
            {body}
          </span>
        );
      })}
    </div>
  );
}

function Details({ point, unit }: { point: Point; unit: Unit }): ReactNode {
  const parts = [
    point.low != null && point.high != null
      ? `${readValue(point.low, unit)}–${readValue(point.high, unit)}`
      : null,
    point.n === undefined ? null : `n ${point.n.toLocaleString('en-GB')}`,
    point.note ?? null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? <span className="text-ink-3">{parts.join(' · ')}</span> : null;
}

function Swatch({
  color,
  dashed,
  hollow,
}: {
  color: ChartColor;
  dashed: boolean;
  hollow: boolean;
}): ReactNode {
  return (
    <svg width="14" height="8" aria-hidden="true" className="shrink-0">
      <line
        x1="0"
        x2="14"
        y1="4"
        y2="4"
        stroke={cssColor(color)}
        strokeWidth="2"
        strokeDasharray={dashed || hollow ? '4 2' : undefined}
      />
      {hollow ? (
        <circle cx="7" cy="4" r="2.5" fill="var(--surface)" stroke={cssColor(color)} strokeWidth="1.5" />
      ) : null}
    </svg>
  );
}

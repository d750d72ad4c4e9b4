/** What the crosshair reads: a line in the chart's head, and beside the pointer the curves nearest to it. */
import { type ReactNode, useSyncExternalStore } from 'react';
import { formatCount, formatDateTime, formatDuration, formatTime } from '../lib/format.ts';
import { readValue } from './format.ts';
import type { FrameAxis } from './frame.ts';
import type { Highlight } from './highlight.ts';
import type { Reading } from './line-pick.ts';
import { type ChartColor, cssColor } from './theme.ts';

export type Read = {
  x: number;
  readings: readonly Reading[];
  /** Where the pointer is in this very chart; null where another's crosshair is followed. */
  pointer: { left: number; top: number } | null;
};

export type ReadSignal = {
  get(): Read | null;
  set(read: Read | null): void;
  subscribe(listener: () => void): () => void;
};

export function createReadSignal(): ReadSignal {
  const listeners = new Set<() => void>();
  let present: Read | null = null;
  return {
    get: () => present,
    set(read) {
      if (read === present) return;
      present = read;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

type Named = { id: string; label: string; color: ChartColor };

/** A place of x in words. */
export function xText(x: number, kind: FrameAxis['kind'], name: string): string {
  if (kind === 'step') return `step ${formatCount(x)}`;
  if (kind === 'time') return `${formatDateTime(x).split(', ')[0]}, ${formatTime(x)}`;
  if (kind === 'relative') return `after ${formatDuration(x)}`;
  return `${name} ${readValue(x, 'number')}`;
}

export function HeadReadout({
  signal,
  curves,
  xKind,
  xName,
  names,
  highlight,
}: {
  signal: ReadSignal;
  curves: ReadonlyMap<string, Named>;
  xKind: FrameAxis['kind'];
  xName: string;
  /** The curves' names stand here while nothing is read. */
  names: boolean;
  highlight: Highlight;
}): ReactNode {
  const read = useSyncExternalStore(signal.subscribe, signal.get);
  if (!read)
    return names && curves.size > 1 ? (
      <ul className="flex min-w-0 items-center justify-end gap-x-3 overflow-hidden text-xs text-ink-2">
        {[...curves.values()].map(({ id, label, color }) => (
          <li
            key={id}
            onPointerEnter={() => highlight.set(id)}
            onPointerLeave={() => highlight.set(null)}
            className="flex min-w-0 items-center gap-1.5"
          >
            <Swatch color={color} />
            <span className="min-w-0 truncate">{label}</span>
          </li>
        ))}
      </ul>
    ) : null;
  const first = read.readings[0];
  const curve = first && curves.get(first.id);
  return (
    <div
      aria-live="polite"
      className="num @container flex min-w-0 items-center justify-end gap-2 overflow-hidden text-xs whitespace-nowrap"
    >
      <span className="hidden shrink-0 text-ink-3 @[8rem]:inline">
        {xText(first?.x ?? read.x, xKind, xName)}
      </span>
      {first && curve ? (
        <>
          <Swatch color={curve.color} />
          <span className="hidden min-w-0 truncate text-ink-2 @[15rem]:inline">{curve.label}</span>
          <span className="shrink-0 text-ink">{readValue(first.y, 'number')}</span>
          <span className="hidden @[22rem]:inline">
            <Extremes reading={first} />
          </span>
        </>
      ) : null}
    </div>
  );
}

const MOST = 8;

export function PointerReadout({
  signal,
  curves,
  pane,
}: {
  signal: ReadSignal;
  curves: ReadonlyMap<string, Named>;
  pane: () => { left: number; top: number; width: number; height: number } | null;
}): ReactNode {
  const read = useSyncExternalStore(signal.subscribe, signal.get);
  const room = pane();
  if (!read?.pointer || !room || read.readings.length < 2) return null;
  const { left, top } = read.pointer;
  const onLeft = left > room.width / 2;
  const style = {
    [onLeft ? 'right' : 'left']:
      `${onLeft ? `calc(100% - ${room.left + left - 14}px)` : `${room.left + left + 14}px`}`,
    top: `${Math.max(0, Math.min(room.top + top - 20, room.height - 60))}px`,
  };
  return (
    <div
      aria-hidden="true"
      className="num pointer-events-none absolute z-20 max-w-72 rounded-sm border border-line bg-raised px-2 py-1 text-xs shadow-lg"
      style={style}
    >
      {read.readings.slice(0, MOST).map((reading, at) => {
        const curve = curves.get(reading.id);
        return curve ? (
          <div key={reading.id} className={`flex items-center gap-2 ${at === 0 ? 'font-medium' : ''}`}>
            <Swatch color={curve.color} />
            <span className="min-w-0 flex-1 truncate text-ink-2">{curve.label}</span>
            <span className="text-ink">{readValue(reading.y, 'number')}</span>
            {at === 0 ? <Extremes reading={reading} /> : null}
          </div>
        ) : null;
      })}
      {read.readings.length > MOST ? (
        <div className="text-ink-3">and {read.readings.length - MOST} more</div>
      ) : null}
    </div>
  );
}

/** The value behind a smoothed one, or the least and greatest of the values that share the place. */
function Extremes({ reading: { low, high, raw } }: { reading: Reading }): ReactNode {
  if (raw === null && low === high) return null;
  return (
    <span className="shrink-0 text-ink-3">
      {raw === null
        ? `${readValue(low, 'number')} – ${readValue(high, 'number')}`
        : `raw ${readValue(raw, 'number')}`}
    </span>
  );
}

export const Swatch = ({ color }: { color: ChartColor }): ReactNode => (
  <svg width="10" height="8" aria-hidden="true" className="shrink-0">
    <line x1="0" x2="10" y1="4" y2="4" stroke={cssColor(color)} strokeWidth="2.5" />
  </svg>
);

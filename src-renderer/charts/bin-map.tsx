/**
 * A distribution over time: a column for each window, a row for each bin, the share as a colour, and the reference's own
 * column beside them. Cells are read by pointer and by arrow keys; the same shares stand in the frame's table.
 */
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { columnsPerPixel } from './bin-map-rules.ts';
import { ChartFrame } from './chart-frame.tsx';
import { ChartSurface } from './chart-surface.tsx';
import { type Bin, binLabels, readValue } from './format.ts';
import { RAMP_GRADIENT, RAMP_STEPS, useRamp } from './ramp.ts';
import { TimeAxis } from './time-axis.tsx';
import { useWidth } from './use-width.ts';

export type BinWindow = { windowMs: number; n: number; shares: readonly number[] };

type BinMapProps = {
  title: string;
  /** From the lowest bin up. */
  bins: readonly (Bin & { reference: number })[];
  windows: readonly BinWindow[];
  from: number;
  to: number;
  /** Length of a window, as x. */
  window: number;
  selected?: number | null;
  onPick: (windowMs: number) => void;
  /** A window in words. */
  write: (windowMs: number) => string;
};

const LEFT = 104;
const REFERENCE = 26;
const GAP = 6;
const RIGHT = 12;

export function BinMap(props: BinMapProps): ReactNode {
  const { title, bins, windows, from, to, window: size, selected, onPick, write } = props;
  const labels = useMemo(() => binLabels(bins), [bins]);
  const [ref, width] = useWidth();
  const [at, setAt] = useState<{ window: number; bin: number } | null>(null);
  const row = Math.min(22, Math.max(11, Math.floor(260 / Math.max(1, bins.length))));
  const height = row * bins.length;
  const top = useMemo(
    () =>
      Math.max(1e-9, ...bins.map(({ reference }) => reference), ...windows.flatMap(({ shares }) => shares)),
    [bins, windows],
  );
  const plot = Math.max(0, width - LEFT - REFERENCE - GAP - RIGHT);
  const scale = plot / Math.max(to - from, size);
  const left = LEFT + REFERENCE + GAP;
  const read = at === null ? undefined : windows[at.window];
  const bin = at === null ? undefined : bins[at.bin];

  const cellAt = (event: MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = from + (event.clientX - box.left - left) / Math.max(scale, 1e-12);
    const found = windows.findIndex(({ windowMs }) => x >= windowMs && x < windowMs + size);
    const line = bins.length - 1 - Math.floor((event.clientY - box.top) / row);
    return found < 0 || !bins[line] ? null : { window: found, bin: line };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const here = at ?? { window: windows.length, bin: 0 };
    const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
    const go = (window: number, line: number) =>
      setAt({ window: clamp(window, windows.length - 1), bin: clamp(line, bins.length - 1) });
    if (event.key === 'ArrowLeft') go(here.window - 1, here.bin);
    else if (event.key === 'ArrowRight') go(here.window + 1, here.bin);
    else if (event.key === 'ArrowUp') go(here.window, here.bin + 1);
    else if (event.key === 'ArrowDown') go(here.window, here.bin - 1);
    else if (event.key === 'Escape') setAt(null);
    else if (event.key === 'Enter' && read) onPick(read.windowMs);
    else return;
    event.preventDefault();
  };

  return (
    <ChartFrame
      title={title}
      unit="share of each window’s rows"
      height={height + 32}
      summary={`${title}: ${windows.length} windows, ${bins.length} bins.`}
      table={() => ({
        columns: ['Window', 'Rows', ...labels],
        rows: [
          ['Reference', '', ...bins.map(({ reference }) => readValue(reference, 'share'))],
          ...windows
            .toReversed()
            .map(({ windowMs, n, shares }) => [
              write(windowMs),
              readValue(n, 'count'),
              ...shares.map((share) => readValue(share, 'share')),
            ]),
        ],
        keep: 'first',
      })}
      legend={
        <div className="num flex items-center justify-end gap-3 text-xs text-ink-2">
          <output aria-live="polite" className="truncate">
            {read && bin
              ? `${write(read.windowMs)} · ${labels[at?.bin ?? 0]}: ${readValue(read.shares[at?.bin ?? 0], 'share')} (reference ${readValue(bin.reference, 'share')}), n ${readValue(read.n, 'count')}`
              : null}
          </output>
          <span className="flex shrink-0 items-center gap-1.5 text-2xs text-ink-3">
            0 %
            <span aria-hidden="true" className="h-2 w-16 rounded-xs" style={{ background: RAMP_GRADIENT }} />
            {readValue(top, 'share')}
          </span>
        </div>
      }
    >
      <ChartSurface
        ref={ref}
        label={`${title}. Arrow keys read cell after cell, Enter chooses the window.`}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
        onPointerMove={(event) => setAt(cellAt(event))}
        onPointerLeave={() => setAt(null)}
        onClick={(event) => {
          const found = cellAt(event);
          const picked = found ? windows[found.window] : undefined;
          if (picked) onPick(picked.windowMs);
        }}
        className="relative cursor-pointer rounded-sm"
        style={{ height: height + 32 }}
      >
        <Labels labels={labels} row={row} />
        <Cells {...{ bins, windows, from, size, scale, width, row, top }} />
        {width > 0 ? (
          <svg
            width={width}
            height={height + 32}
            aria-hidden="true"
            className="num pointer-events-none absolute inset-0 text-2xs"
          >
            <text x={LEFT + REFERENCE} y={height + 15} textAnchor="end" fill="var(--chart-axis)">
              reference
            </text>
            {selected == null || selected < from || selected >= to ? null : (
              <rect
                x={left + (selected - from) * scale - 1}
                y={-1}
                width={Math.max(3, size * scale) + 2}
                height={height + 2}
                fill="none"
                stroke="var(--ink)"
                strokeWidth={1.5}
              />
            )}
            {read && at ? (
              <rect
                x={left + (read.windowMs - from) * scale}
                y={(bins.length - 1 - at.bin) * row}
                width={Math.max(3, size * scale)}
                height={row}
                fill="none"
                stroke="var(--focus)"
                strokeWidth={2}
              />
            ) : null}
          </svg>
        ) : null}
        <div className="absolute" style={{ left, top: height }}>
          <TimeAxis from={from} to={to} width={plot} />
        </div>
      </ChartSurface>
    </ChartFrame>
  );
}

/** As many names as there is room for; the rest are read from the cells. */
function Labels({ labels, row }: { labels: readonly string[]; row: number }): ReactNode {
  const every = Math.ceil(13 / row);
  return (
    <div
      aria-hidden="true"
      className="num absolute inset-y-0 left-0 text-2xs text-ink-3"
      style={{ width: LEFT - 8 }}
    >
      {labels.map((label, i) =>
        i % every === 0 ? (
          <span
            key={label}
            className="absolute right-0 max-w-full truncate leading-none"
            style={{ top: (labels.length - 1 - i) * row + row / 2 - 5.5 }}
          >
            {label}
          </span>
        ) : null,
      )}
    </div>
  );
}

type CellsProps = Pick<BinMapProps, 'bins' | 'windows' | 'from'> & {
  size: number;
  scale: number;
  width: number;
  row: number;
  top: number;
};

function Cells({ bins, windows, from, size, scale, width, row, top }: CellsProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ramp = useRamp();
  const height = row * bins.length;
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || width <= 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    pen.scale(ratio, ratio);
    const column = (x: number, wide: number, shares: readonly number[]) => {
      shares.forEach((share, i) => {
        // The square root tells small shares apart, where most bins are.
        const place = Math.min(RAMP_STEPS - 1, Math.floor(Math.sqrt(Math.max(0, share) / top) * RAMP_STEPS));
        if (share <= 0) return;
        pen.fillStyle = ramp[place] ?? '';
        pen.fillRect(x, (bins.length - 1 - i) * row, wide, row - (row > 14 ? 1 : 0));
      });
    };
    column(
      LEFT,
      REFERENCE,
      bins.map(({ reference }) => reference),
    );
    const left = LEFT + REFERENCE + GAP;
    const cell = size * scale;
    for (const one of columnsPerPixel(windows, from, scale, cell))
      column(left + one.x, Math.max(1, cell - (cell > 5 ? 1 : 0)), one.shares);
  }, [bins, windows, from, size, scale, width, row, top, height, ramp]);
  return <canvas ref={canvas} className="absolute inset-0" style={{ width: Math.max(1, width), height }} />;
}

/**
 * Drift of one feature over windows, as a strip: height and colour both tell the score, so that it can be read
 * without telling colours apart. Windows lie on a shared time axis, so that strips line up below each other.
 */
import { type KeyboardEvent, memo, type PointerEvent, type ReactNode, useMemo, useState } from 'react';
import { readTime, readValue } from './format.ts';
import { useWidth } from './use-width.ts';

export type HeatCell = {
  x: number;
  value: number;
  level: 'stable' | 'moderate' | 'large' | 'too-few';
  /** How tall its bar is, as a share of the strip; by the value where left out. */
  tall?: number;
};

type HeatStripProps = {
  label: string;
  cells: readonly HeatCell[];
  /** Shared range of x, and the width of one window. */
  from: number;
  to: number;
  window: number;
  /** The score that fills the height. */
  full: number;
  selected?: number | null;
  /** The crosshair of charts on the same axis. */
  cursor?: number | null;
  onHover?: (x: number | null) => void;
  onPick?: (x: number) => void;
  height?: number;
  /** How the score is called. */
  score?: string;
  /** One of several that a group reads out and moves over: no readout and no arrow keys of its own. */
  quiet?: boolean;
};

export function HeatStrip(props: HeatStripProps): ReactNode {
  const {
    label,
    cells,
    from,
    to,
    window: size,
    full,
    selected,
    cursor,
    onHover,
    onPick,
    height = 24,
    score = 'PSI',
    quiet = false,
  } = props;
  const [ref, width] = useWidth();
  const [focus, setFocus] = useState<number | null>(null);
  const scale = width / Math.max(to - from, size);
  const place = (x: number) => (x - from) * scale;
  const cell = Math.max(1, size * scale);
  const lit = focus ?? selected ?? null;
  const read = focus === null || quiet ? undefined : cells.find(({ x }) => x === focus);
  const drawn = useMemo(() => worstPerPixel(cells, size * scale, scale, from), [cells, size, scale, from]);

  const move = (x: number | null) => {
    if (x === focus) return;
    setFocus(x);
    onHover?.(x);
  };
  const cellAt = (event: PointerEvent | React.MouseEvent): HeatCell | undefined => {
    const at = from + (event.clientX - event.currentTarget.getBoundingClientRect().left) / scale;
    return cells.find(({ x }) => at >= x && at < x + size);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = cells.findIndex(({ x }) => x === focus);
    if (event.key === 'ArrowRight') move(cells[Math.min(cells.length - 1, at + 1)]?.x ?? null);
    else if (event.key === 'ArrowLeft')
      move(cells[at < 0 ? cells.length - 1 : Math.max(0, at - 1)]?.x ?? null);
    else if (event.key === 'Escape') move(null);
    else if (event.key === 'Enter' && focus !== null) onPick?.(focus);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: drawn cells have no element of their own.
    <div
      ref={ref}
      role="group"
      aria-roledescription="drift strip"
      aria-label={`${summarise(label, cells, score)}${quiet ? '' : ' Arrow keys read each window.'}`}
      tabIndex={quiet ? undefined : 0}
      onKeyDown={quiet ? undefined : onKeyDown}
      onPointerMove={(event) => move(cellAt(event)?.x ?? null)}
      onPointerLeave={() => move(null)}
      onBlur={() => move(null)}
      onClick={(event) => {
        const picked = cellAt(event);
        if (picked) onPick?.(picked.x);
      }}
      className={`relative rounded-xs ${onPick ? 'cursor-pointer' : ''}`}
      style={{ height }}
    >
      <svg width={Math.max(width, 1)} height={height} aria-hidden="true" className="block">
        <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
        {lit === null ? null : <rect x={place(lit)} width={cell} height={height} fill="var(--selected)" />}
        <Cells cells={drawn} from={from} scale={scale} cell={cell} full={full} height={height} />
        {cursor == null || cursor < from || cursor > to ? null : (
          <line x1={place(cursor)} x2={place(cursor)} y1={0} y2={height} stroke="var(--line-strong)" />
        )}
      </svg>
      {read ? (
        <output
          className="num pointer-events-none absolute -top-6 z-10 rounded-sm border border-line bg-raised px-1.5 py-0.5 text-2xs whitespace-nowrap text-ink shadow-sm"
          style={
            place(read.x) > width / 2
              ? { right: Math.max(0, width - place(read.x) - cell) }
              : { left: Math.max(0, place(read.x)) }
          }
        >
          {readTime(read.x)} · {score} {readValue(read.value, 'number')} · {levelWord(read.level)}
        </output>
      ) : null}
    </div>
  );
}

const FILL = { stable: 'var(--ok)', moderate: 'var(--warn)', large: 'var(--bad)' } as const;

type CellsProps = Pick<HeatStripProps, 'cells' | 'from' | 'full'> & {
  scale: number;
  cell: number;
  height: number;
};

/** Apart from what follows the pointer: hundreds of bars need not be compared again for each of its moves. */
const Cells = memo(function Cells({ cells, from, scale, cell, full, height }: CellsProps) {
  if (scale === 0) return null;
  const wide = Math.max(1, cell - (cell > 4 ? 1 : 0));
  return cells.map(({ x, value, level, tall: share }) => {
    const left = (x - from) * scale;
    if (level === 'too-few')
      return (
        <rect
          key={x}
          x={left + 0.5}
          y={height - 3.5}
          width={Math.max(1, wide - 1)}
          height={3}
          fill="none"
          stroke="var(--ink-3)"
          strokeDasharray="1.5 1.5"
        />
      );
    const tall = Math.max(2, Math.min(1, share ?? value / full) * (height - 2));
    return (
      <rect
        key={x}
        x={left}
        y={height - tall}
        width={wide}
        height={tall}
        fill={FILL[level]}
        opacity={level === 'stable' ? 0.55 : 0.82}
      />
    );
  });
});

const RANK = { 'too-few': 0, stable: 1, moderate: 2, large: 3 } as const;

/** Where windows are narrower than a pixel, the worst of each pixel is drawn. */
function worstPerPixel(
  cells: readonly HeatCell[],
  cell: number,
  scale: number,
  from: number,
): readonly HeatCell[] {
  if (cell >= 1) return cells;
  const worst = new Map<number, HeatCell>();
  for (const one of cells) {
    const pixel = Math.floor((one.x - from) * scale);
    const known = worst.get(pixel);
    if (
      !known ||
      RANK[one.level] > RANK[known.level] ||
      (one.level === known.level && one.value > known.value)
    )
      worst.set(pixel, one);
  }
  return [...worst.values()];
}

/** A level as a word of the screen. */
export const levelWord = (level: HeatCell['level']): string => (level === 'too-few' ? 'no level yet' : level);

function summarise(label: string, cells: readonly HeatCell[], score: string): string {
  const last = cells.at(-1);
  if (!last) return `${label}: no windows yet.`;
  const count = (level: HeatCell['level']) => cells.filter((cell) => cell.level === level).length;
  return `${label}: ${cells.length} windows, ${count('large')} with large drift, ${count('moderate')} moderate; latest ${readTime(last.x)}, ${score} ${readValue(last.value, 'number')}, ${levelWord(last.level)}.`;
}

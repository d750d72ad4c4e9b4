/** One upright axis: its head, its ticks, and a brush with an end that is moved by pointer or by keyboard. */
import { GripHorizontal } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import { cx } from '../ui/cx.ts';
import type { Range } from './curve.ts';
import { brushOf, pushed } from './parallel-rules.ts';
import { scaleOf } from './scale.ts';
import { NONE_SHARE, ticksOf, type ValueAxis, valueText } from './value-axis.ts';

type AxisProps = {
  axis: ValueAxis;
  brush: Range | null;
  onBrush(brush: Range | null): void;
  left: number;
  top: number;
  height: number;
  /** Width of the head. */
  room: number;
  head: ReactNode;
  /** Where it is dragged to, and that it is let go; one place to the left or right by key. */
  onDrag(left: number): void;
  onDrop(): void;
  onStep(by: number): void;
  shifted: boolean;
};

/** How far from the axis a press still means it. */
const GRASP = 14;

export function ParallelAxisView(props: AxisProps): ReactNode {
  const { axis, brush, onBrush, left, top, height, room } = props;
  const scale = scaleOf(axis.range, axis.log);
  const ticks = ticksOf(axis, Math.max(3, Math.floor(height / 46)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks and meaning.
    <div
      className={cx('absolute', props.shifted && 'z-10 opacity-70')}
      style={{ left, top: 0 }}
      role="group"
      aria-label={`Axis ${axis.title}`}
    >
      <div
        className="absolute flex -translate-x-1/2 flex-col items-center"
        style={{ width: room, height: top - 8 }}
      >
        <Grip {...props} />
        <div className="min-w-0 max-w-full">{props.head}</div>
      </div>
      <svg
        aria-hidden="true"
        className="pointer-events-none absolute overflow-visible"
        style={{ left: 0, top }}
        width="1"
        height={height}
      >
        <line y1={0} y2={height} x1={0} x2={0} className="stroke-line-strong" strokeWidth="1" />
        {ticks.map(({ value, label }) => {
          const y = (1 - scale.share(value)) * height;
          return (
            <g key={value} transform={`translate(0 ${y})`}>
              <line x1={-4} x2={0} y1={0} y2={0} className="stroke-line-strong" />
              <text
                x={-7}
                dy="0.32em"
                textAnchor="end"
                className="num fill-ink-2 stroke-surface text-2xs"
                strokeWidth="3"
                paintOrder="stroke"
              >
                {label.length > 14 ? `${label.slice(0, 13)}…` : label}
              </text>
            </g>
          );
        })}
        {axis.missing ? (
          <text
            x={-7}
            y={(1 - NONE_SHARE) * height}
            dy="0.32em"
            textAnchor="end"
            className="fill-ink-3 stroke-surface text-2xs"
            strokeWidth="3"
            paintOrder="stroke"
          >
            none
          </text>
        ) : null}
      </svg>
      <Brush axis={axis} brush={brush} onBrush={onBrush} top={top} height={height} />
    </div>
  );
}

function Grip({ axis, left, onDrag, onDrop, onStep }: AxisProps): ReactNode {
  const from = useRef<{ pointer: number; left: number } | null>(null);
  return (
    <button
      type="button"
      aria-label={`Move ${axis.title}: arrow keys, or drag`}
      title="Drag, or arrow keys, to move the axis"
      className="grid h-5 w-8 cursor-grab touch-none place-items-center rounded-xs text-ink-3 hover:bg-hover hover:text-ink"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { pointer: event.clientX, left };
      }}
      onPointerMove={(event) => {
        if (from.current) onDrag(from.current.left + event.clientX - from.current.pointer);
      }}
      onPointerUp={() => {
        from.current = null;
        onDrop();
      }}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (by === 0) return;
        event.preventDefault();
        onStep(by);
      }}
    >
      <GripHorizontal size={13} aria-hidden="true" />
    </button>
  );
}

/** Where a drag keeps one end, or the brush that is pushed as a whole. */
type Drag = { begin: number; moving: Range | null; resizing: boolean };
/** Pixels around an end of the brush that take hold of it. */
const EDGE = 7;

function dragFrom(share: number, brush: Range | null, edge: number): Drag {
  if (brush && Math.abs(share - brush[0]) < edge) return { begin: brush[1], moving: null, resizing: true };
  if (brush && Math.abs(share - brush[1]) < edge) return { begin: brush[0], moving: null, resizing: true };
  const inside = brush !== null && share > brush[0] && share < brush[1];
  return { begin: share, moving: inside ? brush : null, resizing: false };
}

type BrushProps = Pick<AxisProps, 'axis' | 'brush' | 'onBrush' | 'top' | 'height'>;

function Brush({ axis, brush, onBrush, top, height }: BrushProps): ReactNode {
  const drag = useRef<Drag | null>(null);
  const shareAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return 1 - (event.clientY - box.top) / box.height;
  };
  const [low, high] = brush ?? [0, 1];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the two sliders inside do the same by keyboard.
    <div
      className="absolute -translate-x-1/2 cursor-ns-resize touch-none"
      style={{ left: 0, top, width: GRASP * 2, height }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = dragFrom(shareAt(event), brush, EDGE / height);
      }}
      onPointerMove={(event) => {
        const at = drag.current;
        if (!at) return;
        const now = shareAt(event);
        if (at.moving) onBrush(pushed(at.moving, now - at.begin));
        else if (at.resizing || Math.abs(now - at.begin) > 0.012) onBrush(brushOf(at.begin, now) ?? brush);
      }}
      onPointerUp={(event) => {
        const at = drag.current;
        drag.current = null;
        // A click outside the brush takes it away; with names, a click on one picks it.
        if (!at || at.moving || at.resizing || Math.abs(shareAt(event) - at.begin) > 0.012) return;
        onBrush(axis.categories && !brush ? around(axis, at.begin) : null);
      }}
      onDoubleClick={() => onBrush(null)}
      onPointerCancel={() => {
        drag.current = null;
      }}
    >
      {brush ? (
        <div
          aria-hidden="true"
          className="absolute inset-x-1.5 border border-accent bg-accent/25"
          style={{ top: (1 - high) * height, height: (high - low) * height }}
        />
      ) : null}
      <End axis={axis} brush={brush} onBrush={onBrush} which="highest" height={height} />
      <End axis={axis} brush={brush} onBrush={onBrush} which="lowest" height={height} />
    </div>
  );
}

/** The stretch of one name. */
function around(axis: ValueAxis, share: number): Range {
  const scale = scaleOf(axis.range, false);
  const at = Math.round(scale.value(share));
  return [Math.max(0, scale.share(at - 0.5)), Math.min(1, scale.share(at + 0.5))];
}

/** One end of the brush. Without a brush it lies at the end of the axis, where a key begins one. */
function End({
  axis,
  brush,
  onBrush,
  which,
  height,
}: Omit<BrushProps, 'top'> & { which: 'lowest' | 'highest' }): ReactNode {
  const lower = which === 'lowest';
  const [low, high] = brush ?? [0, 1];
  const share = lower ? low : high;
  const step = axis.categories ? 1 / Math.max(1, axis.categories.length) : 0.02;
  const move = (to: number) => {
    const bounded = Math.max(0, Math.min(1, to));
    const next: Range = lower ? [Math.min(bounded, high - 0.01), high] : [low, Math.max(bounded, low + 0.01)];
    onBrush(next[0] <= 1e-9 && next[1] >= 1 - 1e-9 ? null : next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowUp: step,
      ArrowRight: step,
      ArrowDown: -step,
      ArrowLeft: -step,
      PageUp: step * 5,
      PageDown: -step * 5,
    }[event.key];
    if (by !== undefined) move(share + by);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(1);
    else if (event.key === 'Escape' && brush) onBrush(null);
    else return;
    event.preventDefault();
  };
  const value = scaleOf(axis.range, axis.log).value(share);
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${axis.title}, ${which} that is picked`}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={valueText(axis, value)}
      onKeyDown={onKeyDown}
      className={cx(
        'pointer-events-none absolute left-1/2 h-2 w-5 -translate-x-1/2 -translate-y-1/2 rounded-full border border-accent bg-surface',
        brush ? 'opacity-100' : 'opacity-0 focus-visible:opacity-100',
      )}
      style={{ top: (1 - share) * height }}
    />
  );
}

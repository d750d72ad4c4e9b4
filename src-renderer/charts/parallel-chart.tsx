/** Parallel coordinates: an axis for each column, a line for each run, brushes that pick runs out. */
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Range } from './curve.ts';
import type { Highlight } from './highlight.ts';
import { openSurface, type Surface } from './painter.ts';
import type { PaintItem } from './painter-items.ts';
import { ParallelAxisView } from './parallel-axis.tsx';
import { lineAlpha, moved, nearestLine, passing, type Shares } from './parallel-rules.ts';
import { useChartTheme } from './theme.ts';
import { useWidth } from './use-width.ts';
import { sharesOf, type ValueAxis, valueText } from './value-axis.ts';

export type ParallelProps = {
  /** Names the picture for those who do not see it. */
  title: string;
  summary: string;
  names: readonly string[];
  axes: readonly ValueAxis[];
  brushes: Readonly<Record<string, Range>>;
  onBrush(id: string, brush: Range | null): void;
  onOrder(ids: string[]): void;
  /** The menu in an axis's head. */
  head(axis: ValueAxis, at: number): ReactNode;
  /** Colours, each line's place among them, and the order in which lines are drawn, the last on top. */
  colors: { palette: readonly string[]; places: Uint8Array; order: Uint32Array };
  highlight: Highlight;
  ids: readonly string[];
  onOpen(id: string): void;
  height: number;
};

/** Room above the axes for their heads, below for "none", and at the sides for labels. */
const HEAD = 58;
const FOOT = 34;
const SIDE = 74;
/** Axes closer than this cannot be read; then the picture scrolls. */
const LEAST_GAP = 104;
/** Share of the height within which a line is meant. */
const REACH = 0.03;

export function ParallelChart(props: ParallelProps): ReactNode {
  const { axes, brushes, names, colors, height, highlight, ids } = props;
  const theme = useChartTheme();
  const [box, room] = useWidth();
  const context = useRef<HTMLDivElement>(null);
  const layers = useRef<{ all: Surface; picked: Surface; canvas: HTMLCanvasElement } | null>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number; left: number } | null>(null);
  const [hovered, setHovered] = useState<{ line: number; left: number; top: number } | null>(null);

  const width = Math.max(room, SIDE * 2 + LEAST_GAP * (axes.length - 1));
  const gap = axes.length > 1 ? (width - SIDE * 2) / (axes.length - 1) : 0;
  const tall = Math.max(80, height - HEAD - FOOT);
  const shares = useMemo<Shares>(() => axes.map(sharesOf), [axes]);
  const anyBrush = axes.some(({ id }) => brushes[id]);
  const mask = useMemo(
    () =>
      passing(
        shares,
        axes.map(({ id }) => brushes[id] ?? null),
        names.length,
      ),
    [shares, axes, brushes, names.length],
  );

  useEffect(() => {
    const host = context.current;
    if (!host) return;
    const [all, picked] = [document.createElement('canvas'), document.createElement('canvas')];
    for (const canvas of [all, picked]) canvas.className = 'absolute inset-0 size-full';
    host.prepend(all, picked);
    let painted = 0;
    layers.current = {
      canvas: all,
      all: openSurface(all),
      picked: openSurface(picked, () => host.setAttribute('data-painted', String(++painted))),
    };
    return () => {
      layers.current?.all.close();
      layers.current?.picked.close();
      layers.current = null;
      all.remove();
      picked.remove();
    };
  }, []);

  useEffect(() => {
    if (room === 0) return;
    const order = colors.order.filter((line) => mask[line] === 1);
    const lines = linesOf(shares, order, gap, tall);
    const places = Uint8Array.from(order, (line) => colors.places[line] ?? 0);
    layers.current?.picked.paint({ width, height: tall + FOOT }, [
      { ...LINE, ...lines, palette: colors.palette, colors: places, alpha: lineAlpha(order.length) },
    ]);
  }, [shares, mask, colors, gap, tall, width, room]);

  // The lines that brushes leave out: drawn faintly, once for the data, and only while there is a brush.
  useEffect(() => {
    if (layers.current) layers.current.canvas.style.opacity = anyBrush ? '1' : '0';
    if (room === 0 || !anyBrush) return;
    const all = linesOf(
      shares,
      Uint32Array.from(names, (_, at) => at),
      gap,
      tall,
    );
    layers.current?.all.paint({ width, height: tall + FOOT }, [
      { ...LINE, ...all, palette: [theme.axis], alpha: lineAlpha(names.length) * 0.22 },
    ]);
  }, [shares, names, gap, tall, width, room, theme, anyBrush]);

  // One line above all others; drawn here, since one line costs nothing.
  const drawAbove = (line: number) => {
    const canvas = above.current;
    const pen = canvas?.getContext('2d');
    if (!canvas || !pen) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((tall + FOOT) * ratio);
    if (line < 0) return;
    pen.scale(ratio, ratio);
    const { points } = linesOf(shares, Uint32Array.of(line), gap, tall);
    for (const [color, thick] of [
      [theme.surface, 6],
      [colors.palette[colors.places[line] ?? 0] ?? theme.axis, 3],
    ] as const) {
      pen.beginPath();
      for (let i = 0; i < points.length; i += 2) pen.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
      pen.strokeStyle = color;
      pen.lineWidth = thick;
      pen.lineJoin = 'round';
      pen.stroke();
    }
  };
  const latest = useRef(drawAbove);
  latest.current = drawAbove;
  useEffect(
    () =>
      highlight.subscribe(() => {
        const wanted = highlight.get();
        latest.current(wanted === null ? -1 : ids.indexOf(wanted));
      }),
    [highlight, ids],
  );

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const [left, top] = [event.clientX - frame.left, event.clientY - frame.top];
    const position = gap > 0 ? (left - SIDE) / gap : 0;
    const line = nearestLine(shares, mask, position, 1 - top / tall, REACH);
    setHovered(line < 0 ? null : { line, left, top });
    highlight.set(ids[line] ?? null);
  };
  const leave = () => {
    setHovered(null);
    highlight.set(null);
  };
  const place = (at: number) => (drag && drag.from === at ? drag.left : SIDE + gap * at);
  const drop = () => {
    if (drag && drag.from !== drag.to)
      props.onOrder(
        moved(
          axes.map(({ id }) => id),
          drag.from,
          drag.to,
        ),
      );
    setDrag(null);
  };

  return (
    <div ref={box} className="overflow-x-auto overflow-y-hidden">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks and meaning. */}
      <div role="group" aria-label={props.title} className="relative select-none" style={{ width, height }}>
        <p className="sr-only">{props.summary}</p>
        <div
          ref={context}
          aria-hidden="true"
          className="absolute inset-x-0"
          style={{ top: HEAD, height: tall + FOOT }}
          onPointerMove={point}
          onPointerLeave={leave}
          onClick={() => hovered && ids[hovered.line] && props.onOpen(ids[hovered.line] ?? '')}
        >
          <canvas ref={above} className="pointer-events-none absolute inset-0 size-full" />
        </div>
        {axes.map((axis, at) => (
          <ParallelAxisView
            key={axis.id}
            axis={axis}
            brush={brushes[axis.id] ?? null}
            onBrush={(brush) => props.onBrush(axis.id, brush)}
            left={place(at)}
            top={HEAD}
            height={tall}
            room={Math.max(60, (gap || width) - 10)}
            head={props.head(axis, at)}
            onDrag={(left) => {
              const to = Math.max(0, Math.min(axes.length - 1, Math.round((left - SIDE) / (gap || 1))));
              setDrag({ from: at, to, left });
            }}
            onDrop={drop}
            onStep={(by) =>
              props.onOrder(
                moved(
                  axes.map(({ id }) => id),
                  at,
                  at + by,
                ),
              )
            }
            shifted={drag !== null && drag.from === at}
          />
        ))}
        {drag ? (
          <div
            aria-hidden="true"
            className="absolute w-0.5 bg-accent"
            style={{ left: SIDE + gap * drag.to - 1, top: HEAD, height: tall }}
          />
        ) : null}
        {hovered ? (
          <Values
            name={names[hovered.line] ?? ''}
            axes={axes}
            line={hovered.line}
            left={hovered.left}
            top={hovered.top + HEAD}
            width={width}
            height={height}
          />
        ) : null}
      </div>
    </div>
  );
}

const LINE = { kind: 'lines', width: 1 } as const satisfies Partial<PaintItem>;

/** Lines through all axes, in pixels of the picture below the heads. */
function linesOf(
  shares: Shares,
  order: Uint32Array,
  gap: number,
  height: number,
): { points: Float32Array; each: number } {
  const each = shares.length;
  const points = new Float32Array(order.length * each * 2);
  let at = 0;
  for (const line of order)
    for (let axis = 0; axis < each; axis++) {
      points[at++] = SIDE + gap * axis;
      points[at++] = (1 - (shares[axis]?.[line] ?? 0)) * height;
    }
  return { points, each };
}

function Values({
  name,
  axes,
  line,
  left,
  top,
  width,
  height,
}: {
  name: string;
  axes: readonly ValueAxis[];
  line: number;
  left: number;
  top: number;
  width: number;
  height: number;
}) {
  const style = left > width / 2 ? { right: width - left + 14 } : { left: left + 14 };
  return (
    <div
      aria-hidden="true"
      className="num pointer-events-none absolute z-20 max-w-72 rounded-sm border border-line bg-raised px-2 py-1 text-xs shadow-lg"
      style={{ ...style, top: Math.min(top, Math.max(0, height - 30 - axes.length * 16)) }}
    >
      <div className="truncate font-medium">{name}</div>
      {axes.map((axis) => (
        <div key={axis.id} className="flex gap-3">
          <span className="min-w-0 flex-1 truncate text-ink-3">{axis.title}</span>
          <span>{valueText(axis, axis.values[line] ?? Number.NaN)}</span>
        </div>
      ))}
    </div>
  );
}

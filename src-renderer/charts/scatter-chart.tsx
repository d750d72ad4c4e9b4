/** A dot for each run over two of its values. */
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { ChartSurface } from './chart-surface.tsx';
import { airy, type Range } from './curve.ts';
import { createFrame, type Frame, type FrameAxis } from './frame.ts';
import { insideBox, nearestDot, type Places, type Trend } from './scatter-rules.ts';
import { useChartTheme } from './theme.ts';
import { type ValueAxis, valueText } from './value-axis.ts';

export type ScatterProps = {
  title: string;
  names: readonly string[];
  x: ValueAxis;
  y: ValueAxis;
  /** What the colour says, for the text beside a dot. */
  color: ValueAxis | null;
  colors: { palette: readonly string[]; places: Uint8Array; order: Uint32Array };
  /** Dots that are ringed. */
  marked: Uint8Array | null;
  /** In the units of the axes, logarithms of base ten where an axis has them. */
  trend: Trend | null;
  onOpen(at: number): void;
  /** A box was drawn around these. */
  onBox(dots: number[]): void;
  height: number;
};

const REACH = 18;

export function ScatterChart(props: ScatterProps): ReactNode {
  const { title, names, x, y, colors, color, marked, trend, height } = props;
  const theme = useChartTheme();
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<Frame | null>(null);
  const places = useRef<Places>({ x: new Float32Array(), y: new Float32Array() });
  const [at, setAt] = useState(-1);
  const spec = useMemo(
    () => ({ x: frameAxis(x), y: frameAxis(y), theme, drag: 'box' as const }),
    [x, y, theme],
  );
  const latest = useRef({ props, spec, at });
  latest.current = { props, spec, at };

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let draggedAt = Number.NEGATIVE_INFINITY;
    const made = createFrame(
      element,
      latest.current.spec,
      { width: Math.max(80, element.clientWidth), height },
      {
        onLayout() {
          places.current = paint(made, latest.current.props);
          ring(made, latest.current.props, places.current, latest.current.at);
        },
        onPointer(pointer) {
          if (pointer && !pointer.own) return;
          setAt(pointer ? nearestDot(places.current, pointer.left, pointer.top, REACH) : -1);
        },
        onDrag(boxX, boxY) {
          draggedAt = performance.now();
          const { props: now } = latest.current;
          now.onBox(insideBox(now.x.values, now.y.values, boxX, boxY));
        },
        onClick(pointer) {
          if (performance.now() - draggedAt < 300) return;
          const dot = nearestDot(places.current, pointer.left, pointer.top, REACH);
          if (dot >= 0) latest.current.props.onOpen(dot);
        },
        onReset: () => {},
        onPainted: () => element.setAttribute('data-painted', String(latest.current.props.names.length)),
      },
    );
    frame.current = made;
    const observer = new ResizeObserver(() => made.resize(Math.max(80, element.clientWidth), height));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      frame.current = null;
    };
  }, [height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is painted is named here and read through `latest`.
  useEffect(() => {
    frame.current?.update(latest.current.spec);
  }, [spec, colors, trend, names]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    if (frame.current) ring(frame.current, latest.current.props, places.current, at);
  }, [at, marked]);

  // Left to right, as the dots lie.
  const along = useMemo(
    () =>
      [...x.values.keys()]
        .filter((dot) => !Number.isNaN(x.values[dot]) && !Number.isNaN(y.values[dot]))
        .sort((a, b) => (x.values[a] ?? 0) - (x.values[b] ?? 0)),
    [x, y],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by !== 0) {
      const now = along.indexOf(at);
      const next = now < 0 ? (by > 0 ? 0 : along.length - 1) : now + by;
      setAt(along[Math.max(0, Math.min(along.length - 1, next))] ?? -1);
    } else if (event.key === 'Enter' && at >= 0) props.onOpen(at);
    else if (event.key === 'Escape') setAt(-1);
    else return;
    event.preventDefault();
  };
  const said = [x, y, ...(color && color.id !== x.id && color.id !== y.id ? [color] : [])];
  const pane = frame.current?.pane();
  const [left, top] = [
    (places.current.x[at] ?? 0) + (pane?.left ?? 0),
    (places.current.y[at] ?? 0) + (pane?.top ?? 0),
  ];
  const onLeft = pane !== undefined && left > pane.left + pane.width / 2;
  return (
    <div className="relative">
      <ChartSurface
        ref={host}
        label={`${title}. Left and right go from dot to dot, Enter opens the run.`}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(-1)}
        className="rounded-sm"
        style={{ height }}
      />
      <p aria-live="polite" className="sr-only">
        {at >= 0 ? `${names[at]}: ${said.map((axis) => `${axis.title} ${textOf(axis, at)}`).join(', ')}` : ''}
      </p>
      {at >= 0 ? (
        <div
          aria-hidden="true"
          className="num pointer-events-none absolute z-20 max-w-72 rounded-sm border border-line bg-raised px-2 py-1 text-xs shadow-lg"
          style={{
            ...(onLeft ? { right: `calc(100% - ${left - 14}px)` } : { left: left + 14 }),
            top: Math.max(0, Math.min(top - 20, height - 80)),
          }}
        >
          <div className="truncate font-medium">{names[at]}</div>
          {said.map((axis) => (
            <div key={axis.id} className="flex gap-3">
              <span className="min-w-0 flex-1 truncate text-ink-3">{axis.title}</span>
              <span>{textOf(axis, at)}</span>
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}

const textOf = (axis: ValueAxis, at: number): string => valueText(axis, axis.values[at] ?? Number.NaN);

function frameAxis(axis: ValueAxis): FrameAxis {
  const { categories, kind, log, range, title } = axis;
  if (categories) return { kind: 'category', range, categories, label: title };
  const shown: Range = airy(range, log, 0.04);
  return { kind: kind === 'duration' ? 'relative' : kind, range: shown, log, label: title };
}

/** Paints all dots and gives their places in pixels, NaN for those without both values. */
function paint(frame: Frame, { x, y, colors, trend }: ScatterProps): Places {
  const pane = frame.pane();
  const [xScale, yScale] = [frame.x(), frame.y()];
  const found = {
    x: Float32Array.from(x.values, (value) => xScale.share(value) * pane.width),
    y: Float32Array.from(y.values, (value) => (1 - yScale.share(value)) * pane.height),
  };
  const order = colors.order.filter((at) => !Number.isNaN(found.x[at]) && !Number.isNaN(found.y[at]));
  const points = new Float32Array(order.length * 2);
  order.forEach((dot, at) => {
    points[at * 2] = found.x[dot] ?? 0;
    points[at * 2 + 1] = found.y[dot] ?? 0;
  });
  const many = order.length;
  frame.paint([
    {
      kind: 'dots',
      points,
      palette: colors.palette,
      colors: Uint8Array.from(order, (dot) => colors.places[dot] ?? 0),
      alpha: many > 2000 ? 0.45 : many > 300 ? 0.7 : 0.9,
      radius: many > 2000 ? 2.5 : many > 300 ? 3.5 : 4.5,
    },
    ...(trend ? [trendItem(frame, trend, x, y)] : []),
  ]);
  return found;
}

function trendItem(frame: Frame, trend: Trend, x: ValueAxis, y: ValueAxis) {
  const pane = frame.pane();
  const points = new Float32Array(4);
  [0, 1].forEach((end) => {
    const at = frame.x().value(end);
    const value = trend.intercept + trend.slope * (x.log ? Math.log10(at) : at);
    points[end * 2] = end * pane.width;
    points[end * 2 + 1] = (1 - frame.y().share(y.log ? 10 ** value : value)) * pane.height;
  });
  return { kind: 'lines' as const, points, palette: ['#808080'], alpha: 0.9, width: 1.5, dash: [5, 4] };
}

/** Rings around selected dots, and a larger one around the dot that is pointed at. */
function ring(frame: Frame, { marked, colors }: ScatterProps, places: Places, at: number): void {
  const colorOf = (dot: number) => colors.palette[colors.places[dot] ?? 0] ?? '#808080';
  frame.over((context) => {
    const circle = (dot: number, radius: number, width: number) => {
      context.beginPath();
      context.arc(places.x[dot] ?? 0, places.y[dot] ?? 0, radius, 0, 2 * Math.PI);
      context.strokeStyle = colorOf(dot);
      context.lineWidth = width;
      context.stroke();
    };
    marked?.forEach((on, dot) => {
      if (on) circle(dot, 7, 1.5);
    });
    if (at >= 0) circle(at, 8, 2.5);
  });
}

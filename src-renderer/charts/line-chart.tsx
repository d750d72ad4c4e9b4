/** Any number of curves in one chart: bands, ghosts, a crosshair shared with other charts, zoom by drag. */
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { ChartFrame } from './chart-frame.tsx';
import { airy, type Curve, firstAtLeast, type Range, rangeOfX, rangeOfY } from './curve.ts';
import { curveItems, project } from './curve-paint.ts';
import { createFrame, type Frame, type FrameAxis, type Pointer } from './frame.ts';
import type { Highlight } from './highlight.ts';
import { readingsAt } from './line-pick.ts';
import { createReadSignal, HeadReadout, PointerReadout } from './line-readout.tsx';
import { curvesSummary, curvesTable } from './line-words.ts';
import { forgetPaint, queuePaint } from './paint-queue.ts';
import { useChartTheme } from './theme.ts';

export type LineChartProps = {
  title: string;
  hideTitle?: boolean;
  curves: readonly Curve[];
  x: { kind: FrameAxis['kind']; log: boolean; name: string };
  logY: boolean;
  /** Leaves outliers out of the range of y. */
  clip: boolean;
  height: number;
  /** The shown stretch of x; null for all of it. */
  zoom: Range | null;
  onZoom(zoom: Range | null): void;
  highlight: Highlight;
  /** Curves that stand out for good. */
  pinned: ReadonlySet<string>;
  /** A click on a curve, or Enter on the one under the crosshair. */
  onPick(id: string): void;
  syncKey?: string;
  /** Said instead of an empty plot. */
  emptyText: string;
  actions?: ReactNode;
};

/** Pixels within which a curve is meant. */
const REACH = 32;

export function LineChart(props: LineChartProps): ReactNode {
  const { title, curves, x, logY, clip, height, zoom, highlight, pinned, syncKey } = props;
  const theme = useChartTheme();
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<Frame | null>(null);
  const [signal] = useState(createReadSignal);
  const byId = useMemo(() => new Map(curves.map((curve) => [curve.id, curve])), [curves]);
  const empty = curves.length === 0;
  const summary = useMemo(
    () => curvesSummary(title, curves, props.emptyText),
    [title, curves, props.emptyText],
  );

  const xRange = useMemo<Range>(() => {
    if (zoom) return zoom;
    return airy(
      rangeOfX(
        curves.map(({ points }) => points),
        x.log,
      ),
      x.log,
      0.012,
    );
  }, [curves, zoom, x.log]);
  const yRange = useMemo(
    () => airy(rangeOfY(curves, xRange, { clip, log: logY }), logY),
    [curves, xRange, clip, logY],
  );

  const latest = useRef({ props, xRange, yRange, theme, byId });
  latest.current = { props, xRange, yRange, theme, byId };

  useEffect(() => {
    const element = host.current;
    if (!element || empty) return;
    let draggedAt = Number.NEGATIVE_INFINITY;
    let pending = 0;
    let points = 0;
    const made = createFrame(
      element,
      specOf(latest.current),
      { width: Math.max(80, element.clientWidth), height },
      {
        // Told only after this function has returned: uPlot draws in a microtask.
        onLayout() {
          points = paint(made, latest.current);
        },
        onPointer(pointer) {
          cancelAnimationFrame(pending);
          pending = requestAnimationFrame(() => read(made, pointer));
        },
        onDrag(range) {
          draggedAt = performance.now();
          latest.current.props.onZoom(range);
        },
        onClick(pointer) {
          if (performance.now() - draggedAt < 300) return;
          const [nearest] = readingsAt(latest.current.props.curves, pointer, paneOf(made));
          if (nearest && nearest.apart < REACH) latest.current.props.onPick(nearest.id);
        },
        onReset: () => latest.current.props.onZoom(null),
        onPainted: () => element.setAttribute('data-points', String(points)),
      },
    );
    frame.current = made;
    const drawOver = () => drawMarked(made, latest.current.props, signal.get()?.x ?? null, theme);
    const stopListening = highlight.subscribe(drawOver);
    function read(of: Frame, pointer: Pointer | null): void {
      const { curves: shown } = latest.current.props;
      if (!pointer) {
        if (signal.get()?.pointer) latest.current.props.highlight.set(null);
        signal.set(null);
        drawOver();
        return;
      }
      const pane = paneOf(of);
      const readings = readingsAt(shown, pointer, pane);
      if (pointer.own) {
        const [nearest] = readings;
        latest.current.props.highlight.set(nearest && nearest.apart < REACH ? nearest.id : null);
      } else {
        const wanted = latest.current.props.highlight.get();
        readings.sort((a, b) => Number(b.id === wanted) - Number(a.id === wanted));
      }
      signal.set({
        x: pane.x.value(pointer.left / pane.width),
        readings,
        pointer: pointer.own ? pointer : null,
      });
      drawOver();
    }
    const observer = new ResizeObserver(() => {
      made.resize(Math.max(80, element.clientWidth), height);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      stopListening();
      cancelAnimationFrame(pending);
      forgetPaint(made);
      made.destroy();
      frame.current = null;
      signal.set(null);
    };
  }, [height, empty, highlight, signal, theme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the frame reads through `latest` is named here.
  useEffect(() => {
    const made = frame.current;
    if (made) queuePaint(made, () => made.update(specOf(latest.current)));
  }, [curves, xRange, yRange, x.kind, x.name, x.log, logY, theme, syncKey]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    if (frame.current) drawMarked(frame.current, latest.current.props, signal.get()?.x ?? null, theme);
  }, [pinned]);

  const onKeyDown = (event: KeyboardEvent) => {
    const made = frame.current;
    if (!made) return;
    if (!moveByKey(event.key, event.shiftKey, made, props, xRange, signal.get()?.x ?? null)) return;
    event.preventDefault();
  };

  return (
    <ChartFrame
      title={title}
      hideTitle={props.hideTitle}
      summary={summary}
      table={() => curvesTable(curves, x.kind, x.name)}
      height={height}
      legend={<HeadReadout signal={signal} curves={byId} xKind={x.kind} xName={x.name} />}
      actions={
        <>
          {zoom ? (
            <button
              type="button"
              onClick={() => props.onZoom(null)}
              className="h-6 shrink-0 rounded-sm border border-line px-1.5 text-xs text-ink-2 hover:bg-hover"
            >
              Whole range
            </button>
          ) : null}
          {props.actions}
        </>
      }
    >
      {empty ? (
        <div
          className="grid place-items-center rounded-md border border-dashed border-line px-4 text-center text-xs text-ink-3"
          style={{ height }}
        >
          {props.emptyText}
        </div>
      ) : (
        <div className="relative">
          {/* biome-ignore lint/a11y/useSemanticElements: a canvas plot has no element of its own. */}
          <div
            ref={host}
            role="group"
            aria-roledescription="chart"
            aria-label={`${title}. Left and right move the crosshair, up and down go from curve to curve, Enter pins one, Escape shows the whole range.`}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the crosshair is moved by keyboard.
            tabIndex={0}
            onKeyDown={onKeyDown}
            onBlur={() => frame.current?.point(null)}
            className="rounded-sm"
            style={{ height }}
          />
          <PointerReadout signal={signal} curves={byId} pane={() => frame.current?.pane() ?? null} />
        </div>
      )}
    </ChartFrame>
  );
}

type Latest = {
  props: LineChartProps;
  xRange: Range;
  yRange: Range;
  theme: ReturnType<typeof useChartTheme>;
};

const specOf = ({ props, xRange, yRange, theme }: Latest) => ({
  x: {
    kind: props.x.kind,
    log: props.x.log,
    range: xRange,
    ...(props.x.kind === 'number' ? { label: props.x.name } : {}),
  },
  y: { kind: 'number' as const, log: props.logY, range: yRange },
  theme,
  syncKey: props.syncKey,
  drag: 'x' as const,
});

const paneOf = (frame: Frame) => ({ ...frame.pane(), x: frame.x(), y: frame.y() });

/** Paints all curves; gives the number of points in sight. */
function paint(frame: Frame, { props, xRange, theme }: Latest): number {
  const { curves } = props;
  const pane = { ...paneOf(frame), xRange };
  const band = curves.length > 30 ? 0.08 : curves.length > 8 ? 0.14 : 0.22;
  frame.paint(
    curves.flatMap((curve) =>
      curveItems({ ...curve, color: theme.color(curve.color), dots: curves.length <= 12, band }, pane),
    ),
  );
  drawMarked(frame, props, null, theme);
  return curves.reduce(
    (sum, { points: { x } }) => sum + firstAtLeast(x, xRange[1]) - firstAtLeast(x, xRange[0]),
    0,
  );
}

/** The curve under the pointer and the pinned ones, above the others, with a dot where the crosshair reads them. */
function drawMarked(
  frame: Frame,
  { curves, highlight, pinned }: LineChartProps,
  at: number | null,
  theme: Latest['theme'],
): void {
  const wanted = highlight.get();
  const hovered = curves.find(({ id }) => id === wanted);
  const marked = [
    ...curves.filter(({ id }) => pinned.has(id) && id !== wanted),
    ...(hovered ? [hovered] : []),
  ];
  const lone = curves.length === 1;
  frame.dim(!lone && (hovered !== undefined || (pinned.size > 0 && marked.length > 0)));
  const drawn = lone && at !== null ? curves : marked;
  if (drawn.length === 0) {
    frame.over(null);
    return;
  }
  frame.over((context) => {
    const pane = { ...paneOf(frame), xRange: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as Range };
    for (const curve of drawn) {
      const line = project(curve.points.x, curve.points.y, 0, curve.points.x.length, pane);
      const color = theme.color(curve.color);
      if (!lone) {
        stroke(context, line, theme.surface, 5);
        context.setLineDash(curve.dashed ? [6, 3] : []);
        stroke(context, line, color, curve === hovered ? 2.5 : 2);
        context.setLineDash([]);
      }
      if (at === null) continue;
      const [reading] = readingsAt([curve], { left: pane.x.share(at) * pane.width, top: 0 }, pane);
      if (!reading) continue;
      context.beginPath();
      context.arc(
        pane.x.share(reading.x) * pane.width,
        (1 - pane.y.share(reading.y)) * pane.height,
        3.5,
        0,
        2 * Math.PI,
      );
      context.fillStyle = color;
      context.strokeStyle = theme.surface;
      context.lineWidth = 1.5;
      context.fill();
      context.stroke();
    }
  });
}

function stroke(context: CanvasRenderingContext2D, line: Float32Array, color: string, width: number): void {
  context.beginPath();
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [line[i] ?? Number.NaN, line[i + 1] ?? Number.NaN];
    if (!Number.isNaN(y)) context.lineTo(x, y);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/** Whether the key meant something here. */
function moveByKey(
  key: string,
  far: boolean,
  frame: Frame,
  props: LineChartProps,
  [low, high]: Range,
  at: number | null,
): boolean {
  const { curves, highlight } = props;
  const across = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  const along = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (across !== 0) {
    const share = at === null ? (across > 0 ? 0 : 1) : frame.x().share(at) + across * (far ? 0.1 : 0.01);
    frame.point(Math.max(low, Math.min(high, frame.x().value(share))));
  } else if (along !== 0) {
    const now = curves.findIndex(({ id }) => id === highlight.get());
    const next = curves[(now + along + curves.length) % curves.length];
    highlight.set(next?.id ?? null);
    if (at !== null) frame.point(at);
  } else if (key === 'Enter' && highlight.get() !== null) props.onPick(highlight.get() ?? '');
  else if (key === 'Escape') {
    if (props.zoom) props.onZoom(null);
    else frame.point(null);
    highlight.set(null);
  } else return false;
  return true;
}

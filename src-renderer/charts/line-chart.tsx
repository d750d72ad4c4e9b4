/** Any number of curves in one chart: bands, ghosts, a crosshair shared with other charts, zoom by drag. */
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { ChartFrame } from './chart-frame.tsx';
import { ChartSurface } from './chart-surface.tsx';
import { airy, type Range, rangeOfX, rangeOfY } from './curve.ts';
import { createFrame, type Frame, type Pointer } from './frame.ts';
import { drawMarked, moveByKey, paint, paneOf, specOf } from './line-draw.ts';
import { readingsAt } from './line-pick.ts';
import { createReadSignal, HeadReadout, PointerReadout } from './line-readout.tsx';
import type { LineChartProps } from './line-spec.ts';
import { curvesSummary, curvesTable } from './line-words.ts';
import { forgetPaint, queuePaint } from './paint-queue.ts';
import { useChartTheme } from './theme.ts';

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
    let over = 0;
    /** Where another chart's crosshair stands in this one. */
    let follows: Pointer | null = null;
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
    // Once a frame, however many reasons there are.
    const drawOver = () => {
      cancelAnimationFrame(over);
      over = requestAnimationFrame(() =>
        drawMarked(made, latest.current.props, signal.get()?.x ?? null, latest.current.theme),
      );
    };
    const stopListening = highlight.subscribe(() => {
      if (follows) read(made, follows);
      else drawOver();
    });
    function read(of: Frame, pointer: Pointer | null): void {
      const { curves: shown } = latest.current.props;
      follows = pointer?.own === false ? pointer : null;
      if (!pointer) {
        if (signal.get()?.pointer) highlight.set(null);
        signal.set(null);
        drawOver();
        return;
      }
      const pane = paneOf(of);
      // A chart that follows another's crosshair reads the curve that stands out there, and no more.
      const wanted = highlight.get();
      const read = pointer.own || shown.length === 1 ? shown : shown.filter(({ id }) => id === wanted);
      const readings = readingsAt(read, pointer, pane);
      if (pointer.own) {
        const [nearest] = readings;
        highlight.set(nearest && nearest.apart < REACH ? nearest.id : null);
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
      cancelAnimationFrame(over);
      forgetPaint(made);
      made.destroy();
      frame.current = null;
      signal.set(null);
    };
  }, [height, empty, highlight, signal]);

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
      legend={
        <HeadReadout
          signal={signal}
          curves={byId}
          xKind={x.kind}
          xName={x.name}
          names={props.names ?? false}
          highlight={highlight}
        />
      }
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
          <ChartSurface
            ref={host}
            label={`${title}. Left and right move the crosshair, up and down go from curve to curve, Enter pins one, Escape shows the whole range.`}
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

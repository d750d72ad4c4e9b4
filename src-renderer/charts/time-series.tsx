/** Lines over time or steps, with intervals, gaps, thresholds and events: the chart of this app. */
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { formatDate, formatTime } from '../lib/format.ts';
import { ChartFrame, type ChartTable } from './chart-frame.tsx';
import { ChartSurface } from './chart-surface.tsx';
import { readTime, readValue, type Unit } from './format.ts';
import { Legend } from './legend.tsx';
import { createPlot, type Plot } from './plot.ts';
import type { EventMark, Hatch, PlotSpec, Threshold } from './plot-spec.ts';
import { useChartTheme } from './theme.ts';
import { nearestPoint, type Point, type Series } from './time-series-data.ts';

export type TimeSeriesProps = {
  title: string;
  /** Written beside the title where the axis labels do not carry it. */
  unitLabel?: string;
  hideTitle?: boolean;
  series: readonly Series[];
  x: PlotSpec['x'];
  unit: Unit;
  height?: number;
  gap?: number;
  /** Points stand for whole days: dates are written without a time of day. */
  daily?: boolean;
  floor?: number;
  ceiling?: number;
  fromZero?: boolean;
  thresholds?: readonly Threshold[];
  events?: readonly EventMark[];
  /** Stretches that are not final yet. */
  hatches?: readonly Hatch[];
  xRange?: readonly [number, number];
  mark?: { x: number; width: number };
  syncKey?: string;
  highlight?: string | null;
  onHighlight?: (id: string | null) => void;
  /** A click, or Enter on the crosshair, picks this x. */
  onPick?: (x: number) => void;
  /** Told where the crosshair stands. */
  onCursor?: (x: number | null) => void;
  /** Width of the value axis in pixels, where charts have to line up. */
  axisWidth?: number;
  /** Said instead of an empty plot. */
  emptyText?: string;
  /** Leave the names out where a table or another chart beside it names the colours. */
  legend?: 'all' | 'values';
  actions?: ReactNode;
};

const NO_THRESHOLDS: readonly Threshold[] = [];
const NO_EVENTS: readonly EventMark[] = [];

export function TimeSeries(props: TimeSeriesProps): ReactNode {
  const { title, series, x, unit, height = 200, thresholds = NO_THRESHOLDS, events = NO_EVENTS } = props;
  const theme = useChartTheme();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [hovered, setHovered] = useState<string | null>(null);
  const [cursorX, setCursorX] = useState<number | null>(null);
  const [zoomed, setZoomed] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);

  const shown = useMemo(() => series.filter(({ id }) => !hidden.has(id)), [series, hidden]);
  const highlight = hovered ?? props.highlight ?? null;
  const spec: PlotSpec = {
    series: shown,
    x,
    unit,
    theme,
    thresholds,
    events,
    highlight,
    gap: props.gap,
    floor: props.floor,
    ceiling: props.ceiling,
    fromZero: props.fromZero,
    xRange: props.xRange,
    mark: props.mark,
    hatches: props.hatches,
    syncKey: props.syncKey,
    axisWidth: props.axisWidth,
  };
  const latest = useRef({ spec, onPick: props.onPick, onCursor: props.onCursor });
  latest.current = { spec, onPick: props.onPick, onCursor: props.onCursor };
  const empty = !series.some(({ points }) => points.some(({ y }) => y !== null && Number.isFinite(y)));

  useEffect(() => {
    const element = host.current;
    if (!element || empty) return;
    const made = createPlot(
      element,
      latest.current.spec,
      { width: Math.max(1, element.clientWidth), height },
      {
        onCursor: (at) => {
          setCursorX(at);
          latest.current.onCursor?.(at);
        },
        onPick: (at) => latest.current.onPick?.(at),
        onZoom: (range) => setZoomed(range !== null),
      },
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.resize(Math.max(1, element.clientWidth), height));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [height, empty]);

  const { gap, floor, ceiling, fromZero, syncKey, hatches } = props;
  const rangeKey = `${props.xRange?.join()}|${props.mark?.x},${props.mark?.width}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the spec is read when any of its parts changed.
  useEffect(() => {
    plot.current?.update(latest.current.spec);
  }, [
    shown,
    thresholds,
    events,
    hatches,
    theme,
    highlight,
    gap,
    floor,
    ceiling,
    fromZero,
    syncKey,
    rangeKey,
    x,
    unit,
  ]);

  const hover = (id: string | null) => {
    setHovered(id);
    props.onHighlight?.(id);
  };
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next.size >= series.length ? new Set() : next);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by !== 0) plot.current?.step(event.shiftKey ? by * 10 : by);
    else if (event.key === 'Escape') plot.current?.step(null);
    else if (event.key === 'Enter' && cursorX !== null && props.onPick) props.onPick(cursorX);
    else return;
    event.preventDefault();
  };

  const reach = useMemo(() => reachOf(series, props.gap), [series, props.gap]);
  const readout = cursorX === null ? null : readoutAt(shown, cursorX, reach);
  const write = (at: number) => xText(at, x, props.daily);

  return (
    <ChartFrame
      title={title}
      unit={props.unitLabel}
      hideTitle={props.hideTitle}
      summary={summarise(props)}
      table={() => tableOf(series, x, unit, props.daily)}
      height={height}
      legend={
        <Legend
          entries={series.map((one) => ({
            id: one.id,
            label: one.label,
            color: one.color,
            dashed: one.dashed ?? false,
            off: hidden.has(one.id),
            value: readout ? (readout.values.get(one.id) ?? null) : lastOf(one),
          }))}
          unit={unit}
          at={readout ? write(cursorX ?? 0) : null}
          live={readout !== null}
          show={props.legend ?? 'all'}
          onHover={hover}
          onToggle={series.length > 1 ? toggle : null}
        />
      }
      actions={
        <>
          {zoomed ? (
            <button
              type="button"
              onClick={() => plot.current?.resetZoom()}
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
          className="grid place-items-center rounded-md border border-dashed border-line text-xs text-ink-3"
          style={{ height }}
        >
          {props.emptyText ?? 'Nothing to draw yet.'}
        </div>
      ) : (
        <ChartSurface
          ref={host}
          label={`${title}. Arrow keys move the crosshair.`}
          onKeyDown={onKeyDown}
          onBlur={() => plot.current?.step(null)}
          className="rounded-sm"
          style={{ height }}
        />
      )}
    </ChartFrame>
  );
}

function xText(at: number, x: PlotSpec['x'], daily = false): string {
  if (x === 'ago') return formatTime(at);
  return daily ? formatDate(at, true) : readTime(at);
}

const lastOf = (series: Series): Point | null => series.points.findLast(({ y }) => y !== null) ?? null;

/** How far from the crosshair a point may lie and still be read: one gap, or 3 % of the range. */
function reachOf(series: readonly Series[], gap: number | undefined): number {
  if (gap !== undefined) return gap / 2;
  const xs = series.flatMap(({ points }) => [points[0]?.x ?? 0, points.at(-1)?.x ?? 0]);
  return xs.length === 0 ? 1 : Math.max((Math.max(...xs) - Math.min(...xs)) * 0.03, 0.5);
}

function readoutAt(
  series: readonly Series[],
  at: number,
  reach: number,
): { values: Map<string, Point | null> } {
  return { values: new Map(series.map((one) => [one.id, nearestPoint(one.points, at, reach)])) };
}

function summarise({ title, series, unit, x, daily, emptyText }: TimeSeriesProps): string {
  const parts = series.slice(0, 8).flatMap((one) => {
    const drawn = one.points.filter((point) => point.y !== null && Number.isFinite(point.y));
    const last = drawn.at(-1);
    if (!last) return [];
    const ys = drawn.map(({ y }) => y ?? 0);
    const low = ys.reduce((a, b) => Math.min(a, b));
    const high = ys.reduce((a, b) => Math.max(a, b));
    return [
      `${one.label}: latest ${readValue(last.y, unit)} at ${xText(last.x, x, daily)}, from ${readValue(low, unit)} to ${readValue(high, unit)} over ${drawn.length} points.`,
    ];
  });
  if (parts.length === 0) return `${title}: ${emptyText ?? 'no values yet'}`;
  const more = series.length > 8 ? ` And ${series.length - 8} more series.` : '';
  return `${title}. ${parts.join(' ')}${more}`;
}

function tableOf(series: readonly Series[], x: PlotSpec['x'], unit: Unit, daily?: boolean): ChartTable {
  const xs = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  const lookups = series.map(({ points }) => new Map(points.map((point) => [point.x, point])));
  return {
    columns: ['Time', ...series.map(({ label }) => label)],
    rows: xs.map((at) => [
      xText(at, x, daily),
      ...lookups.map((lookup) => {
        const point = lookup.get(at);
        return point ? pointText(point, unit) : '';
      }),
    ]),
  };
}

function pointText(point: Point, unit: Unit): string {
  const range =
    point.low != null && point.high != null
      ? ` (${readValue(point.low, unit)} to ${readValue(point.high, unit)})`
      : '';
  const n = point.n === undefined ? '' : `, n = ${point.n.toLocaleString('en-GB')}`;
  return `${readValue(point.y, unit)}${range}${n}${point.note ? `, ${point.note}` : ''}`;
}

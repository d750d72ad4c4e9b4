/** uPlot, wrapped once: builds the canvas plot from a spec and keeps it in step with data, theme and size. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { agoLabel, tickLabel, timeTickLabels, type Unit } from './format.ts';
import type { ChartColor, ChartTheme } from './theme.ts';
import {
  type Aligned,
  alignSeries,
  type ColumnRole,
  niceRange,
  rolesOf,
  type Series,
  valueExtent,
} from './time-series-data.ts';

export type Threshold = { value: number; label: string; color: ChartColor };
export type EventMark = { x: number; label: string };

export type PlotSpec = {
  series: readonly Series[];
  /** `time`: x is milliseconds UTC. `ago`: the same, written as distance from now. `step`: a whole number. */
  x: 'time' | 'ago' | 'step';
  unit: Unit;
  /** Neighbours further apart than this are not joined. */
  gap?: number | undefined;
  floor?: number | undefined;
  ceiling?: number | undefined;
  fromZero?: boolean | undefined;
  logY?: boolean | undefined;
  thresholds?: readonly Threshold[] | undefined;
  events?: readonly EventMark[] | undefined;
  /** Shown range of x; the data's own when left out. */
  xRange?: readonly [number, number] | undefined;
  /** A window that is marked on the axis: its x and its width. */
  mark?: { x: number; width: number } | undefined;
  /** Charts with the same key share their crosshair. */
  syncKey?: string | undefined;
  /** Width of the value axis, in CSS pixels; as wide as its labels when left out. */
  axisWidth?: number | undefined;
  /** The series that stands out; the others step back. */
  highlight?: string | null | undefined;
  theme: ChartTheme;
};

export type PlotHandlers = {
  onCursor: (x: number | null) => void;
  onPick: (x: number) => void;
  onZoom: (range: readonly [number, number] | null) => void;
};

export type Plot = {
  update: (spec: PlotSpec) => void;
  resize: (width: number, height: number) => void;
  /** Moves the crosshair by keyboard: `by` data columns, or to nothing. */
  step: (by: number | null) => void;
  resetZoom: () => void;
  destroy: () => void;
};

const FADED = 0.18;
/** Room right of the plot, in pixels, for half of the last date. */
export const PLOT_RIGHT = 20;

/** What forces a new uPlot instead of new data in the old one. */
const shapeOf = (spec: PlotSpec): string =>
  JSON.stringify([
    spec.series.map(({ id, color, dashed }) => [id, color, dashed]),
    rolesOf(spec.series),
    spec.x,
    spec.logY,
    spec.unit,
    spec.syncKey,
  ]);

export function createPlot(
  host: HTMLElement,
  first: PlotSpec,
  size: { width: number; height: number },
  handlers: PlotHandlers,
): Plot {
  let spec = first;
  let { width, height } = size;
  let roles = rolesOf(spec.series);
  let aligned = alignSeries(spec.series, roles, spec.gap);
  let zoom: [number, number] | null = null;
  let shape = shapeOf(spec);
  let plot = build();

  function build(): uPlot {
    return new uPlot(
      options({ width, height, aligned, roles, spec: () => spec, zoom: () => zoom, setZoom, handlers }),
      dataOf(aligned),
      host,
    );
  }

  function setZoom(range: [number, number] | null): void {
    zoom = range;
    plot.setData(dataOf(aligned), true);
    handlers.onZoom(range);
  }

  return {
    update(next) {
      const dataChanged = next.series !== spec.series || next.gap !== spec.gap;
      spec = next;
      if (dataChanged) {
        roles = rolesOf(spec.series);
        aligned = alignSeries(spec.series, roles, spec.gap);
      }
      const nextShape = shapeOf(spec);
      if (nextShape !== shape) {
        shape = nextShape;
        plot.destroy();
        plot = build();
        return;
      }
      aligned.columns.forEach((column, i) => {
        const drawn = plot.series[i + 1];
        const id = spec.series[column.series]?.id;
        if (drawn) drawn.alpha = spec.highlight && spec.highlight !== id ? FADED : 1;
      });
      plot.setData(dataOf(aligned), true);
    },
    resize(nextWidth, nextHeight) {
      if (nextWidth === width && nextHeight === height) return;
      width = nextWidth;
      height = nextHeight;
      plot.setSize({ width, height });
    },
    step(by) {
      if (by === null) {
        plot.setCursor({ left: -10, top: -10 });
        return;
      }
      const { xs } = aligned;
      if (xs.length === 0) return;
      const at = plot.cursor.idx ?? (by > 0 ? -1 : xs.length);
      const next = Math.max(0, Math.min(xs.length - 1, at + by));
      plot.setCursor({ left: plot.valToPos(xs[next] ?? 0, 'x'), top: plot.over.clientHeight / 2 });
    },
    resetZoom: () => setZoom(null),
    destroy: () => plot.destroy(),
  };
}

const dataOf = (aligned: Aligned): uPlot.AlignedData => [aligned.xs, ...aligned.values] as uPlot.AlignedData;

type Wiring = {
  width: number;
  height: number;
  aligned: Aligned;
  roles: readonly ColumnRole[];
  spec: () => PlotSpec;
  zoom: () => [number, number] | null;
  setZoom: (range: [number, number] | null) => void;
  handlers: PlotHandlers;
};

function options({ width, height, aligned, roles, spec, zoom, setZoom, handlers }: Wiring): uPlot.Options {
  const { columns } = aligned;
  const shape = spec();
  const bands: uPlot.Band[] = [];
  if (roles.includes('low'))
    columns.forEach((column, i) => {
      if (column.role !== 'low') return;
      bands.push({
        series: [i + 2, i + 1],
        fill: () => spec().theme.wash(spec().series[column.series]?.color ?? 1),
      });
    });
  return {
    width,
    height,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), 'Etc/UTC'),
    padding: [10, PLOT_RIGHT, 0, 0],
    legend: { show: false },
    series: [
      {},
      ...columns.map((column) => drawnSeries(column.role, () => spec().series[column.series], spec)),
    ],
    bands,
    scales: {
      x: { time: shape.x !== 'step', range: (_u, low, high) => zoom() ?? xRangeOf(spec(), low, high) },
      y: shape.logY
        ? { distr: 3, range: (_u, low, high) => logRange(low, high) }
        : { range: () => niceRange(valueExtent(spec().series, thresholdsInView(spec())), limitsOf(spec())) },
    },
    axes: [xAxis(shape, spec), yAxis(shape, spec)],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      hover: { prox: 24, skip: [undefined, null] },
      points: {
        size: 7,
        width: 2,
        show: (u, i) => cursorPoint(u, i, columns[i - 1]?.role),
        stroke: () => spec().theme.surface,
        fill: (_u, i) => spec().theme.color(spec().series[columns[i - 1]?.series ?? 0]?.color ?? 1),
      },
      ...(shape.syncKey ? { sync: { key: shape.syncKey, setSeries: false } } : {}),
    },
    hooks: {
      drawClear: [(u) => drawMark(u, spec())],
      draw: [
        (u) => {
          drawPoints(u, spec());
          drawThresholds(u, spec());
          drawEvents(u, spec());
        },
      ],
      setCursor: [
        (u) =>
          handlers.onCursor(
            u.cursor.idx == null || (u.cursor.left ?? -1) < 0 ? null : (u.data[0][u.cursor.idx] ?? null),
          ),
      ],
      setSelect: [
        (u) => {
          if (u.select.width < 8) return;
          const from = u.posToVal(u.select.left, 'x');
          const to = u.posToVal(u.select.left + u.select.width, 'x');
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          setZoom([from, to]);
        },
      ],
      ready: [
        (u) => {
          u.over.addEventListener('dblclick', () => setZoom(null));
          u.over.addEventListener('click', () => {
            if (u.cursor.idx != null && u.select.width < 8) handlers.onPick(u.data[0][u.cursor.idx] ?? 0);
          });
        },
      ],
    },
  };
}

function drawnSeries(role: ColumnRole, series: () => Series | undefined, spec: () => PlotSpec): uPlot.Series {
  const stroke = () => spec().theme.color(series()?.color ?? 1);
  const base: uPlot.Series = { points: { show: false }, spanGaps: false, width: 1.75, stroke };
  switch (role) {
    case 'low':
    case 'high':
      return { ...base, width: 0, stroke: 'transparent' };
    case 'weak':
      return { ...base, width: 1.5, dash: [3, 4] };
    case 'ghost':
      return { ...base, width: 1, stroke: () => spec().theme.wash(series()?.color ?? 1) };
    case 'solid':
      return series()?.dashed ? { ...base, dash: [6, 3] } : base;
  }
}

function cursorPoint(_u: uPlot, index: number, role: ColumnRole | undefined): HTMLElement {
  if (index > 0 && (role === 'solid' || role === 'weak')) {
    const dot = document.createElement('div');
    dot.classList.add('u-cursor-pt');
    return dot;
  }
  // uPlot takes "nothing" for "no dot here"; its types do not say so.
  return undefined as unknown as HTMLElement;
}

const limitsOf = (spec: PlotSpec) => ({
  // A count of nothing but zeros still gets an axis from 0 to 1.
  ...(spec.unit === 'count' ? { atLeast: 1 } : {}),
  ...(spec.floor === undefined ? {} : { floor: spec.floor }),
  ...(spec.ceiling === undefined ? {} : { ceiling: spec.ceiling }),
  ...(spec.fromZero === undefined ? {} : { fromZero: spec.fromZero }),
});

/** A threshold far above the data would flatten them: it counts only within three times their span. */
function thresholdsInView(spec: PlotSpec): number[] {
  const extent = valueExtent(spec.series);
  if (!extent) return (spec.thresholds ?? []).map(({ value }) => value);
  const [low, high] = extent;
  const reach = 3 * Math.max(high - Math.min(low, spec.fromZero ? 0 : low), 1e-9);
  return (spec.thresholds ?? [])
    .map(({ value }) => value)
    .filter((value) => value >= low - reach && value <= high + reach);
}

function xRangeOf(spec: PlotSpec, low: number, high: number): [number, number] {
  if (spec.xRange) return [spec.xRange[0], spec.xRange[1]];
  if (low === high || low === null || high === null) {
    const half = spec.x === 'step' ? 1 : 43_200_000;
    return [(low ?? 0) - half, (high ?? 0) + half];
  }
  const air = (high - low) * 0.012;
  return [low - air, high + air];
}

function logRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !(high > 0)) return [0.1, 1];
  const from = low > 0 ? low : high / 1e4;
  const span = Math.max(Math.log10(high / from), 0.05);
  return [10 ** (Math.log10(from) - span * 0.06), 10 ** (Math.log10(high) + span * 0.06)];
}

const axisLook = (spec: () => PlotSpec) => ({
  stroke: () => spec().theme.axis,
  font: `11px ${spec().theme.fontFamily}`,
  ticks: { show: false },
});

function xAxis(shape: PlotSpec, spec: () => PlotSpec): uPlot.Axis {
  return {
    ...axisLook(spec),
    grid: { show: false },
    gap: 6,
    size: shape.x === 'time' ? 38 : 24,
    space: shape.x === 'time' ? 64 : 56,
    lineGap: 1.3,
    ...(shape.x === 'step' ? { incrs: wholeIncrements() } : {}),
    ...(shape.x === 'ago' ? { splits: (_u, _axis, low, high) => agoSplits(low, high) } : {}),
    border: { show: true, stroke: () => spec().theme.grid, width: 1 },
    values: (u, splits, _axis, _space, increment) => {
      if (shape.x === 'time') return timeTickLabels(splits, increment);
      if (shape.x === 'ago') return splits.map((value) => agoLabel((u.scales.x?.max ?? value) - value));
      return splits.map((value) => tickLabel(value, increment, 'count'));
    },
  };
}

const agoSplits = (low: number, high: number): number[] => {
  const every = high - low > 90_000 ? 30_000 : 15_000;
  const splits: number[] = [];
  for (let at = high; at >= low; at -= every) splits.unshift(at);
  return splits;
};

const wholeIncrements = (): number[] =>
  Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

function yAxis(shape: PlotSpec, spec: () => PlotSpec): uPlot.Axis {
  return {
    ...axisLook(spec),
    grid: { stroke: () => spec().theme.grid, width: 1 },
    gap: 6,
    space: 26,
    ...(shape.unit === 'count' ? { incrs: wholeIncrements() } : {}),
    size: (u, values) => {
      const fixed = spec().axisWidth;
      if (fixed !== undefined) return fixed;
      if (!values || values.length === 0) return 44;
      u.ctx.save();
      u.ctx.font = `${11 * uPlot.pxRatio}px ${spec().theme.fontFamily}`;
      const widest = Math.max(...values.map((value) => u.ctx.measureText(value ?? '').width));
      u.ctx.restore();
      return Math.max(40, Math.ceil(widest / uPlot.pxRatio) + 14);
    },
    values: (_u, splits, _axis, _space, increment) =>
      splits.map((value) => {
        if (value === null) return '';
        const apart = spec().logY ? Math.abs(value) : increment;
        return tickLabel(value, apart, spec().unit);
      }),
  };
}

type Pen = { ctx: CanvasRenderingContext2D; ratio: number };
const penOf = (u: uPlot): Pen => ({ ctx: u.ctx, ratio: uPlot.pxRatio });

/** Every point where there are few, hollow where weak, and always the ones that stand alone. */
function drawPoints(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  ctx.save();
  ctx.beginPath();
  ctx.rect(
    u.bbox.left - 4 * ratio,
    u.bbox.top - 4 * ratio,
    u.bbox.width + 8 * ratio,
    u.bbox.height + 8 * ratio,
  );
  ctx.clip();
  for (const series of spec.series) {
    ctx.globalAlpha = spec.highlight && spec.highlight !== series.id ? FADED : 1;
    ctx.strokeStyle = spec.theme.color(series.color);
    const few = series.points.length < 12;
    series.points.forEach((point, i) => {
      if (point.y === null || !Number.isFinite(point.y)) return;
      if (!few && !(point.weak && series.points.length < 80) && !standsAlone(series, i, spec.gap)) return;
      const x = u.valToPos(point.x, 'x', true);
      const y = u.valToPos(point.y, 'y', true);
      ctx.beginPath();
      ctx.arc(x, y, (point.weak ? 3 : 2.75) * ratio, 0, 2 * Math.PI);
      ctx.fillStyle = point.weak ? spec.theme.surface : spec.theme.color(series.color);
      ctx.lineWidth = 1.5 * ratio;
      ctx.fill();
      if (point.weak) ctx.stroke();
    });
  }
  ctx.restore();
}

function standsAlone(series: Series, i: number, gap: number | undefined): boolean {
  const here = series.points[i];
  if (!here) return false;
  return [series.points[i - 1], series.points[i + 1]].every(
    (other) => !other || other.y === null || (gap !== undefined && Math.abs(other.x - here.x) > gap),
  );
}

function drawThresholds(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  ctx.save();
  ctx.font = `${10.5 * ratio}px ${spec.theme.fontFamily}`;
  ctx.textAlign = 'right';
  let lastY = Number.NEGATIVE_INFINITY;
  const byHeight = [...(spec.thresholds ?? [])].sort((a, b) => b.value - a.value);
  for (const threshold of byHeight) {
    const y = Math.round(u.valToPos(threshold.value, 'y', true)) + 0.5;
    if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
    ctx.strokeStyle = spec.theme.color(threshold.color);
    ctx.fillStyle = spec.theme.color(threshold.color);
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(u.bbox.left, y);
    ctx.lineTo(u.bbox.left + u.bbox.width, y);
    ctx.stroke();
    // Above its line; below it where the next higher line leaves no room.
    const crowded = y - lastY < 15 * ratio;
    lastY = y;
    const bottom = u.bbox.top + u.bbox.height;
    if (crowded && y + 15 * ratio > bottom) continue;
    ctx.textBaseline = crowded ? 'top' : 'bottom';
    const [right, above] = [u.bbox.left + u.bbox.width - 2 * ratio, y + (crowded ? 3 : -2) * ratio];
    ctx.setLineDash([]);
    ctx.strokeStyle = spec.theme.surface;
    ctx.lineWidth = 3 * ratio;
    ctx.strokeText(threshold.label, right, above);
    ctx.fillText(threshold.label, right, above);
  }
  ctx.restore();
}

/** A flag on the axis for each event; its words only where the next flag leaves room. */
function drawEvents(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  const right = u.bbox.left + u.bbox.width;
  const marks = (spec.events ?? [])
    .map((event) => ({ ...event, at: Math.round(u.valToPos(event.x, 'x', true)) + 0.5 }))
    .filter(({ at }) => at >= u.bbox.left && at <= right)
    .sort((a, b) => a.at - b.at);
  ctx.save();
  ctx.font = `${10.5 * ratio}px ${spec.theme.fontFamily}`;
  ctx.textBaseline = 'top';
  ctx.fillStyle = spec.theme.axis;
  ctx.strokeStyle = spec.theme.axis;
  ctx.lineWidth = ratio;
  marks.forEach((mark, i) => {
    ctx.setLineDash([2 * ratio, 2 * ratio]);
    ctx.beginPath();
    ctx.moveTo(mark.at, u.bbox.top);
    ctx.lineTo(mark.at, u.bbox.top + u.bbox.height);
    ctx.stroke();
    const room = (marks[i + 1]?.at ?? right) - mark.at - 8 * ratio;
    if (ctx.measureText(mark.label).width < room) ctx.fillText(mark.label, mark.at + 4 * ratio, u.bbox.top);
  });
  ctx.restore();
}

function drawMark(u: uPlot, spec: PlotSpec): void {
  if (!spec.mark) return;
  const from = Math.max(u.bbox.left, u.valToPos(spec.mark.x - spec.mark.width / 2, 'x', true));
  const to = Math.min(u.bbox.left + u.bbox.width, u.valToPos(spec.mark.x + spec.mark.width / 2, 'x', true));
  if (to <= from) return;
  u.ctx.save();
  u.ctx.fillStyle = spec.theme.wash(1);
  u.ctx.fillRect(from, u.bbox.top, Math.max(to - from, 3 * uPlot.pxRatio), u.bbox.height);
  u.ctx.restore();
}

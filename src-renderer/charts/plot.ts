/** uPlot, wrapped once: builds the canvas plot from a spec and keeps it in step with data, theme and size. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { xAxis, xRangeOf, yAxis, yRangeOf } from './plot-axes.ts';
import { drawEvents, drawHatches, drawMark, drawPoints, drawThresholds, FADED } from './plot-draw.ts';
import type { PlotSpec } from './plot-spec.ts';
import { type Aligned, alignSeries, type ColumnRole, rolesOf, type Series } from './time-series-data.ts';

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

/** Room right of the plot, in pixels, for half of the last date. */
export const PLOT_RIGHT = 20;

/** What forces a new uPlot instead of new data in the old one. */
const shapeOf = (spec: PlotSpec): string =>
  JSON.stringify([
    spec.series.map(({ id, color, dashed }) => [id, color, dashed]),
    rolesOf(spec.series),
    spec.x,
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
      x: { time: true, range: (_u, low, high) => zoom() ?? xRangeOf(spec(), low, high) },
      y: { range: () => yRangeOf(spec()) },
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
      drawClear: [
        (u) => {
          drawHatches(u, spec());
          drawMark(u, spec());
        },
      ],
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

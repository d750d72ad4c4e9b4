/** Ranges of the scales, and the ticks and labels of the axes. */
import uPlot from 'uplot';
import { agoLabel, DAY_MS, tickLabel, timeTickLabels } from './format.ts';
import type { PlotSpec } from './plot-spec.ts';
import { niceRange, valueExtent } from './time-series-data.ts';

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

export const yRangeOf = (spec: PlotSpec): [number, number] =>
  niceRange(valueExtent(spec.series, thresholdsInView(spec)), limitsOf(spec));

export function xRangeOf(spec: PlotSpec, low: number, high: number): [number, number] {
  if (spec.xRange) return [spec.xRange[0], spec.xRange[1]];
  if (low === high || low === null || high === null) {
    return [(low ?? 0) - DAY_MS / 2, (high ?? 0) + DAY_MS / 2];
  }
  const air = (high - low) * 0.012;
  return [low - air, high + air];
}

const axisLook = (spec: () => PlotSpec) => ({
  stroke: () => spec().theme.axis,
  font: `11px ${spec().theme.fontFamily}`,
  ticks: { show: false },
});

export function xAxis(shape: PlotSpec, spec: () => PlotSpec): uPlot.Axis {
  return {
    ...axisLook(spec),
    grid: { show: false },
    gap: 6,
    size: shape.x === 'time' ? 38 : 24,
    space: shape.x === 'time' ? 64 : 56,
    lineGap: 1.3,
    ...(shape.x === 'ago' ? { splits: (_u, _axis, low, high) => agoSplits(low, high) } : {}),
    border: { show: true, stroke: () => spec().theme.grid, width: 1 },
    values: (u, splits, _axis, _space, increment) => {
      if (shape.x === 'time') return timeTickLabels(splits, increment);
      return splits.map((value) => agoLabel((u.scales.x?.max ?? value) - value));
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

export function yAxis(shape: PlotSpec, spec: () => PlotSpec): uPlot.Axis {
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
        return tickLabel(value, increment, spec().unit);
      }),
  };
}

/** Ticks and labels of a frame's axes. */
import uPlot from 'uplot';
import type { Range } from './curve.ts';
import { durationTicks, tickLabel, timeTickLabels } from './format.ts';
import type { ChartTheme } from './theme.ts';

export type FrameAxis = {
  /** `step`: whole numbers. `time`: ms UTC, written in the reader's zone. `relative`: ms since a start. */
  kind: 'number' | 'step' | 'time' | 'relative' | 'category';
  range: Range;
  log?: boolean;
  /** What is measured, written along the axis. */
  label?: string;
  /** Names at 0, 1, 2, …, of a category axis. */
  categories?: readonly string[];
};

type Spec = () => { x: FrameAxis; y: FrameAxis; theme: ChartTheme };

const FONT_PX = 11;
const NAME_PX = 110;

const look = (spec: Spec) => ({
  stroke: () => spec().theme.axis,
  font: `${FONT_PX}px ${spec().theme.fontFamily}`,
  labelFont: `${FONT_PX}px ${spec().theme.fontFamily}`,
  ticks: { show: false },
  gap: 6,
});

export function frameXAxis(spec: Spec): uPlot.Axis {
  const { kind, label, log } = spec().x;
  const tall = kind === 'time';
  return {
    ...look(spec),
    grid: { show: false },
    border: { show: true, stroke: () => spec().theme.grid, width: 1 },
    size: tall ? 38 : 24,
    space: tall ? 64 : 56,
    lineGap: 1.3,
    ...(label === undefined ? {} : { label, labelSize: 18, labelGap: 0 }),
    ...incrementsOf(kind, log),
    ...splitsOf(() => spec().x),
    values: (_u, splits, _axis, _space, increment) => labelsOf(spec().x, splits, increment),
  };
}

export function frameYAxis(spec: Spec): uPlot.Axis {
  const { kind, label, log } = spec().y;
  return {
    ...look(spec),
    grid: { stroke: () => spec().theme.grid, width: 1 },
    space: (_u, _axis, _low, _high, height) => (height > 320 ? 44 : 28),
    ...(label === undefined ? {} : { label, labelSize: 18, labelGap: 2 }),
    ...incrementsOf(kind, log),
    ...splitsOf(() => spec().y),
    size: (u, values) => {
      if (!values || values.length === 0) return 40;
      u.ctx.save();
      u.ctx.font = `${FONT_PX * uPlot.pxRatio}px ${spec().theme.fontFamily}`;
      const widest = Math.max(...values.map((value) => u.ctx.measureText(value ?? '').width));
      u.ctx.restore();
      return Math.max(38, Math.min(NAME_PX, Math.ceil(widest / uPlot.pxRatio)) + 14);
    },
    values: (_u, splits, _axis, _space, increment) => labelsOf(spec().y, splits, increment),
  };
}

function labelsOf(axis: FrameAxis, splits: readonly (number | null)[], increment: number): string[] {
  if (axis.kind === 'category')
    return splits.map((at) => shortened(at === null ? '' : (axis.categories?.[at] ?? '')));
  if (axis.kind === 'time') {
    const local = splits.map((at) => (at ?? 0) - new Date(at ?? 0).getTimezoneOffset() * 60_000);
    return timeTickLabels(local, increment);
  }
  if (axis.kind === 'relative') return splits.map((at) => (at === null ? '' : durationTicks(at, increment)));
  return splits.map((at) => {
    if (at === null) return '';
    const apart = axis.log ? Math.abs(at) : increment;
    return tickLabel(at, apart, 'number');
  });
}

const shortened = (name: string): string => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200];
const DAYS = [1, 2, 5, 10, 20, 50, 100];
const WHOLE = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

function incrementsOf(kind: FrameAxis['kind'], log = false): Pick<uPlot.Axis, 'incrs'> {
  if (log) return {};
  if (kind === 'step') return { incrs: WHOLE };
  if (kind !== 'relative') return {};
  const short = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  return { incrs: [...short, ...SECONDS.map((s) => s * 1000), ...DAYS.map((d) => d * 86_400_000)] };
}

function splitsOf(axis: () => FrameAxis): Pick<uPlot.Axis, 'splits'> {
  if (axis().kind !== 'category') return {};
  return {
    splits: (u, at) => {
      const count = axis().categories?.length ?? 0;
      const room = (at === 0 ? u.bbox.width / 70 : u.bbox.height / 18) / uPlot.pxRatio;
      const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
      return Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
    },
  };
}

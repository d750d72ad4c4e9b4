/** What a plot shows: data, scales, marks and theme. */
import type { Unit } from './format.ts';
import type { ChartColor, ChartTheme } from './theme.ts';
import type { Series } from './time-series-data.ts';

export type Threshold = { value: number; label: string; color: ChartColor };
export type EventMark = { x: number; label: string };

/** A stretch that is not final yet: hatched, with its reason where there is room. */
export type Hatch = { from: number; to: number; label: string };

export type PlotSpec = {
  series: readonly Series[];
  /** `time`: x is milliseconds UTC. `ago`: the same, written as distance from now. */
  x: 'time' | 'ago';
  unit: Unit;
  /** Neighbours further apart than this are not joined. */
  gap?: number | undefined;
  floor?: number | undefined;
  ceiling?: number | undefined;
  fromZero?: boolean | undefined;
  thresholds?: readonly Threshold[] | undefined;
  events?: readonly EventMark[] | undefined;
  hatches?: readonly Hatch[] | undefined;
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

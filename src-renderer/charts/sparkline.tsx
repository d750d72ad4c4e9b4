/** A word-sized line: trend at a glance, its range and last value said in the label. */
import type { ReactNode } from 'react';
import { readValue, type Unit } from './format.ts';
import { type ChartColor, cssColor } from './theme.ts';

type SparklineProps = {
  label: string;
  values: readonly (number | null)[];
  unit?: Unit;
  color?: ChartColor;
  width?: number;
  height?: number;
  /** Lowest top of the scale, so that noise near zero does not look like a mountain. */
  atLeast?: number;
  /** False shows the shape of what never comes near zero, such as an accuracy. */
  fromZero?: boolean;
};

export function Sparkline(props: SparklineProps): ReactNode {
  const {
    label,
    values,
    unit = 'number',
    color = 1,
    width = 88,
    height = 20,
    atLeast = 0,
    fromZero = true,
  } = props;
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const last = known.at(-1);
  if (last === undefined) return <span className="text-xs text-ink-3">no data</span>;
  const low = Math.min(...(fromZero ? [0] : []), ...known);
  const high = Math.max(atLeast, ...known);
  const y = (value: number) => height - 2.5 - ((value - low) / (high - low || 1)) * (height - 5);
  const x = (i: number) => 2 + (values.length < 2 ? width - 6 : (i / (values.length - 1)) * (width - 6));
  let pen = 'M';
  const path = values
    .map((value, i) => {
      if (value === null || !Number.isFinite(value)) {
        pen = 'M';
        return '';
      }
      const step = `${pen}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
      return step;
    })
    .join('');
  const text = `${label}: latest ${readValue(last, unit)}, from ${readValue(Math.min(...known), unit)} to ${readValue(Math.max(...known), unit)}`;
  return (
    <svg role="img" aria-label={text} width={width} height={height} className="block">
      <title>{text}</title>
      <path
        d={path}
        fill="none"
        stroke={cssColor(color)}
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <circle cx={x(values.lastIndexOf(last))} cy={y(last)} r="2" fill={cssColor(color)} />
    </svg>
  );
}

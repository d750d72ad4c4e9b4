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
  /** A dashed line where the value begins to matter. */
  limit?: number;
  /** By powers of ten, from this at the bottom to 1 at the top: p values, of which the small ones matter. */
  powersFrom?: number;
  write?: (value: number) => string;
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
    limit,
    powersFrom,
    write = (value: number) => readValue(value, unit),
  } = props;
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const last = known.at(-1);
  if (last === undefined) return <span className="text-xs text-ink-3">no data</span>;
  const low = Math.min(...(fromZero ? [0] : []), ...known);
  const high = Math.max(atLeast, ...known);
  const share = (value: number) =>
    powersFrom === undefined
      ? (value - low) / (high - low || 1)
      : 1 - Math.log10(Math.min(1, Math.max(value, powersFrom))) / Math.log10(powersFrom);
  const y = (value: number) => height - 2.5 - share(value) * (height - 5);
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
  const text = `${label}: latest ${write(last)}, from ${write(Math.min(...known))} to ${write(Math.max(...known))}${limit === undefined ? '' : `; dashed at ${write(limit)}`}`;
  return (
    <svg role="img" aria-label={text} width={width} height={height} className="block">
      <title>{text}</title>
      {limit === undefined ? null : (
        <line
          x1={2}
          x2={width - 4}
          y1={y(limit)}
          y2={y(limit)}
          stroke="var(--line-strong)"
          strokeDasharray="2 2"
        />
      )}
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

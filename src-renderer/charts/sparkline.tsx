/** A word-sized line: trend at a glance; its range, last value and rows said in the label. */
import type { ReactNode } from 'react';
import { readValue, type Unit } from './format.ts';
import { type Behind, isDrawn, rowsWords, type Spark, sparkExtent, sparkStrokes } from './sparkline-rules.ts';
import { type ChartColor, cssColor } from './theme.ts';

type SparklineProps = {
  label: string;
  values: readonly (number | null)[];
  /** What stands behind each value: what is measured on rows is not drawn without it. */
  behind?: readonly Behind[];
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

const NOTHING: Spark = { value: null, behind: null };

export function Sparkline(props: SparklineProps): ReactNode {
  const {
    label,
    values,
    behind,
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
  const points = values.map((value, at): Spark => ({ value, behind: behind?.[at] ?? null }));
  const known = points.filter(isDrawn).map(({ value }) => value as number);
  const last = known.at(-1);
  const extent = sparkExtent(points);
  if (last === undefined || extent === null) return <span className="text-xs text-ink-3">no data</span>;
  const low = Math.min(...(fromZero ? [0] : []), extent[0]);
  const high = Math.max(atLeast, extent[1]);
  const share = (value: number) =>
    powersFrom === undefined
      ? (value - low) / (high - low || 1)
      : 1 - Math.log10(Math.min(1, Math.max(value, powersFrom))) / Math.log10(powersFrom);
  // What is on too few rows may lie beyond the scale, and stands at its end.
  const y = (value: number) => height - 2.5 - Math.min(1, Math.max(0, share(value))) * (height - 5);
  const x = (i: number) => 2 + (values.length < 2 ? width - 6 : (i / (values.length - 1)) * (width - 6));
  const place = (at: number, value: number) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  const strokes = sparkStrokes(points).map(({ weak, places }) => ({
    weak,
    d: `M${places.map((at) => place(at, values[at] as number)).join('L')}`,
    band: places.every((at) => behind?.[at]?.low != null && behind[at]?.high != null)
      ? `M${[
          ...places.map((at) => place(at, behind?.[at]?.high as number)),
          ...places.toReversed().map((at) => place(at, behind?.[at]?.low as number)),
        ].join('L')}Z`
      : null,
  }));
  const rows = rowsWords(points);
  const text = `${label}: latest ${write(last)}, from ${write(Math.min(...known))} to ${write(Math.max(...known))}${limit === undefined ? '' : `; dashed at ${write(limit)}`}${rows === '' ? '' : `; ${rows}`}`;
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
      {strokes.map(({ weak, d, band }) => (
        <g key={d}>
          {band === null ? null : <path d={band} fill={cssColor(color)} opacity={weak ? 0.1 : 0.2} />}
          <path
            d={d}
            fill="none"
            stroke={cssColor(color)}
            strokeWidth={weak ? 1 : 1.5}
            strokeDasharray={weak ? '1.5 2' : undefined}
            opacity={weak ? 0.6 : 1}
            strokeLinejoin="round"
            strokeLinecap="round"
          />
        </g>
      ))}
      {points.map((point, at) => {
        const newest = at === values.lastIndexOf(last);
        const alone = !isDrawn(points[at - 1] ?? NOTHING) && !isDrawn(points[at + 1] ?? NOTHING);
        if (!isDrawn(point) || !(newest || alone)) return null;
        const hollow = point.behind?.weak === true;
        return (
          <circle
            key={x(at)}
            cx={x(at)}
            cy={y(point.value as number)}
            r={newest ? 2 : 1.2}
            fill={hollow ? 'var(--surface)' : cssColor(color)}
            stroke={hollow ? cssColor(color) : undefined}
          />
        );
      })}
    </svg>
  );
}

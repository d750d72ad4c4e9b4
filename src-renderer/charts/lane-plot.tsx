/**
 * One lane of several on a shared time axis: lines with their bands, dots with intervals where there are few, hatching
 * where figures are not final. It has no axis of time of its own; its ticks reach left into the column of names.
 */
import { type MouseEvent, memo, type PointerEvent, type ReactNode, useId, useMemo } from 'react';
import type { Unit } from './format.ts';
import {
  dotsOf,
  joinedOf,
  type LaneAxis,
  type LaneLine,
  type LanePoint,
  type LaneThreshold,
  type Limits,
  laneRange,
  laneSummary,
  laneTicks,
  openStretches,
  placeOf,
  windowAt,
} from './lane-rules.ts';
import { cssColor } from './theme.ts';

type LanePlotProps = Limits & {
  title: string;
  lines: readonly LaneLine[];
  axis: LaneAxis;
  unit: Unit;
  height: number;
  thresholds?: readonly LaneThreshold[];
  /** Told which window the pointer is over. */
  onCursor: (x: number | null) => void;
  onPick?: (x: number) => void;
  /** Quantities from zero: one bar a window. */
  bars?: boolean;
  /** The window under the shared cursor: its points are marked. */
  cursor: number | null;
  emptyText: string;
};

const NO_THRESHOLDS: readonly LaneThreshold[] = [];
const PAD = 5;
const DODGE = 8;

export function LanePlot(props: LanePlotProps): ReactNode {
  const { title, lines, axis, unit, height, onCursor, onPick, bars, cursor, emptyText } = props;
  const { floor, ceiling, fromZero, thresholds = NO_THRESHOLDS } = props;
  const range = useMemo(
    () =>
      laneRange(lines, thresholds, {
        ...(floor === undefined ? {} : { floor }),
        ...(ceiling === undefined ? {} : { ceiling }),
        ...(fromZero === undefined ? {} : { fromZero }),
      }),
    [lines, thresholds, floor, ceiling, fromZero],
  );
  const empty = !lines.some(({ points }) => points.some(({ y }) => y !== null));
  if (empty)
    return (
      <div className="flex items-center text-xs text-ink-3" style={{ height }}>
        {emptyText}
      </div>
    );
  const at = (event: PointerEvent | MouseEvent) =>
    windowAt(axis, event.clientX - event.currentTarget.getBoundingClientRect().left);
  const y = (value: number) => yOf(range, height, value);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys and Enter work on the group of all lanes.
    <svg
      role="img"
      aria-label={laneSummary(title, lines, unit)}
      width={axis.width}
      height={height}
      onPointerMove={(event) => onCursor(at(event))}
      onPointerLeave={() => onCursor(null)}
      onClick={(event) => {
        const x = at(event);
        if (x !== null && lines.some(({ points }) => points.some((point) => point.x === x))) onPick?.(x);
      }}
      className={`num block overflow-visible text-2xs ${onPick ? 'cursor-pointer' : ''}`}
    >
      <rect width={axis.width} height={height} fill="transparent" />
      <Drawing
        lines={lines}
        axis={axis}
        unit={unit}
        height={height}
        thresholds={thresholds}
        range={range}
        bars={bars ?? false}
      />
      {bars
        ? null
        : lines.map(({ id, color, points }) => {
            const point = points.find(({ x }) => x === cursor);
            return point && point.y !== null ? (
              <circle
                key={id}
                cx={placeOf(axis, point.x)}
                cy={y(point.y)}
                r={3.5}
                fill={cssColor(color)}
                stroke="var(--surface)"
                strokeWidth={1.5}
              />
            ) : null;
          })}
    </svg>
  );
}

const yOf = ([low, high]: readonly [number, number], height: number, value: number): number =>
  Math.min(
    height,
    Math.max(0, height - PAD - ((value - low) / Math.max(high - low, 1e-12)) * (height - 2 * PAD)),
  );

type DrawingProps = Pick<LanePlotProps, 'lines' | 'axis' | 'unit' | 'height'> & {
  thresholds: readonly LaneThreshold[];
  range: readonly [number, number];
  bars: boolean;
};

/** Apart from what follows the pointer. */
const Drawing = memo(function Drawing(props: DrawingProps) {
  const { lines, axis, unit, height, thresholds, range, bars } = props;
  const id = useId();
  const y = (value: number) => yOf(range, height, value);
  const cell = (axis.window / Math.max(axis.to - axis.from, axis.window)) * axis.width;
  return (
    <>
      <defs>
        <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0" x2="0" y1="0" y2="6" stroke="var(--ink-3)" strokeWidth="1" opacity="0.4" />
        </pattern>
      </defs>
      {laneTicks(range, height, unit).map(({ value, label }) => (
        <g key={value}>
          <line x1={0} x2={axis.width} y1={y(value)} y2={y(value)} stroke="var(--chart-grid)" />
          <text x={-6} y={y(value) + 3.5} textAnchor="end" fill="var(--chart-axis)">
            {label}
          </text>
        </g>
      ))}
      {bars
        ? null
        : openStretches(lines, axis.window).map(({ from, to }) => {
            const left = Math.max(0, placeOf(axis, from) - cell / 2);
            const right = Math.min(axis.width, placeOf(axis, to - axis.window) + cell / 2);
            return (
              <rect
                key={from}
                x={left}
                width={Math.max(2, right - left)}
                height={height}
                fill={`url(#${id})`}
              />
            );
          })}
      {thresholds.map(({ value, label, color }) =>
        value < range[0] || value > range[1] ? null : (
          <g key={label}>
            <line
              x1={0}
              x2={axis.width}
              y1={y(value)}
              y2={y(value)}
              stroke={cssColor(color)}
              strokeDasharray="4 3"
            />
            <text
              x={axis.width - 2}
              y={y(value) > 14 ? y(value) - 3 : y(value) + 11}
              textAnchor="end"
              fill={cssColor(color)}
              stroke="var(--surface)"
              strokeWidth="3"
              paintOrder="stroke"
            >
              {label}
            </text>
          </g>
        ),
      )}
      {lines.map((line, i) =>
        bars ? (
          <Bars key={line.id} line={line} axis={axis} cell={cell} y={y} />
        ) : (
          <Line key={line.id} line={line} axis={axis} y={y} aside={(i - (lines.length - 1) / 2) * DODGE} />
        ),
      )}
    </>
  );
});

type PartProps = { line: LaneLine; axis: LaneAxis; y: (value: number) => number };

/** `aside`: pixels that dots step aside, so that those of several lines do not hide each other. */
function Line({ line, axis, y, aside }: PartProps & { aside: number }): ReactNode {
  const color = cssColor(line.color);
  const x = (point: LanePoint) => placeOf(axis, point.x).toFixed(1);
  const at = (point: LanePoint, value: number) => `${x(point)} ${y(value).toFixed(1)}`;
  const path = (points: readonly (LanePoint & { y: number })[]) =>
    points.map((point, i) => `${i === 0 ? 'M' : 'L'}${at(point, point.y)}`).join('');
  const joined = joinedOf(line.points, axis.window);
  return (
    <>
      {joined.map((run) => {
        const banded = run.filter(
          (point): point is typeof point & { low: number; high: number } =>
            point.low !== null && point.high !== null,
        );
        const outline = [
          ...banded.map((point) => at(point, point.high)),
          ...banded.reverse().map((point) => at(point, point.low)),
        ];
        return (
          <g key={run[0]?.x}>
            {outline.length > 2 ? <path d={`M${outline.join('L')}Z`} fill={color} opacity={0.16} /> : null}
            {stylesOf(run).map(({ points, soft }) => (
              <path
                key={points[0]?.x}
                d={path(points)}
                fill="none"
                stroke={color}
                strokeWidth={soft ? 1.5 : 1.75}
                strokeDasharray={soft ? '2 3' : line.dashed ? '6 3' : undefined}
                strokeLinejoin="round"
              />
            ))}
          </g>
        );
      })}
      {dotsOf(line.points, axis.window).map((point) => (
        <g key={point.x} transform={`translate(${aside} 0)`}>
          {point.low !== null && point.high !== null ? (
            <line
              x1={x(point)}
              x2={x(point)}
              y1={y(point.low)}
              y2={y(point.high)}
              stroke={color}
              strokeWidth={1.5}
              opacity={0.6}
            />
          ) : null}
          <circle
            cx={x(point)}
            cy={y(point.y)}
            r={2.75}
            fill={point.open || point.weak ? 'var(--surface)' : color}
            stroke={color}
            strokeWidth={1.5}
          />
        </g>
      ))}
    </>
  );
}

type Piece = { points: (LanePoint & { y: number })[]; soft: boolean };

/** A run in pieces: soft where either end is not final or stands on too few rows. */
function stylesOf(run: readonly (LanePoint & { y: number })[]): Piece[] {
  const pieces: Piece[] = [];
  run.forEach((point, i) => {
    const next = run[i + 1];
    if (!next) return;
    const soft = [point, next].some(({ open, weak }) => open || weak);
    const last = pieces.at(-1);
    if (last?.soft === soft) last.points.push(next);
    else pieces.push({ points: [point, next], soft });
  });
  return pieces;
}

/** The widest bars there are at once; beyond that neighbours share a pixel and the tallest is seen. */
function Bars({ line, axis, cell, y }: PartProps & { cell: number }): ReactNode {
  const color = cssColor(line.color);
  const wide = Math.max(1, cell - (cell > 4 ? 1 : 0));
  const tallest = new Map<number, LanePoint & { y: number }>();
  for (const point of line.points) {
    if (point.y === null) continue;
    const pixel = cell < 1 ? Math.round(placeOf(axis, point.x)) : point.x;
    const known = tallest.get(pixel);
    if (!known || known.y < point.y) tallest.set(pixel, { ...point, y: point.y });
  }
  // Two outlines: a thousand elements of their own would hold the page for three frames.
  const outline = (open: boolean) =>
    [...tallest.values()]
      .filter((point) => point.open === open)
      .map((point) => {
        const left = (placeOf(axis, point.x) - wide / 2).toFixed(2);
        const tall = Math.max(1, y(0) - y(point.y)).toFixed(2);
        return `M${left} ${y(point.y).toFixed(2)}h${wide.toFixed(2)}v${tall}h${(-wide).toFixed(2)}z`;
      })
      .join('');
  return (
    <>
      <path d={outline(false)} fill={color} opacity={0.7} />
      <path d={outline(true)} fill="none" stroke={color} strokeDasharray="2 2" opacity={0.7} />
    </>
  );
}

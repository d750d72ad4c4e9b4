/**
 * Shares against something that is not time: a curve of calibration, of delays. Points carry their interval and how
 * many rows they stand on, which is drawn below as columns.
 */
import { type ReactNode, useState } from 'react';
import { formatCompact, formatCount } from '../lib/format.ts';
import { ChartFrame } from './chart-frame.tsx';
import { readValue } from './format.ts';
import { type ChartColor, cssColor } from './theme.ts';
import { useWidth } from './use-width.ts';

export type XyPoint = {
  x: number;
  /** A share; null where nothing is known. */
  y: number | null;
  low?: number | null;
  high?: number | null;
  /** Rows; the columns below lie side by side, in the order of the points. */
  n?: number;
  /** How the point is called in the readout and the table. */
  label: string;
};

type XyChartProps = {
  title: string;
  hideTitle?: boolean;
  points: readonly XyPoint[];
  /** Ends of the axis, and its ticks with their words. */
  range: readonly [number, number];
  ticks: readonly { at: number; label: string }[];
  xLabel: string;
  yLabel: string;
  /** Steps hold a value until the next one; lines join; null leaves the points alone. */
  join: 'step' | 'line' | null;
  /** Where x and y would be the same. */
  diagonal?: string;
  /** Places worth a word. */
  marks?: readonly { at: number; label: string }[];
  color?: ChartColor;
  height?: number;
  summary: string;
  emptyText: string;
};

const LEFT = 44;
const RIGHT = 12;
const TOP = 14;
const AXIS = 34;
const COUNTS = 44;

export function XyChart(props: XyChartProps): ReactNode {
  const {
    title,
    points,
    range,
    ticks,
    join,
    diagonal,
    marks = [],
    color = 1,
    height = 220,
    emptyText,
  } = props;
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const counted = points.some(({ n }) => n !== undefined);
  const foot = AXIS + (counted ? COUNTS : 0);
  const x = (value: number) =>
    LEFT + ((value - range[0]) / Math.max(range[1] - range[0], 1e-12)) * Math.max(1, width - LEFT - RIGHT);
  const y = (share: number) => TOP + (height - TOP - foot) * (1 - share);
  const drawn = points.filter((point): point is XyPoint & { y: number } => point.y !== null);
  const most = Math.max(1, ...points.map(({ n }) => n ?? 0));
  const base = height - AXIS;
  const hovered = at === null ? undefined : points[at];
  const near = (clientX: number, box: DOMRect) => {
    let best: number | null = null;
    points.forEach((point, i) => {
      const gap = Math.abs(x(point.x) - (clientX - box.left));
      if (best === null || gap < Math.abs(x(points[best]?.x ?? 0) - (clientX - box.left))) best = i;
    });
    setAt(best);
  };
  return (
    <ChartFrame
      title={title}
      hideTitle={props.hideTitle}
      height={height}
      summary={drawn.length === 0 ? `${title}: ${emptyText}` : props.summary}
      table={() => ({
        columns: [props.xLabel, props.yLabel, ...(counted ? ['n'] : [])],
        keep: 'first',
        rows: points.map((point) => [
          point.label,
          intervalText(point),
          ...(counted ? [formatCount(point.n)] : []),
        ]),
      })}
      legend={
        <p className="num truncate text-right text-xs text-ink-2">
          {hovered ? (
            <>
              <span className="text-ink-3">{hovered.label}</span> {intervalText(hovered)}
              {hovered.n === undefined ? null : (
                <span className="text-ink-3"> n {formatCount(hovered.n)}</span>
              )}
            </>
          ) : (
            <span className="text-ink-3">{props.yLabel}</span>
          )}
        </p>
      }
    >
      {drawn.length === 0 ? (
        <div
          className="grid place-items-center rounded-md border border-dashed border-line text-xs text-ink-3"
          style={{ height }}
        >
          {emptyText}
        </div>
      ) : (
        <div
          ref={ref}
          style={{ height }}
          onPointerMove={(event) => near(event.clientX, event.currentTarget.getBoundingClientRect())}
          onPointerLeave={() => setAt(null)}
        >
          {width > 0 ? (
            <svg width={width} height={height} aria-hidden="true" className="num block text-2xs">
              {[0, 0.25, 0.5, 0.75, 1].map((share) => (
                <g key={share}>
                  <line x1={LEFT} x2={width - RIGHT} y1={y(share)} y2={y(share)} stroke="var(--chart-grid)" />
                  <text x={LEFT - 6} y={y(share) + 3.5} textAnchor="end" fill="var(--chart-axis)">
                    {share * 100} %
                  </text>
                </g>
              ))}
              {ticks.map(({ at: place, label }) => (
                <text key={label} x={x(place)} y={height - 18} textAnchor="middle" fill="var(--chart-axis)">
                  {label}
                </text>
              ))}
              <text x={width - RIGHT} y={height - 3} textAnchor="end" fill="var(--ink-3)">
                {props.xLabel}
              </text>
              {diagonal ? (
                <>
                  <line
                    x1={x(range[0])}
                    y1={y(range[0])}
                    x2={x(range[1])}
                    y2={y(range[1])}
                    stroke={cssColor('reference')}
                    strokeDasharray="4 3"
                  />
                  <text x={x(range[0]) + 6} y={TOP + 4} fill={cssColor('reference')}>
                    ╌ {diagonal}
                  </text>
                </>
              ) : null}
              {marks.map(({ at: place, label }, i) => (
                <g key={label}>
                  <line
                    x1={x(place)}
                    x2={x(place)}
                    y1={TOP}
                    y2={y(0)}
                    stroke={cssColor('muted')}
                    strokeDasharray="2 3"
                  />
                  <text
                    x={x(place) + 4}
                    y={y(0) - 5 - i * 14}
                    fill="var(--ink-2)"
                    stroke="var(--surface)"
                    strokeWidth="3"
                    paintOrder="stroke"
                  >
                    {label}
                  </text>
                </g>
              ))}
              {counted
                ? points.map((point, i) => {
                    const tall = ((point.n ?? 0) / most) * (COUNTS - 16);
                    const slot = (width - LEFT - RIGHT) / points.length;
                    const wide = Math.max(2, slot * 0.62);
                    const middle = LEFT + (i + 0.5) * slot;
                    return (
                      <g key={point.label}>
                        <rect
                          x={middle - wide / 2}
                          width={wide}
                          y={base - tall}
                          height={Math.max(point.n ? 1 : 0, tall)}
                          fill="var(--ink-3)"
                          opacity={hovered === point ? 0.7 : 0.4}
                        />
                        {wide > 24 ? (
                          <text x={middle} y={base - tall - 3} textAnchor="middle" fill="var(--chart-axis)">
                            {formatCompact(point.n)}
                          </text>
                        ) : null}
                      </g>
                    );
                  })
                : null}
              {join ? (
                <path d={pathOf(drawn, join, x, y)} fill="none" stroke={cssColor(color)} strokeWidth="1.75" />
              ) : null}
              {drawn.map((point) => (
                <g key={point.label}>
                  {point.low != null && point.high != null ? (
                    <line
                      x1={x(point.x)}
                      x2={x(point.x)}
                      y1={y(point.low)}
                      y2={y(point.high)}
                      stroke={cssColor(color)}
                      strokeWidth="2"
                      opacity="0.5"
                    />
                  ) : null}
                  {join === 'step' && hovered !== point ? null : (
                    <circle
                      cx={x(point.x)}
                      cy={y(point.y)}
                      r={hovered === point ? 4 : 2.75}
                      fill={cssColor(color)}
                      stroke="var(--surface)"
                      strokeWidth={hovered === point ? 1.5 : 0}
                    />
                  )}
                </g>
              ))}
            </svg>
          ) : null}
        </div>
      )}
    </ChartFrame>
  );
}

function pathOf(
  points: readonly (XyPoint & { y: number })[],
  join: 'step' | 'line',
  x: (value: number) => number,
  y: (share: number) => number,
): string {
  let before = 0;
  return points
    .map((point, i) => {
      const to = `${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`;
      const corner = join === 'step' && i > 0 ? `L${x(point.x).toFixed(1)} ${y(before).toFixed(1)}` : '';
      before = point.y;
      return `${i === 0 ? 'M' : `${corner}L`}${to}`;
    })
    .join('');
}

function intervalText({ y, low, high }: XyPoint): string {
  const range =
    low != null && high != null ? ` (${readValue(low, 'share')} to ${readValue(high, 'share')})` : '';
  return `${readValue(y, 'share')}${range}`;
}

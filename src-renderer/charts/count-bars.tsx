/** Counts of named bins as columns: how many batches had how many rows. */
import { type ReactNode, useState } from 'react';
import { formatCount, formatPercent } from '../lib/format.ts';
import { ChartFrame } from './chart-frame.tsx';
import { type ChartColor, cssColor } from './theme.ts';
import { useWidth } from './use-width.ts';

type CountBarsProps = {
  title: string;
  unitLabel?: string;
  /** What is counted, and what tells the bins apart: "batches", "rows". */
  counted: string;
  by: string;
  bins: readonly { label: string; count: number }[];
  height: number;
  color?: ChartColor;
  emptyText: string;
};

const FOOT = 18;
const HEAD = 14;

export function CountBars(props: CountBarsProps): ReactNode {
  const { title, unitLabel, counted, by, bins, height, color = 1, emptyText } = props;
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const top = Math.max(1, ...bins.map(({ count }) => count));
  const step = bins.length > 0 ? width / bins.length : 0;
  const y = (count: number) => HEAD + (height - HEAD - FOOT) * (1 - count / top);
  // Names and shares that would run into each other are left to the table and the readout.
  const every = Math.max(
    1,
    Math.ceil((Math.max(0, ...bins.map(({ label }) => label.length)) * 6 + 8) / Math.max(step, 1)),
  );
  const hovered = at === null ? undefined : bins[at];
  const share = (count: number) => formatPercent(all > 0 ? count / all : 0, 0);
  return (
    <ChartFrame
      title={title}
      unit={unitLabel}
      height={height}
      summary={
        all === 0
          ? `${title}: ${emptyText}`
          : `${title}: ${formatCount(all)} ${counted}. ${bins
              .filter(({ count }) => count > 0)
              .map(({ label, count }) => `${label} ${by}: ${share(count)}`)
              .join(', ')}.`
      }
      table={() => ({
        columns: [by, counted, 'share'],
        rows: bins.map(({ label, count }) => [label, formatCount(count), share(count)]),
        keep: 'first',
      })}
      legend={
        hovered ? (
          <p className="num truncate text-right text-xs text-ink-2">
            {hovered.label} {by}: <b className="font-medium text-ink">{formatCount(hovered.count)}</b>{' '}
            {counted}
          </p>
        ) : null
      }
    >
      <div ref={ref} style={{ height }} onPointerLeave={() => setAt(null)}>
        {all === 0 ? (
          <p className="grid h-full place-items-center text-xs text-ink-3">{emptyText}</p>
        ) : width > 0 ? (
          <svg width={width} height={height} aria-hidden="true" className="num block text-2xs">
            <line x1={0} x2={width} y1={y(0)} y2={y(0)} stroke="var(--chart-grid)" />
            {bins.map(({ label, count }, i) => (
              <g key={label} onPointerEnter={() => setAt(i)}>
                <rect
                  x={i * step}
                  width={step}
                  height={height}
                  fill={at === i ? 'var(--hover)' : 'transparent'}
                />
                <rect
                  x={i * step + Math.min(8, step * 0.14)}
                  width={Math.max(1, step - 2 * Math.min(8, step * 0.14))}
                  y={y(count)}
                  height={Math.max(count > 0 ? 1 : 0, y(0) - y(count))}
                  fill={cssColor(color)}
                  opacity={0.85}
                />
                <text x={(i + 0.5) * step} y={y(count) - 4} textAnchor="middle" fill="var(--chart-axis)">
                  {count > 0 && step > 30 ? share(count) : ''}
                </text>
                <text x={(i + 0.5) * step} y={height - 4} textAnchor="middle" fill="var(--chart-axis)">
                  {i % every === Math.floor(every / 2) ? label : ''}
                </text>
              </g>
            ))}
          </svg>
        ) : null}
      </div>
    </ChartFrame>
  );
}

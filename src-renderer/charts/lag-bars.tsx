/** Correlation by lag as bars around zero, each with its interval. */
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { formatFixed } from '../lib/format.ts';
import { ChartFrame } from './chart-frame.tsx';
import { ChartSurface } from './chart-surface.tsx';
import { cssColor } from './theme.ts';
import { useWidth } from './use-width.ts';

type Lag = { lag: number; r: number; low: number; high: number };

type LagBarsProps = {
  title: string;
  lags: readonly Lag[];
  /** The lag that stands out; null where none does. */
  best: number | null;
  lagWords: (lag: number) => string;
  axisLabel: string;
  height?: number;
  emptyText: string;
};

const LEFT = 40;
const FOOT = 34;
const TOP = 8;

export function LagBars(props: LagBarsProps): ReactNode {
  const { title, lags, best, lagWords, axisLabel, height = 200, emptyText } = props;
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const largest = Math.max(0.2, ...lags.flatMap(({ r, low, high }) => [r, low, high].map(Math.abs)));
  // Ticks stand at half and at all of it.
  const reach = Math.min(1, Math.ceil(largest * 5.2) / 5);
  const y = (r: number) => TOP + ((height - TOP - FOOT) / 2) * (1 - r / reach);
  const step = lags.length > 0 ? (width - LEFT) / lags.length : 0;
  const x = (i: number) => LEFT + (i + 0.5) * step;
  const every = Math.max(1, Math.ceil(28 / Math.max(step, 1)));
  const hovered = at === null ? undefined : lags[at];
  const strongest = [...lags].sort((a, b) => Math.abs(b.r) - Math.abs(a.r))[0];
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(lags.length - 1, (at ?? (by > 0 ? -1 : lags.length)) + by)));
  };
  return (
    <ChartFrame
      title={title}
      hideTitle
      height={height}
      summary={
        strongest
          ? `${title}. Strongest ${lagWords(strongest.lag)}: ${signed(strongest.r)}, 95 % interval ${signed(strongest.low)} to ${signed(strongest.high)}.`
          : `${title}: ${emptyText}`
      }
      table={() => ({
        columns: ['Lag', 'r', '95 % interval'],
        keep: 'first',
        rows: lags.map(({ lag, r, low, high }) => [
          lagWords(lag),
          signed(r),
          `${signed(low)} to ${signed(high)}`,
        ]),
      })}
      legend={
        <p className="num truncate text-right text-xs text-ink-2" aria-live="polite">
          {hovered ? (
            <>
              <span className="text-ink-3">{lagWords(hovered.lag)}</span> r ={' '}
              <b className="font-medium text-ink">{signed(hovered.r)}</b>
            </>
          ) : null}
        </p>
      }
    >
      {lags.length === 0 ? (
        <div
          className="grid place-items-center rounded-md border border-dashed border-line text-xs text-ink-3"
          style={{ height }}
        >
          {emptyText}
        </div>
      ) : (
        <ChartSurface
          ref={ref}
          label={`${title}. Arrow keys read each lag.`}
          onKeyDown={onKeyDown}
          onBlur={() => setAt(null)}
          onPointerLeave={() => setAt(null)}
          className="rounded-sm"
          style={{ height }}
        >
          {width > 0 ? (
            <svg width={width} height={height} aria-hidden="true" className="num block text-2xs">
              {[-reach, -reach / 2, 0, reach / 2, reach].map((r) => (
                <g key={r}>
                  <line x1={LEFT} x2={width} y1={y(r)} y2={y(r)} stroke="var(--chart-grid)" />
                  <text x={LEFT - 6} y={y(r) + 3.5} textAnchor="end" fill="var(--chart-axis)">
                    {signed(r)}
                  </text>
                </g>
              ))}
              {lags.map(({ lag, r, low, high }, i) => (
                <g key={lag} onPointerEnter={() => setAt(i)}>
                  <rect
                    x={x(i) - step / 2}
                    width={step}
                    height={height}
                    fill={at === i ? 'var(--hover)' : 'transparent'}
                  />
                  <rect
                    x={x(i) - Math.min(14, step * 0.32)}
                    width={Math.min(28, step * 0.64)}
                    y={Math.min(y(0), y(r))}
                    height={Math.max(1, Math.abs(y(r) - y(0)))}
                    fill={cssColor(lag === best ? 2 : 1)}
                    opacity={low > 0 || high < 0 ? 0.9 : 0.45}
                  />
                  <line
                    x1={x(i)}
                    x2={x(i)}
                    y1={y(Math.min(reach, high))}
                    y2={y(Math.max(-reach, low))}
                    stroke="var(--ink-2)"
                    strokeWidth="1.5"
                  />
                  {i % every === Math.floor(lags.length / 2) % every ? (
                    <text x={x(i)} y={height - 20} textAnchor="middle" fill="var(--chart-axis)">
                      {lag > 0 ? `+${lag}` : lag < 0 ? `−${-lag}` : '0'}
                    </text>
                  ) : null}
                </g>
              ))}
              <line x1={LEFT} x2={width} y1={y(0)} y2={y(0)} stroke="var(--chart-axis)" />
              <text x={width} y={height - 4} textAnchor="end" fill="var(--ink-3)">
                {axisLabel}
              </text>
            </svg>
          ) : null}
        </ChartSurface>
      )}
    </ChartFrame>
  );
}

const signed = (r: number): string => formatFixed(r, 2).replace(/^-/, '−');

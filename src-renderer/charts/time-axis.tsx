/** The one axis of time below (or above) lanes: labels at round moments, UTC. */
import type { ReactNode } from 'react';
import { DAY_MS, timeTickLabels } from './format.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 5, 15, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY_MS),
];
const MONTH = 30.44 * DAY_MS;
const MONTHS = [1, 2, 3, 6, 12, 24, 60];

/** Round moments at least `apart` milliseconds from each other, and how far apart they lie. Pure. */
export function timeTicks(from: number, to: number, apart: number): { at: number[]; step: number } {
  const step = STEPS.find((one) => one >= apart);
  if (step) {
    const first = Math.ceil(from / step) * step;
    return { at: Array.from({ length: count(first, to, step) }, (_, i) => first + i * step), step };
  }
  const months = MONTHS.find((one) => one * MONTH >= apart) ?? 120;
  const start = new Date(from);
  const at: number[] = [];
  for (let month = Math.ceil(start.getUTCMonth() / months) * months; ; month += months) {
    const tick = Date.UTC(start.getUTCFullYear(), month, 1);
    if (tick > to) break;
    if (tick >= from) at.push(tick);
  }
  return { at, step: months * MONTH };
}

const count = (first: number, to: number, step: number): number =>
  Math.max(0, Math.floor((to - first) / step) + 1);

const LABEL_WIDTH = 72;

type TimeAxisProps = { from: number; to: number; width: number };

export function TimeAxis({ from, to, width }: TimeAxisProps): ReactNode {
  if (width <= 0 || to <= from) return <div style={{ height: HEIGHT }} />;
  const place = (at: number) => ((at - from) / (to - from)) * width;
  const { at, step } = timeTicks(from, to, ((to - from) / width) * LABEL_WIDTH);
  const labels = timeTickLabels(at, step);
  return (
    <svg
      width={width}
      height={HEIGHT}
      aria-hidden="true"
      className="num block overflow-visible text-2xs"
      fill="var(--chart-axis)"
    >
      <line x1={0} x2={width} y1={0.5} y2={0.5} stroke="var(--line)" />
      {at.map((tick, i) => (
        <g key={tick} transform={`translate(${place(tick).toFixed(1)} 0)`}>
          <line y1={0} y2={4} stroke="var(--line-strong)" />
          {(labels[i] ?? '').split('\n').map((line, row) => (
            <text key={line} y={15 + row * 12} textAnchor={place(tick) > width - 24 ? 'end' : 'middle'}>
              {line}
            </text>
          ))}
        </g>
      ))}
    </svg>
  );
}

const HEIGHT = 32;

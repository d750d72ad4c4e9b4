/** The one axis of time below (or above) lanes: labels at round moments, UTC. */
import type { ReactNode } from 'react';
import { timeTickLabels } from './format.ts';
import { timeTicks } from './time-ticks.ts';

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

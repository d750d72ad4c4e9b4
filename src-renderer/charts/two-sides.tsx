/** Two distributions in the size of a word: the reference as a line, the current filled. */
import type { ReactNode } from 'react';
import { readValue } from './format.ts';
import { cssColor } from './theme.ts';

type TwoSidesProps = {
  label: string;
  bins: readonly { label: string; reference: number; current: number }[];
  width?: number;
  height?: number;
};

export function TwoSides({ label, bins, width = 116, height = 22 }: TwoSidesProps): ReactNode {
  const top = Math.max(1e-9, ...bins.flatMap(({ reference, current }) => [reference, current]));
  const step = width / Math.max(1, bins.length);
  const y = (share: number) => 1 + (height - 2) * (1 - share / top);
  const outline = bins
    .map(({ reference }, i) => {
      const at = y(reference).toFixed(1);
      return `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${at}L${((i + 1) * step).toFixed(1)} ${at}`;
    })
    .join('');
  const apart = bins.reduce((sum, { reference, current }) => sum + Math.abs(reference - current), 0) / 2;
  return (
    <svg
      role="img"
      aria-label={`${label}: ${readValue(apart, 'share')} of the rows lie elsewhere`}
      width={width}
      height={height}
      className="block"
    >
      {bins.map(({ current }, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bins have no other identity, and never move.
          key={i}
          x={i * step + (step > 4 ? 0.5 : 0)}
          width={Math.max(0.5, step - (step > 4 ? 1 : 0))}
          y={y(current)}
          height={Math.max(0, height - 1 - y(current))}
          fill={cssColor(1)}
          opacity="0.6"
        />
      ))}
      <path d={outline} fill="none" stroke={cssColor('reference')} strokeWidth="1.5" />
    </svg>
  );
}

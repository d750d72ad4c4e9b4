/** One bar cut into shares, each with its name and percentage. */
import type { ReactNode } from 'react';
import { formatPercent } from '../lib/format.ts';
import { type ChartColor, cssColor } from './theme.ts';

export type Share = { id: string; label: string; share: number; color: ChartColor };

export function StackedShare({
  label,
  shares,
  height = 8,
  rest,
}: {
  label: string;
  shares: readonly Share[];
  height?: number;
  /** The share that nobody has: left in the ground's colour. */
  rest?: string;
}): ReactNode {
  const text = `${label}: ${shares.map((one) => `${one.label} ${formatPercent(one.share)}`).join(', ')}`;
  return (
    <div
      role="img"
      aria-label={text}
      title={text}
      className="flex w-full gap-px overflow-hidden rounded-full bg-inset"
      style={{ height }}
    >
      {shares.map((one) =>
        one.share > 0 ? (
          <div
            key={one.id}
            style={{
              flexGrow: one.share,
              flexBasis: 0,
              background: one.id === rest ? 'transparent' : cssColor(one.color),
            }}
          />
        ) : null,
      )}
    </div>
  );
}

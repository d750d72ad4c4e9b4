import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { TONE_TEXT, type Tone } from './tone.ts';

export type StatProps = {
  label: string;
  value: ReactNode;
  unit?: string;
  /** Change or context under the figure: "+2.1 pts since Monday". */
  delta?: ReactNode;
  tone?: Tone;
  /** A sparkline, right of the figure. */
  chart?: ReactNode;
};

/** One figure that matters, never cut: what has no room goes on below. Put several in a StatRow. */
export function Stat({ label, value, unit, delta, tone = 'neutral', chart }: StatProps) {
  return (
    <div className="flex min-w-0 items-start justify-between gap-3 px-3.5 py-2.5">
      <dl className="min-w-0">
        <dt className="text-xs text-ink-3">{label}</dt>
        <dd className="num mt-0.5 break-words text-xl font-semibold tracking-tight">
          {value}
          {unit && <span className="ml-1 text-xs font-normal tracking-normal text-ink-3">{unit}</span>}
        </dd>
        {delta && <dd className={`num text-xs text-pretty break-words ${TONE_TEXT[tone]}`}>{delta}</dd>}
      </dl>
      {chart && <div className="shrink-0 self-end">{chart}</div>}
    </div>
  );
}

/** Figures side by side, parted by hairlines. `flush`: within an unpadded panel, which has the outline already. */
export function StatRow({ children, flush }: { children: ReactNode; flush?: boolean }) {
  return (
    <div
      className={cx(
        // A row that is not full is filled: what lies beneath is the colour of the lines.
        'flex flex-wrap gap-px overflow-hidden bg-line *:flex-[1_1_132px] *:bg-surface',
        !flush && 'rounded-md border border-line',
      )}
    >
      {children}
    </div>
  );
}

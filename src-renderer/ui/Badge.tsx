import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { TONE_FILL, TONE_SOFT, type Tone } from './tone.ts';

/** A word with a meaning: a state, an alias, a count. */
export function Badge({
  tone = 'neutral',
  icon: Icon,
  children,
}: {
  tone?: Tone;
  icon?: LucideIcon;
  children: ReactNode;
}) {
  return (
    <span
      className={cx(
        'num inline-flex h-5 max-w-full shrink-0 items-center gap-1 rounded-xs px-1.5 text-xs font-medium whitespace-nowrap',
        TONE_SOFT[tone],
      )}
    >
      {Icon && <Icon size={12} aria-hidden="true" />}
      {children}
    </span>
  );
}

/** A coloured dot and the word that says the same. `pulse` for what is under way. */
export function StatusDot({
  tone,
  pulse,
  children,
  hideLabel,
}: {
  tone: Tone;
  pulse?: boolean;
  children: ReactNode;
  /** Keeps the word for screen readers only; give it another way to be seen. */
  hideLabel?: boolean;
}) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span
        className={cx('size-2 shrink-0 rounded-full', TONE_FILL[tone], pulse && 'lathe-pulse')}
        aria-hidden="true"
      />
      <span className={hideLabel ? 'sr-only' : undefined}>{children}</span>
    </span>
  );
}

/** The square that stands for an arm or a series, as in the charts' legends. */
export function Swatch({ color }: { color: string }) {
  return (
    <span
      className="inline-block size-2.5 shrink-0 rounded-[2px]"
      style={{ background: color }}
      aria-hidden="true"
    />
  );
}

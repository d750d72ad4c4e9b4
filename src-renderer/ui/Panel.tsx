import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

export type PanelProps = {
  title?: ReactNode;
  /** A short line beside the title: a count, a unit, a period. */
  hint?: ReactNode;
  actions?: ReactNode;
  /** Whether the body has padding; false for tables and charts that go to the edge. */
  padded?: boolean;
  /** Takes the height its container gives; the body scrolls. */
  fill?: boolean;
  children: ReactNode;
};

/** A titled region on the surface. Panels are not nested. */
export function Panel({ title, hint, actions, padded = true, fill, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx(
        'flex min-w-0 flex-col overflow-hidden rounded-md border border-line bg-surface',
        fill && 'h-full min-h-0',
      )}
    >
      {(title || actions) && (
        <header className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-3 py-1">
          <h2 id={id} className="truncate text-sm">
            {title}
          </h2>
          {hint && <span className="num min-w-0 truncate text-xs text-ink-3">{hint}</span>}
          {actions && <div className="ml-auto flex shrink-0 items-center gap-1">{actions}</div>}
        </header>
      )}
      <div className={cx('min-h-0 min-w-0 flex-1', fill && 'overflow-auto', padded && 'p-3')}>{children}</div>
    </section>
  );
}

import { cx } from '../../ui/cx.ts';

/** One setting that is on or off, as a small button in a row of them. */
export function Toggle({
  label,
  title,
  on,
  onChange,
}: {
  label: string;
  title?: string;
  on: boolean;
  onChange(on: boolean): void;
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      title={title}
      onClick={() => onChange(!on)}
      className={cx(
        'h-(--control-h) rounded-sm border px-2 text-xs font-medium whitespace-nowrap',
        on
          ? 'border-accent bg-selected text-accent'
          : 'border-line-strong/55 text-ink-2 hover:bg-hover hover:text-ink',
      )}
    >
      {label}
    </button>
  );
}

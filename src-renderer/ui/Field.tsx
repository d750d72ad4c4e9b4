import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

export type FieldIds = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
};

export type FieldProps = {
  label: string;
  /** What the value means or does. */
  help?: ReactNode;
  /** What is wrong with it, and how to mend it. */
  error?: string | null;
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean;
};

/** A label, a control, its help and its error, tied together for screen readers. */
export function Field({
  label,
  help,
  error,
  hideLabel,
  children,
}: FieldProps & { children: (ids: FieldIds) => ReactNode }) {
  const id = useId();
  const notes = error || help ? `${id}-note` : undefined;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-xs font-medium text-ink-2'}>
        {label}
      </label>
      {children({ id, 'aria-describedby': notes, 'aria-invalid': error ? true : undefined })}
      {notes && (
        <p
          id={notes}
          className={cx('text-xs', error ? 'text-bad' : 'text-ink-3')}
          role={error ? 'alert' : undefined}
        >
          {error ?? help}
        </p>
      )}
    </div>
  );
}

export const INPUT =
  'h-(--control-h) w-full min-w-0 rounded-sm border border-line-strong/70 bg-field px-2 text-sm text-ink hover:border-line-strong focus-visible:border-focus aria-invalid:border-bad disabled:opacity-50';

import { ChevronsUpDown } from 'lucide-react';
import { cx } from './cx.ts';
import { Field, type FieldProps, INPUT } from './Field.tsx';

export type SelectProps<Value extends string> = FieldProps & {
  options: readonly { value: Value; label: string; disabled?: boolean }[];
  value: Value;
  onChange(value: Value): void;
  disabled?: boolean;
};

/** One of several. The native control, so that keyboard and screen readers know it; drawn by the theme. */
export function Select<Value extends string>({
  options,
  value,
  onChange,
  disabled,
  ...field
}: SelectProps<Value>) {
  return (
    <Field {...field}>
      {(ids) => (
        <span className="relative flex min-w-0 items-center">
          <select
            {...ids}
            disabled={disabled}
            value={value}
            onChange={(event) => onChange(event.target.value as Value)}
            className={cx(INPUT, 'lathe-select pr-7')}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} disabled={option.disabled}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronsUpDown
            size={13}
            aria-hidden="true"
            className="pointer-events-none absolute right-2 text-ink-3"
          />
        </span>
      )}
    </Field>
  );
}

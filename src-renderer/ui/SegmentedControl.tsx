import { useId } from 'react';

export type SegmentedControlProps<Value extends string> = {
  /** What is chosen, for screen readers. */
  label: string;
  options: readonly { value: Value; label: string; disabled?: boolean }[];
  value: Value;
  onChange(value: Value): void;
};

/** One of a few, all in sight. Arrow keys move, as in any radio group. */
export function SegmentedControl<Value extends string>({
  label,
  options,
  value,
  onChange,
}: SegmentedControlProps<Value>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex shrink-0 rounded-sm border border-line bg-inset p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-[calc(var(--control-h)-6px)] items-center rounded-[4px] px-2.5 text-xs font-medium whitespace-nowrap text-ink-2 select-none hover:text-ink has-checked:bg-raised has-checked:text-ink has-checked:shadow-[0_0_0_1px_var(--line),0_1px_2px_oklch(0_0_0/0.08)] has-disabled:opacity-45 has-focus-visible:outline-2 has-focus-visible:outline-focus"
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

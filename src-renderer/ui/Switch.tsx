import { type ReactNode, useId } from 'react';

export type SwitchProps = {
  label: string;
  help?: ReactNode;
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean;
  hideLabel?: boolean;
};

/** On or off, at once. */
export function Switch({ label, help, checked, onChange, disabled, hideLabel }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="relative mt-0.5 h-4 w-7 shrink-0 appearance-none rounded-full border border-line-strong bg-inset transition-colors before:absolute before:top-[2px] before:left-[2px] before:size-2.5 before:rounded-full before:bg-ink-3 before:transition-transform checked:border-accent-solid checked:bg-accent-solid checked:before:translate-x-3 checked:before:bg-on-solid disabled:opacity-50"
      />
      <div className={hideLabel ? 'sr-only' : 'min-w-0'}>
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className="text-xs text-ink-3">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

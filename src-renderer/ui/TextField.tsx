import { type InputHTMLAttributes, type ReactNode, type Ref, useEffect, useRef, useState } from 'react';
import { cx } from './cx.ts';
import { Field, type FieldProps, INPUT } from './Field.tsx';

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange' | 'className'>;

export type TextFieldProps = FieldProps &
  Native & { value: string; onChange(value: string): void; mono?: boolean; ref?: Ref<HTMLInputElement> };

export function TextField({ label, help, error, hideLabel, value, onChange, mono, ...rest }: TextFieldProps) {
  return (
    <Field {...given({ label, help, error, hideLabel })}>
      {(ids) => (
        <input
          type="text"
          spellCheck={false}
          {...rest}
          {...ids}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(INPUT, mono && 'font-mono text-xs')}
        />
      )}
    </Field>
  );
}

export type TextAreaProps = FieldProps & {
  value: string;
  onChange(value: string): void;
  rows?: number;
  mono?: boolean;
  placeholder?: string;
  maxLength?: number;
};

/** Text of several lines. */
export function TextArea({ label, help, error, hideLabel, value, onChange, mono, ...rest }: TextAreaProps) {
  return (
    <Field {...given({ label, help, error, hideLabel })}>
      {(ids) => (
        <textarea
          spellCheck={false}
          {...rest}
          {...ids}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(INPUT, 'h-auto resize-y py-1.5', mono && 'font-mono text-xs leading-5')}
        />
      )}
    </Field>
  );
}

export type NumberFieldProps = FieldProps & {
  value: number;
  /** Called with a number inside the limits, when the field is left or Enter is pressed. */
  onCommit(value: number): void;
  min?: number;
  max?: number;
  /** Whole numbers only. */
  integer?: boolean;
  unit?: ReactNode;
  disabled?: boolean;
};

/** A number that is checked while it is typed and taken when the field is left; Escape gives it up. */
export function NumberField(props: NumberFieldProps) {
  const { label, help, error, hideLabel, value, onCommit, unit, disabled } = props;
  const [draft, setDraft] = useState(String(value));
  const [wrong, setWrong] = useState<string | null>(null);
  const cancelled = useRef(false);

  useEffect(() => {
    setDraft(String(value));
    setWrong(null);
  }, [value]);

  const commit = () => {
    if (cancelled.current) {
      cancelled.current = false;
      setDraft(String(value));
      setWrong(null);
      return;
    }
    const problem = checkNumber(draft, props);
    setWrong(problem);
    if (!problem && Number(draft) !== value) onCommit(Number(draft));
  };

  return (
    <Field {...given({ label, help, hideLabel })} error={wrong ?? error ?? null}>
      {(ids) => (
        <div className="flex items-center gap-2">
          <input
            {...ids}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            disabled={disabled}
            value={draft}
            onChange={(event) => {
              setDraft(event.target.value);
              setWrong(checkNumber(event.target.value, props));
            }}
            onBlur={commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') commit();
              if (event.key === 'Escape') {
                cancelled.current = true;
                event.currentTarget.blur();
              }
            }}
            className={cx(INPUT, 'num max-w-32')}
          />
          {unit && <span className="min-w-8 shrink-0 text-xs text-ink-3">{unit}</span>}
        </div>
      )}
    </Field>
  );
}

/** What is wrong with a typed number, in words, or null. */
export function checkNumber(
  text: string,
  { min, max, integer }: Pick<NumberFieldProps, 'min' | 'max' | 'integer'>,
): string | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return 'Enter a number.';
  if (integer && !Number.isInteger(value)) return 'Enter a whole number.';
  if (min !== undefined && value < min) return `Enter ${min} or more.`;
  if (max !== undefined && value > max) return `Enter ${max} or less.`;
  return null;
}

/** Leaves out what is undefined: exact optional properties want absence. */
function given(props: { label: string; [key: string]: unknown }): FieldProps {
  return Object.fromEntries(
    Object.entries(props).filter(([, value]) => value !== undefined),
  ) as unknown as FieldProps;
}

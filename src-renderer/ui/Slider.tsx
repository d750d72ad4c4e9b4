import { Field, type FieldProps } from './Field.tsx';

export type SliderProps = FieldProps & {
  value: number;
  min: number;
  max: number;
  step?: number;
  /** While it is dragged. */
  onChange(value: number): void;
  /** When it is let go, or a key has moved it. */
  onCommit?(value: number): void;
  /** The value in words, for screen readers: "80 %". */
  valueText?: string;
  disabled?: boolean;
};

export function Slider({
  value,
  min,
  max,
  step = 1,
  onChange,
  onCommit,
  valueText,
  disabled,
  ...field
}: SliderProps) {
  const filled = max > min ? ((value - min) / (max - min)) * 100 : 0;
  const commit = () => onCommit?.(value);
  return (
    <Field {...field}>
      {(ids) => (
        <input
          {...ids}
          type="range"
          className="lathe-slider w-full rounded-xs"
          style={{ '--filled': `${filled}%` } as React.CSSProperties}
          min={min}
          max={max}
          step={step}
          value={value}
          disabled={disabled}
          aria-valuetext={valueText}
          onChange={(event) => onChange(Number(event.target.value))}
          onPointerUp={commit}
          onKeyUp={commit}
        />
      )}
    </Field>
  );
}

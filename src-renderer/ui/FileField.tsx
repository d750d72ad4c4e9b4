import { File as FileIcon, type LucideIcon } from 'lucide-react';
import { type Ref, useRef } from 'react';
import { formatBytes } from '../lib/format.ts';
import { Button } from './Button.tsx';
import { Field } from './Field.tsx';

export type FileFieldProps = {
  /** What kind of file: "Reference file". For screen readers, unless it is to be shown. */
  label: string;
  showLabel?: boolean;
  file: File | null;
  onChoose(file: File): void;
  /** Endings, as the native control has them: ".parquet,.csv". */
  accept: string;
  /** Said while none is chosen: "Parquet or CSV, 2 GiB at most". */
  hint: string;
  /** Said after the size of the chosen file: "1,200 rows". */
  detail?: string | null;
  error?: string | null;
  disabled?: boolean;
  icon?: LucideIcon;
  /** Has the focus when its dialog opens. */
  takesFocus?: boolean;
  /** Its button: a click from elsewhere opens the chooser too. */
  ref?: Ref<HTMLButtonElement>;
};

/** A file that is chosen, with its size, and a button to choose another. */
export function FileField(props: FileFieldProps) {
  const { label, showLabel, file, onChoose, accept, hint, detail, error, disabled, takesFocus, ref } = props;
  const { icon: Icon = FileIcon } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <Field label={label} hideLabel={!showLabel} error={error ?? null}>
      {(ids) => (
        <div className="relative flex items-center gap-3 rounded-md border border-line bg-inset px-3 py-2.5">
          <Icon size={20} strokeWidth={1.5} aria-hidden="true" className="shrink-0 text-ink-3" />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
            <p className="num text-xs text-ink-3">
              {file ? [formatBytes(file.size), detail].filter(Boolean).join(', ') : hint}
            </p>
          </div>
          <input
            {...ids}
            ref={input}
            type="file"
            accept={accept}
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              event.target.value = '';
              if (chosen) onChoose(chosen);
            }}
          />
          <Button
            ref={ref}
            data-autofocus={takesFocus ? '' : undefined}
            disabled={disabled}
            onClick={() => input.current?.click()}
          >
            {file ? 'Other file' : 'Choose a file'}
          </Button>
        </div>
      )}
    </Field>
  );
}

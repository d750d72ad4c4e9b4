import { File as FileIcon, type LucideIcon } from 'lucide-react';
import { useId, useRef } from 'react';
import { formatBytes } from '../lib/format.ts';
import { Button } from './Button.tsx';

export type FileFieldProps = {
  /** What kind of file, for screen readers: "Reference file". */
  label: string;
  file: File | null;
  onChoose(file: File): void;
  /** Endings, as the native control has them: ".parquet,.csv". */
  accept: string;
  /** Said while none is chosen: "Parquet or CSV, 2 GiB at most". */
  hint: string;
  disabled?: boolean;
  icon?: LucideIcon;
};

/** A file that is chosen, with its size, and a button to choose another. */
export function FileField(props: FileFieldProps) {
  const { label, file, onChoose, accept, hint, disabled, icon: Icon = FileIcon } = props;
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <div className="flex items-center gap-3 rounded-md border border-line bg-inset px-3 py-2.5">
      <Icon size={20} strokeWidth={1.5} aria-hidden="true" className="shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
        <p className="num text-xs text-ink-3">{file ? formatBytes(file.size) : hint}</p>
      </div>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        ref={input}
        id={id}
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
      <Button disabled={disabled ?? false} onClick={() => input.current?.click()}>
        {file ? 'Other file' : 'Choose a file'}
      </Button>
    </div>
  );
}

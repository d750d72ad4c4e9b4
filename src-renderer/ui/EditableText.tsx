import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button, IconButton } from './Button.tsx';
import { cx } from './cx.ts';
import { INPUT } from './Field.tsx';

export type EditableTextProps = {
  value: string;
  /** What it is: "Description of flight-delay". */
  label: string;
  /** Shown while it is empty. */
  placeholder: string;
  onSave(value: string): void;
  maxLength?: number;
};

/** A text that is edited where it stands. Control and Enter saves, Escape gives it up. */
export function EditableText({ value, label, placeholder, onSave, maxLength }: EditableTextProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const editing = draft !== null;
  useEffect(() => {
    if (editing) box.current?.focus();
  }, [editing]);
  const close = () => {
    setDraft(null);
    requestAnimationFrame(() => button.current?.focus());
  };
  const save = () => {
    if (draft !== null && draft.trim() !== value) onSave(draft.trim());
    close();
  };
  if (draft === null)
    return (
      <span className="inline-flex max-w-full min-w-0 items-start gap-1">
        <span className={cx('min-w-0 break-words whitespace-pre-line', value === '' && 'text-ink-3')}>
          {value || placeholder}
        </span>
        <IconButton
          ref={button}
          size="sm"
          icon={Pencil}
          label={`Edit: ${label}`}
          onClick={() => setDraft(value)}
        />
      </span>
    );
  return (
    <span className="flex w-full max-w-[90ch] min-w-0 flex-col gap-1.5">
      <textarea
        ref={box}
        aria-label={label}
        rows={Math.min(10, Math.max(2, draft.split('\n').length + 1))}
        maxLength={maxLength}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
          if (event.key === 'Escape') {
            event.stopPropagation();
            close();
          }
        }}
        className={cx(INPUT, 'h-auto resize-y py-1.5')}
      />
      <span className="flex gap-2">
        <Button size="sm" onClick={save}>
          Save
        </Button>
        <Button size="sm" variant="ghost" onClick={close}>
          Cancel
        </Button>
      </span>
    </span>
  );
}

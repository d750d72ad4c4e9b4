/** A run's note, written where it stands. */
import { useState } from 'react';
import { useAction } from '../../lib/query.ts';
import { INPUT } from '../../ui/Field.tsx';

export function NoteCell({ runId, name, note }: { runId: string; name: string; note: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = useAction((rpc, text: string) => rpc.experiments.setNote({ runId, note: text }), {
    topics: ['experiments'],
    onDone: () => setDraft(null),
  });
  if (draft === null)
    return (
      <button
        type="button"
        onClick={() => setDraft(note)}
        title={note || undefined}
        aria-label={note ? `Note of ${name}: ${note}. Edit it` : `Write a note on ${name}`}
        className="block w-full truncate rounded-xs text-left text-ink-2 hover:text-ink"
      >
        {note || <span className="text-ink-3 opacity-0 group-hover/row:opacity-100">Add a note</span>}
      </button>
    );
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just pressed
      autoFocus
      aria-label={`Note of ${name}`}
      maxLength={8000}
      value={draft}
      disabled={save.isPending}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => (draft === note ? setDraft(null) : save.mutate(draft))}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setDraft(null);
      }}
      className={INPUT}
    />
  );
}

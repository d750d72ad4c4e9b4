import { useMemo } from 'react';
import { plural } from '../lib/format.ts';
import { parsePatch } from '../lib/patch.ts';
import type { ShownLine } from '../lib/text-diff.ts';
import { ChangeCount } from './TextDiff.tsx';
import { TextLines } from './TextLines.tsx';

/** A patch of git, coloured, file after file. It fills its container. */
export function PatchView({ patch, label }: { patch: string; label: string }) {
  const { files, notes } = useMemo(() => parsePatch(patch), [patch]);
  const lines = useMemo(
    () =>
      files.flatMap(({ name, what, added, removed, lines: own }): ShownLine[] => [
        { kind: 'file', name, what, added, removed },
        ...own,
      ]),
    [files],
  );
  const added = files.reduce((sum, file) => sum + file.added, 0);
  const removed = files.reduce((sum, file) => sum + file.removed, 0);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="num shrink-0 border-b border-line px-3 py-1 text-xs text-ink-2">
        {plural(files.length, 'file')} <ChangeCount added={added} removed={removed} />
        {notes.map((note) => (
          <p key={note} className="text-ink-3">
            {note}
          </p>
        ))}
      </div>
      <div className="min-h-0 flex-1">
        <TextLines label={label} lines={lines} numbers="two" />
      </div>
    </div>
  );
}

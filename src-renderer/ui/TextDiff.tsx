import { useMemo, useState } from 'react';
import { plural } from '../lib/format.ts';
import { countChanges, folded, toLines } from '../lib/text-diff.ts';
import { useTextDiff } from '../lib/use-text-diff.ts';
import { Spinner } from './Spinner.tsx';
import { TextLines } from './TextLines.tsx';

export type TextDiffProps = {
  left: string;
  right: string;
  /** What the two are, such as "config.yaml of a and of b". */
  label: string;
  /** Lines around a change. */
  context?: number;
};

const NONE: ReadonlySet<number> = new Set();

/** Two texts as one list of lines: what went, what came, and a little around. It fills its container. */
export function TextDiff({ left, right, label, context = 3 }: TextDiffProps) {
  const diff = useTextDiff(left, right);
  const [open, setOpen] = useState({ of: diff, gaps: NONE });
  const gaps = open.of === diff ? open.gaps : NONE;
  const lines = useMemo(() => (diff ? toLines(diff.runs, diff.left, diff.right) : []), [diff]);
  const shown = useMemo(() => folded(lines, context, gaps), [lines, context, gaps]);
  if (!diff)
    return (
      <p role="status" className="flex items-center gap-2 p-3 text-ink-2">
        <Spinner /> Comparing
      </p>
    );
  const { added, removed } = countChanges(diff.runs);
  if (added + removed === 0) return <p className="p-3 text-ink-2">Both are alike.</p>;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <p className="num shrink-0 border-b border-line px-3 py-1 text-xs text-ink-2">
        <ChangeCount added={added} removed={removed} />
        {diff.isReplaced ? '. They differ too much to be told apart line by line.' : null}
      </p>
      <div className="min-h-0 flex-1">
        <TextLines
          label={label}
          lines={shown}
          numbers="two"
          onUnfold={(at) => setOpen({ of: diff, gaps: new Set([...gaps, at]) })}
        />
      </div>
    </div>
  );
}

/** "3 lines added, 1 removed" */
export function ChangeCount({ added, removed }: { added: number; removed: number }) {
  return (
    <span>
      <span className="text-ok">+{added}</span> <span className="text-bad">−{removed}</span>
      <span className="sr-only">
        {plural(added, 'line')} added, {removed} removed
      </span>
    </span>
  );
}

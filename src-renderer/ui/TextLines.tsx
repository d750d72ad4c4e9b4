/** Lines of text, of a diff or of a patch: any number of them, of which only those in sight are drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { FoldVertical } from 'lucide-react';
import { memo, useRef } from 'react';
import { plural } from '../lib/format.ts';
import { changedParts, type Line, type ShownLine } from '../lib/text-diff.ts';
import { cx } from './cx.ts';
import { ScrollRegion } from './ScrollRegion.tsx';

const LINE_HEIGHT = 20;
/** Nobody reads on, and drawing it takes long. */
const LONGEST = 2_000;

export type TextLinesProps = {
  /** What it is, for screen readers. */
  label: string;
  lines: readonly ShownLine[];
  /** One number a line (a file), or the places on both sides (a diff). */
  numbers: 'one' | 'two';
  /** Unfolds the gap at that place. */
  onUnfold?: (at: number) => void;
};

export function TextLines({ label, lines, numbers, onUnfold }: TextLinesProps) {
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  const shown = virtual.getVirtualItems();
  const digits = String(lines.reduce((most, line) => Math.max(most, placeOf(line)), 1)).length;
  return (
    <ScrollRegion
      ref={box}
      label={label}
      className="h-full min-h-0 bg-surface font-mono text-xs leading-5 focus-visible:-outline-offset-2"
    >
      <div className="relative w-max min-w-full" style={{ height: virtual.getTotalSize() }}>
        <div className="w-max min-w-full" style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}>
          {shown.map(({ index }) => {
            const line = lines[index];
            if (!line) return null;
            if (line.kind === 'gap')
              return <Gap key={index} count={line.count} onUnfold={() => onUnfold?.(line.at)} />;
            if (line.kind === 'note')
              return (
                <p key={index} className="h-5 bg-inset px-3 whitespace-pre text-ink-3">
                  {line.text.slice(0, LONGEST)}
                </p>
              );
            if (line.kind === 'file') return <FileHead key={index} {...line} />;
            return <TextLine key={index} line={line} numbers={numbers} digits={digits} />;
          })}
        </div>
      </div>
    </ScrollRegion>
  );
}

const placeOf = (line: ShownLine): number => ('left' in line ? Math.max(line.left ?? 0, line.right ?? 0) : 0);

const GROUND: Record<Line['kind'], string> = { same: '', added: 'bg-ok-soft', removed: 'bg-bad-soft' };
const SIGN: Record<Line['kind'], string> = { same: ' ', added: '+', removed: '−' };
const WORD: Record<Line['kind'], string> = { same: '', added: 'added: ', removed: 'removed: ' };

const TextLine = memo(function TextLine({
  line,
  numbers,
  digits,
}: {
  line: Line;
  numbers: 'one' | 'two';
  digits: number;
}) {
  const { kind, left, right, other } = line;
  const isCut = line.text.length > LONGEST;
  const text = isCut ? line.text.slice(0, LONGEST) : line.text;
  const width = { width: `${digits + 1.5}ch` };
  return (
    <div className={cx('flex h-5 w-max min-w-full', GROUND[kind])}>
      {numbers === 'two' ? <Place at={left} style={width} /> : null}
      <Place at={right} style={width} />
      {numbers === 'two' ? (
        <span
          aria-hidden="true"
          className={cx('w-[2.5ch] text-center', kind === 'added' ? 'text-ok' : 'text-bad')}
        >
          {SIGN[kind]}
        </span>
      ) : null}
      <span className="pr-6 pl-1 whitespace-pre">
        {kind === 'same' ? null : <span className="sr-only">{WORD[kind]}</span>}
        {other === null || isCut ? text : <ChangedText text={text} other={other} tone={kind} />}
        {isCut ? (
          <span className="text-ink-3"> … {plural(line.text.length - LONGEST, 'character')} more</span>
        ) : null}
      </span>
    </div>
  );
});

function Place({ at, style }: { at: number | null; style: { width: string } }) {
  return (
    <span aria-hidden="true" style={style} className="num shrink-0 pr-1 text-right text-ink-3 select-none">
      {at ?? ''}
    </span>
  );
}

function FileHead({ name, what, added, removed }: Extract<ShownLine, { kind: 'file' }>) {
  return (
    <p className="flex h-5 items-center gap-3 border-y border-line bg-canvas px-3 whitespace-pre">
      <span className="font-semibold">{name}</span>
      {what === '' ? null : <span className="font-sans text-ink-3">{what}</span>}
      <span className="num">
        <span className="text-ok">+{added}</span> <span className="text-bad">−{removed}</span>
      </span>
    </p>
  );
}

function Gap({ count, onUnfold }: { count: number; onUnfold(): void }) {
  return (
    <button
      type="button"
      onClick={onUnfold}
      className="flex h-5 w-full items-center gap-2 bg-inset px-3 font-sans text-ink-3 hover:text-ink focus-visible:-outline-offset-2"
    >
      <FoldVertical size={12} aria-hidden="true" />
      {plural(count, 'line')} alike
    </button>
  );
}

const MARK = {
  added: 'bg-ok-fill/30 decoration-ok',
  removed: 'bg-bad-fill/30 decoration-bad',
  same: 'bg-warn-soft decoration-warn',
} as const;

/** Text in which what differs from another text is marked, by ground and by line, for it is never colour alone. */
export function ChangedText({
  text,
  other,
  tone = 'same',
}: {
  text: string;
  other: string;
  tone?: keyof typeof MARK;
}) {
  return changedParts(text, other).map(({ text: part, changed }, at) =>
    changed ? (
      <mark
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other identity, and never move.
        key={at}
        className={cx('rounded-[2px] text-inherit underline decoration-1 underline-offset-2', MARK[tone])}
      >
        {part}
      </mark>
    ) : (
      part
    ),
  );
}

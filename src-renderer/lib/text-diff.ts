/** What differs between two texts, line by line, and within two lines. Pure; long texts are compared in diff-worker.ts. */
import { diffArrays, diffWordsWithSpace } from 'diff';

export type LineKind = 'same' | 'added' | 'removed';
/** So many lines of one kind. A diff is a list of them: from both texts and these all lines can be told. */
export type Run = { kind: LineKind; count: number };

export type Line = {
  kind: LineKind;
  /** Place in the left and in the right text, from 1. */
  left: number | null;
  right: number | null;
  text: string;
  /** The line on the other side that this one took the place of, or that took its place. */
  other: string | null;
};
export type ShownLine =
  | Line
  /** Lines that are the same on both sides and not shown. */
  | { kind: 'gap'; count: number; at: number }
  /** Where another file begins, in a patch. */
  | { kind: 'file'; name: string; what: string; added: number; removed: number }
  | { kind: 'note'; text: string };

/** Without the empty line after the last line's end. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Null when the texts differ too much to be told apart line by line within the limits. */
export function diffLines(
  left: readonly string[],
  right: readonly string[],
  limits: { edits?: number; ms?: number } = {},
): Run[] | null {
  const { edits = 20_000, ms = 10_000 } = limits;
  const found = diffArrays([...left], [...right], { maxEditLength: edits, timeout: ms });
  return (
    found?.map(({ added, removed, count }) => ({
      kind: added ? 'added' : removed ? 'removed' : 'same',
      count: count ?? 0,
    })) ?? null
  );
}

/** The whole left text gone, the whole right one come. */
export const replaced = (left: readonly string[], right: readonly string[]): Run[] =>
  [
    { kind: 'removed' as const, count: left.length },
    { kind: 'added' as const, count: right.length },
  ].filter(({ count }) => count > 0);

/** All lines in order; of a change the removed ones first. */
export function toLines(runs: readonly Run[], left: readonly string[], right: readonly string[]): Line[] {
  const lines: Line[] = [];
  let [l, r] = [0, 0];
  for (const [at, { kind, count }] of runs.entries()) {
    const next = runs[at + 1];
    const before = runs[at - 1];
    for (let n = 0; n < count; n++) {
      if (kind === 'same') {
        lines.push({ kind, left: ++l, right: ++r, text: right[r - 1] ?? '', other: null });
      } else if (kind === 'removed') {
        const other = next?.kind === 'added' && n < next.count ? (right[r + n] ?? null) : null;
        lines.push({ kind, left: ++l, right: null, text: left[l - 1] ?? '', other });
      } else {
        const gone = before?.kind === 'removed' ? before.count : 0;
        const other = n < gone ? (left[l - gone + n] ?? null) : null;
        lines.push({ kind, left: null, right: ++r, text: right[r - 1] ?? '', other });
      }
    }
  }
  return lines;
}

/** Only what changed, with `context` lines around; `open` are the gaps that a person unfolded, by their place. */
export function folded(lines: readonly Line[], context: number, open: ReadonlySet<number>): ShownLine[] {
  const near = new Uint8Array(lines.length);
  for (const [at, { kind }] of lines.entries())
    if (kind !== 'same') near.fill(1, Math.max(0, at - context), at + context + 1);
  const shown: ShownLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    let end = at;
    while (end < lines.length && near[end] === 0) end += 1;
    // Folding a single line would save none.
    if (end - at > 1 && !open.has(at)) {
      shown.push({ kind: 'gap', count: end - at, at });
      at = end - 1;
      continue;
    }
    for (const last = Math.max(at, end - 1); at <= last; at++) {
      const line = lines[at];
      if (line) shown.push(line);
    }
    at -= 1;
  }
  return shown;
}

export const countChanges = (runs: readonly Run[]): { added: number; removed: number } => {
  const of = (wanted: LineKind) =>
    runs.reduce((sum, { kind, count }) => sum + (kind === wanted ? count : 0), 0);
  return { added: of('added'), removed: of('removed') };
};

export type Part = { text: string; changed: boolean };

/** Longer lines are told apart by their beginnings and ends alone. */
const MOST_WORDS = 600;

/** `text` in parts: what is not in `other` at that place is changed. Joined they are the text. */
export function changedParts(text: string, other: string): Part[] {
  if (text === other) return [{ text, changed: false }];
  if (text.length <= MOST_WORDS && other.length <= MOST_WORDS) {
    const words = diffWordsWithSpace(other, text, { maxEditLength: 200 });
    if (words)
      return words
        .filter(({ removed }) => !removed)
        .map(({ value, added }) => ({ text: value, changed: added }));
  }
  const { before, changed, after } = middleOf(text, other);
  return [
    { text: before, changed: false },
    { text: changed, changed: true },
    { text: after, changed: false },
  ].filter((part) => part.text !== '');
}

/** What two texts begin and end with alike, and what lies between in the first one. No character is cut in two. */
export function middleOf(text: string, other: string): { before: string; changed: string; after: string } {
  const most = Math.min(text.length, other.length);
  let start = 0;
  while (start < most && text[start] === other[start]) start += 1;
  if (start > 0 && isHigh(text.charCodeAt(start - 1))) start -= 1;
  let end = 0;
  while (end < most - start && text.at(-1 - end) === other.at(-1 - end)) end += 1;
  if (end > 0 && isLow(text.charCodeAt(text.length - end))) end -= 1;
  return {
    before: text.slice(0, start),
    changed: text.slice(start, text.length - end),
    after: text.slice(text.length - end),
  };
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

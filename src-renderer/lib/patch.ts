/** A patch of git, as files with their lines. Pure. */
import type { Line, ShownLine } from './text-diff.ts';

export type PatchedFile = {
  name: string;
  /** What happened to it, when it was more than a change: "new", "removed", "renamed from x", "mode 100755". */
  what: string;
  added: number;
  removed: number;
  lines: ShownLine[];
};
export type Patch = {
  /** What stands before the first file; `lathe run` tells there what it left out. */
  notes: string[];
  files: PatchedFile[];
};

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/;

export function parsePatch(text: string): Patch {
  const notes: string[] = [];
  const files: PatchedFile[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let file: PatchedFile | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.startsWith('diff --git ')) {
      file = { name: nameOf(line), what: '', added: 0, removed: 0, lines: [] };
      files.push(file);
      continue;
    }
    if (!file) {
      if (line.trim() !== '') notes.push(line.replace(/^# ?/, ''));
      continue;
    }
    const hunk = HUNK.exec(line);
    if (hunk) at = takeHunk(file, lines, at, hunk);
    else takeHeader(file, line);
  }
  for (const one of files) pairUp(one.lines);
  return { notes, files };
}

/** Reads the lines that the hunk at `at` announces; returns the place of the last one. */
function takeHunk(file: PatchedFile, lines: readonly string[], at: number, hunk: RegExpExecArray): number {
  let left = Number(hunk[1]);
  let right = Number(hunk[3]);
  let leftMore = Number(hunk[2] ?? 1);
  let rightMore = Number(hunk[4] ?? 1);
  file.lines.push({ kind: 'note', text: `@@ line ${right}${hunk[5] ? ` ·${hunk[5]}` : ''}` });
  let place = at;
  while (place + 1 < lines.length && (leftMore > 0 || rightMore > 0 || lines[place + 1]?.startsWith('\\'))) {
    const line = lines[++place] ?? '';
    const text = line.slice(1);
    if (line.startsWith('\\')) file.lines.push({ kind: 'note', text: text.trim() });
    else if (line.startsWith('+')) {
      file.lines.push({ kind: 'added', left: null, right: right++, text, other: null });
      file.added += 1;
      rightMore -= 1;
    } else if (line.startsWith('-')) {
      file.lines.push({ kind: 'removed', left: left++, right: null, text, other: null });
      file.removed += 1;
      leftMore -= 1;
    } else {
      file.lines.push({ kind: 'same', left: left++, right: right++, text, other: null });
      leftMore -= 1;
      rightMore -= 1;
    }
  }
  return place;
}

function takeHeader(file: PatchedFile, line: string): void {
  const told = /^(new file|deleted file|rename from|new mode|copy from) ?(?:mode )?(.*)$/.exec(line);
  const [, kind, rest = ''] = told ?? [];
  if (kind === 'new file') file.what = 'new';
  else if (kind === 'deleted file') file.what = 'removed';
  else if (kind === 'rename from') file.what = `renamed from ${unquoted(rest)}`;
  else if (kind === 'copy from') file.what = `copied from ${unquoted(rest)}`;
  else if (kind === 'new mode') file.what = `mode ${rest}`;
  else if (line.startsWith('+++ b/') || line.startsWith('+++ "b/'))
    file.name = withoutPrefix(unquoted(line.slice(4).replace(/\t$/, '')));
  else if (line.startsWith('rename to ')) file.name = unquoted(line.slice(10));
  else if (line.startsWith('GIT binary patch') || line.startsWith('Binary files '))
    file.lines.push({ kind: 'note', text: 'The file is binary; its bytes are in the patch.' });
}

/** The second name of `diff --git a/x b/x`; of unquoted ones the half, because both are the same then. */
function nameOf(line: string): string {
  const rest = line.slice('diff --git '.length);
  const quoted = /"b\/(?:[^"\\]|\\.)*"$/.exec(rest)?.[0];
  if (quoted) return withoutPrefix(unquoted(quoted));
  const half = rest.slice(Math.ceil(rest.length / 2));
  return withoutPrefix(half.startsWith('b/') ? half : (rest.split(' b/').at(-1) ?? rest));
}

const withoutPrefix = (name: string): string => name.replace(/^b\//, '');

const ESCAPES: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** Git quotes names with control characters, quotes or bytes above 127 as C does, byte by byte. */
function unquoted(name: string): string {
  if (!/^".*"$/s.test(name)) return name;
  const bytes: number[] = [];
  for (const [whole, octal, letter] of name.slice(1, -1).matchAll(/\\(?:([0-7]{3})|(.))|[^\\]/gu)) {
    if (octal) bytes.push(Number.parseInt(octal, 8));
    else if (letter) bytes.push(ESCAPES[letter] ?? letter.charCodeAt(0));
    else bytes.push(...new TextEncoder().encode(whole));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Each removed line knows the added one in its place, so that only what changed within it is marked. */
function pairUp(lines: readonly ShownLine[]): void {
  for (let at = 0; at < lines.length; at++) {
    const gone = takeWhile(lines, at, 'removed');
    const come = takeWhile(lines, at + gone.length, 'added');
    for (let n = 0; n < Math.min(gone.length, come.length); n++) {
      const [a, b] = [gone[n], come[n]];
      if (a && b) [a.other, b.other] = [b.text, a.text];
    }
    at += Math.max(0, gone.length + come.length - 1);
  }
}

function takeWhile(lines: readonly ShownLine[], from: number, kind: 'added' | 'removed'): Line[] {
  const taken: Line[] = [];
  for (let at = from; lines[at]?.kind === kind; at++) taken.push(lines[at] as Line);
  return taken;
}

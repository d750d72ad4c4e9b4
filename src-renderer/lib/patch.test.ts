/** With patches that the git of this machine writes. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePatch } from './patch.ts';

function gitPatch(before: Record<string, string>, change: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-patch-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder }).toString();
  try {
    git('init', '-q');
    for (const [name, text] of Object.entries(before)) writeFileSync(join(folder, name), text);
    git('add', '-A');
    git('commit', '-q', '-m', 'c', '--allow-empty');
    change(folder);
    git('add', '-A');
    return git('diff', 'HEAD', '--binary', '--full-index', '-M');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a patch is its files, with what happened to each and its lines in place', () => {
  const odd = 'ü "q"\n\t\\.py';
  const patch = gitPatch(
    {
      'a.py': 'one\ntwo\nthree\n',
      'gone.py': 'x\n',
      'moved.py': 'same\nsame\nsame\nsame\n',
      'run.sh': 'x\n',
    },
    (folder) => {
      writeFileSync(join(folder, 'a.py'), 'one\nTWO\n-- three\nfour');
      rmSync(join(folder, 'gone.py'));
      renameSync(join(folder, 'moved.py'), join(folder, 'to here.py'));
      chmodSync(join(folder, 'run.sh'), 0o755);
      writeFileSync(join(folder, odd), 'odd\n');
      writeFileSync(join(folder, 'new.bin'), Buffer.from([0, 1, 2, 255]));
    },
  );
  const { notes, files } = parsePatch(`# What differed\n# Left out: huge.bin\n${patch}`);
  expect(notes).toEqual(['What differed', 'Left out: huge.bin']);
  expect(
    Object.fromEntries(files.map(({ name, what, added, removed }) => [name, [what, added, removed]])),
  ).toEqual({
    'a.py': ['', 3, 2],
    'gone.py': ['removed', 0, 1],
    'to here.py': ['renamed from moved.py', 0, 0],
    'run.sh': ['mode 100755', 0, 0],
    'new.bin': ['new', 0, 0],
    [odd]: ['new', 1, 0],
  });
  const changed = files.find(({ name }) => name === 'a.py');
  expect(changed?.lines).toEqual([
    { kind: 'note', text: '@@ line 1' },
    { kind: 'same', left: 1, right: 1, text: 'one', other: null },
    { kind: 'removed', left: 2, right: null, text: 'two', other: 'TWO' },
    { kind: 'removed', left: 3, right: null, text: 'three', other: '-- three' },
    { kind: 'added', left: null, right: 2, text: 'TWO', other: 'two' },
    { kind: 'added', left: null, right: 3, text: '-- three', other: 'three' },
    { kind: 'added', left: null, right: 4, text: 'four', other: null },
    { kind: 'note', text: 'No newline at end of file' },
  ]);
});

test('lines that look like a patch inside a patch stay lines', () => {
  const text = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n';
  const patch = gitPatch({ 'p.patch': 'x\n' }, (folder) => writeFileSync(join(folder, 'p.patch'), text));
  const { files } = parsePatch(patch);
  expect(files.map(({ name, added, removed }) => [name, added, removed])).toEqual([['p.patch', 4, 1]]);
});

test('any text is read without a failure', () => {
  const part = fc.constantFrom(
    'diff --git a/x b/x\n',
    '@@ -1,9 +1,9 @@\n',
    '+x\n',
    '-x\n',
    ' x\n',
    '\\ No\n',
    'x',
    '\n',
  );
  fc.assert(fc.property(fc.array(part), (parts) => void parsePatch(parts.join(''))));
});

/** With real repositories of the git on this machine. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Code, captureCode } from './code.ts';

let folder: string;
let repository: string;
const ENV = {
  ...process.env,
  ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org' },
  ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_CONFIG_GLOBAL: '/dev/null' },
};
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: repository, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
const write = (path: string, content: string | Buffer) => {
  mkdirSync(join(repository, path, '..'), { recursive: true });
  writeFileSync(join(repository, path), content);
};
const commit = () => {
  git('add', '-A');
  git('commit', '-q', '-m', 'c');
  return git('rev-parse', 'HEAD').trim();
};
async function captured(options?: { mostBytes?: number }): Promise<Code> {
  const code = await captureCode(repository, options);
  if ('reason' in code) throw new Error(code.reason);
  return code;
}
/** Puts the patch on a fresh checkout of the commit; returns what a file holds there. */
function applied(patch: Buffer | null): (path: string) => Buffer {
  const copy = join(folder, 'copy');
  execFileSync('git', ['clone', '-q', repository, copy], { env: ENV });
  writeFileSync(join(folder, 'code.patch'), patch ?? '');
  execFileSync('git', ['apply', '--whitespace=nowarn', join(folder, 'code.patch')], { cwd: copy, env: ENV });
  return (path) => readFileSync(join(copy, path));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-code-'));
  repository = join(folder, 'repository');
  mkdirSync(repository);
  git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a repository', () => {
  test('that is clean has a commit, a branch and no patch', async () => {
    write('train.py', 'print(1)\n');
    const head = commit();
    expect(await captured()).toEqual({
      ...{ commit: head, branch: 'main', remote: null, changed: 0, untracked: 0, patch: null, leftOut: [] },
    });
  });

  test('is found from a folder inside it, and all of its changes are taken', async () => {
    write('train.py', 'print(1)\n');
    write('deep/in/x.py', '');
    commit();
    write('train.py', 'print(2)\n');
    const code = await captureCode(join(repository, 'deep/in'));
    expect('patch' in code && code.patch?.toString()).toContain('+print(2)');
  });

  test('with a detached head has no branch', async () => {
    write('a', '1');
    const head = commit();
    git('checkout', '-q', '--detach');
    expect(await captured()).toMatchObject({ commit: head, branch: null });
  });

  test('without a commit has all its files in the patch', async () => {
    write('train.py', 'print(1)\n');
    git('add', 'train.py');
    write('new.py', 'x\n');
    const code = await captured();
    expect(code).toMatchObject({ commit: null, branch: 'main', changed: 1, untracked: 1 });
    expect(code.patch?.toString()).toContain('+print(1)');
    expect(code.patch?.toString()).toContain('b/new.py');
  });

  test.each([
    ['https://user:ghp_secret@example.org/a/b.git', 'https://example.org/a/b.git'],
    ['https://ghp_secret@example.org/a/b.git?token=x#y', 'https://example.org/a/b.git'],
    ['git@example.org:a/b.git', 'git@example.org:a/b.git'],
    ['ssh://git:secret@example.org:22/a', 'ssh://git@example.org:22/a'],
    ['../elsewhere', '../elsewhere'],
  ])('with the remote %s tells it as %s', async (url, told) => {
    write('a', '1');
    commit();
    git('remote', 'add', 'upstream', url);
    expect((await captured()).remote).toBe(told);
  });

  test('follows the remote of its branch before origin, and no rewritten address', async () => {
    write('a', '1');
    commit();
    git('remote', 'add', 'origin', 'https://example.org/origin');
    git('remote', 'add', 'fork', 'https://example.org/fork');
    git('config', 'branch.main.remote', 'fork');
    git('config', 'url.https://token@example.org/.insteadOf', 'https://example.org/');
    expect((await captured()).remote).toBe('https://example.org/fork');
  });
});

describe('a patch', () => {
  test('makes the commit into what ran: staged, unstaged, new, removed, binary and oddly named files', async () => {
    const binary = Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 31) % 256));
    write('kept.py', 'same\n');
    write('staged.py', 'one\n');
    write('unstaged.py', 'one\n');
    write('removed.py', 'gone\n');
    write('model.bin', binary);
    commit();
    write('staged.py', 'two\n');
    git('add', 'staged.py');
    write('unstaged.py', 'two, no line end');
    rmSync(join(repository, 'removed.py'));
    write('model.bin', Buffer.from([...binary.subarray(1), 0, 255]));
    const odd = [
      'with "quotes".py',
      'new\nline.py',
      'ümläut.py',
      '-n.py',
      ':(top)x.py',
      'tab\t.py',
      'b\\c.py',
    ];
    for (const name of odd) write(name, `# ${name.length}\n`);
    write('new.bin', binary);
    symlinkSync('kept.py', join(repository, 'link.py'));
    const before = readFileSync(join(repository, '.git/index'));
    const code = await captured();
    expect(code).toMatchObject({ changed: 4, untracked: odd.length + 2, leftOut: [] });
    expect(readFileSync(join(repository, '.git/index')).equals(before)).toBe(true);
    const read = applied(code.patch);
    expect(read('staged.py').toString()).toBe('two\n');
    expect(read('unstaged.py').toString()).toBe('two, no line end');
    expect(read('model.bin').length).toBe(5_001);
    expect(read('new.bin').equals(binary)).toBe(true);
    expect(read('link.py').toString()).toBe('same\n');
    for (const name of odd) expect(read(name).toString()).toBe(`# ${name.length}\n`);
    expect(existsSync(join(folder, 'copy/removed.py'))).toBe(false);
  });

  test('does not depend on how a person has set up git', async () => {
    write('a.py', '1\n');
    commit();
    write('a.py', '2\n');
    const marker = join(folder, 'was-run');
    const script = join(folder, 'external.sh');
    writeFileSync(script, `#!/bin/sh\ntouch ${marker}\n`);
    chmodSync(script, 0o755);
    git('config', 'diff.noprefix', 'true');
    git('config', 'diff.external', script);
    git('config', 'color.ui', 'always');
    git('config', 'core.pager', script);
    const read = applied((await captured()).patch);
    expect(read('a.py').toString()).toBe('2\n');
    expect(existsSync(marker)).toBe(false);
  });

  test('leaves out huge new files, keys and what git ignores, and says so', async () => {
    write('.gitignore', 'ignored/\n');
    write('tracked.bin', 'small');
    commit();
    write('ignored/data.csv', 'x');
    write('huge.bin', Buffer.alloc(1024 * 1024 + 1, 'x'));
    write('tracked.bin', Buffer.alloc(5 * 1024 * 1024 + 1, 'x'));
    write('.env', 'API_KEY=hunter2\n');
    write('deploy.pem', 'hunter2\n');
    write('small.py', 'x\n');
    const code = await captured();
    const patch = code.patch?.toString() ?? '';
    expect(code.leftOut).toEqual([
      'tracked.bin: changed, larger than 5 MiB',
      '.env: its name says that it holds secrets',
      'deploy.pem: its name says that it holds secrets',
      'huge.bin: new, larger than 1 MiB',
    ]);
    for (const line of code.leftOut) expect(patch).toContain(`# Left out: ${line}\n`);
    expect(patch).toContain('small.py');
    expect(patch).not.toContain('hunter2');
    expect(patch).not.toContain('ignored/data.csv');
    expect(patch.length).toBeLessThan(2_000);
  });

  test('that would be too large ends after a whole file, says so, and still applies', async () => {
    for (const name of ['a', 'b', 'c', 'd']) write(`${name}.txt`, 'one\n');
    commit();
    for (const name of ['a', 'b', 'c', 'd'])
      write(`${name}.txt`, Array.from({ length: 100 }, (_, at) => `${name} ${at}\n`).join(''));
    const code = await captured({ mostBytes: 2_500 });
    expect(code.patch?.length).toBeLessThan(2_500 + 300);
    expect(code.leftOut).toEqual([
      expect.stringMatching(/^[1-3] more files: the patch would be larger than/),
    ]);
    const read = applied(code.patch);
    expect(read('a.txt').toString()).toContain('a 99');
    expect(read('d.txt').toString()).toBe('one\n');
  });

  test('knows nothing of a repository inside the repository', async () => {
    write('a', '1');
    commit();
    mkdirSync(join(repository, 'inner'));
    execFileSync('git', ['init', '-q'], { cwd: join(repository, 'inner'), env: ENV });
    write('inner/x', 'x');
    expect((await captured()).leftOut).toEqual(['inner/: not a file']);
  });
});

describe('no code', () => {
  test('outside of a repository, with the reason', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'lathe-outside-'));
    expect(await captureCode(outside)).toEqual({ reason: 'the folder is in no git repository' });
    rmSync(outside, { recursive: true });
  });

  test('without git, with the reason', async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      expect(await captureCode(repository)).toEqual({ reason: 'git is not installed' });
    } finally {
      process.env.PATH = path;
    }
  });

  test('from a damaged repository, with what git says', async () => {
    rmSync(join(repository, '.git/HEAD'));
    writeFileSync(join(repository, '.git/HEAD'), 'nonsense');
    expect(await captureCode(repository)).toHaveProperty('reason');
  });
});

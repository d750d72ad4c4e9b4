/** With the Python and the Node of this machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findInterpreter, findProgram, freeze, lockFiles } from './interpreter.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lathe-interpreter-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const python = findProgram('python3', '/');
const script = (name: string, first: string) => {
  const file = join(folder, name);
  writeFileSync(file, `${first}\nprint(1)\n`);
  chmodSync(file, 0o755);
  return file;
};

describe('a program', () => {
  test('is found on the PATH, beside and by its path, and only when it can be run', () => {
    const file = script('tool', '#!/bin/sh');
    expect(findProgram('tool', '/', { PATH: `/nowhere:${folder}` })).toBe(file);
    expect(findProgram('./tool', folder, { PATH: '' })).toBe(file);
    expect(findProgram(file, '/', {})).toBe(file);
    expect(findProgram('tool', folder, { PATH: '/nowhere' })).toBeNull();
    writeFileSync(join(folder, 'text'), '');
    expect(findProgram('./text', folder)).toBeNull();
    mkdirSync(join(folder, 'dir'));
    expect(findProgram('./dir', folder)).toBeNull();
  });
});

test('Node says its version', async () => {
  expect(await findInterpreter([process.execPath, 'x.js'], folder)).toEqual({
    ...{ title: `Node ${process.versions.node}`, path: process.execPath, requirements: null },
  });
});

test('what is no script has no interpreter', async () => {
  expect(await findInterpreter([script('a.sh', '#!/bin/sh')], folder)).toBeNull();
  expect(await findInterpreter(['true'], folder)).toBeNull();
  expect(await findInterpreter(['no-such-program'], folder)).toBeNull();
});

describe.skipIf(python === null)('Python (skipped where there is none)', () => {
  const version = () =>
    execFileSync('python3', ['-c', 'import platform; print(platform.python_version())']).toString().trim();

  test('tells its version and packages, however the command calls it', async () => {
    const found = await findInterpreter(['python3', 'train.py'], folder);
    expect(found?.title).toMatch(new RegExp(`${version().replaceAll('.', '\\.')}$`));
    for (const line of found?.requirements?.split('\n').filter(Boolean) ?? ['none'])
      expect(line).toMatch(/^(\S+==\S+|\S+ @ \S+|# .*|-e \S+)$/);
    const launcher = script('torchrun', '#!/usr/bin/env python3');
    expect(await findInterpreter([launcher, 'train.py'], folder)).toEqual(found);
    const direct = script('accelerate', `#!${python}`);
    expect((await findInterpreter([direct], folder))?.title).toBe(found?.title);
  });

  test('is not misled by files of the project', async () => {
    for (const name of ['json.py', 'platform.py', 'importlib.py'])
      writeFileSync(join(folder, name), 'raise SystemExit("mine")\n');
    expect((await findInterpreter(['python3', 'x.py'], folder))?.requirements).not.toBeNull();
  });

  test('of the project is asked when a launcher runs the command', async () => {
    mkdirSync(join(folder, '.venv/bin'), { recursive: true });
    symlinkSync(realpathSync(python ?? ''), join(folder, '.venv/bin/python'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/uv'), '#!/bin/sh\n');
    chmodSync(join(folder, 'bin/uv'), 0o755);
    mkdirSync(join(folder, 'deep'));
    const found = await findInterpreter([join(folder, 'bin/uv'), 'run', 'x.py'], join(folder, 'deep'));
    expect(found?.title).toContain('Python');
  });

  test('that does not start is told without its packages', async () => {
    const broken = script('python3', '#!/bin/sh\nexit 1');
    expect(await findInterpreter([broken, 'x.py'], folder)).toMatchObject({
      ...{ path: broken, requirements: null },
    });
  });
});

test('packages are written as pip writes them, without credentials', () => {
  const git = { url: 'https://me:secret@example.org/b', vcs_info: { vcs: 'git', commit_id: 'abc' } };
  expect(
    freeze([
      ['numpy', '1.0', null],
      ['Bee', '1', JSON.stringify(git)],
      ['mine', '0.1', JSON.stringify({ url: 'file:///me/mine', dir_info: { editable: true } })],
      ['wheel.x', '2', JSON.stringify({ url: 'file:///w.whl', archive_info: {} })],
      ['NumPy', '9', null],
      ['odd', '1', 'not json'],
    ]),
  ).toBe(
    [
      'Bee @ git+https://example.org/b@abc',
      '# Editable install (mine==0.1)',
      '-e file:///me/mine',
      'numpy==1.0',
      'odd==1',
      'wheel.x @ file:///w.whl',
      '',
    ].join('\n'),
  );
});

test('lock files of uv and records of conda are found', async () => {
  mkdirSync(join(folder, 'project/src'), { recursive: true });
  mkdirSync(join(folder, 'env/conda-meta'), { recursive: true });
  writeFileSync(join(folder, 'project/uv.lock'), 'version = 1\n');
  const record = { url: 'https://user:secret@example.org/numpy-1.conda', md5: 'aa', name: 'numpy' };
  writeFileSync(join(folder, 'env/conda-meta/numpy-1.json'), JSON.stringify(record));
  writeFileSync(join(folder, 'env/conda-meta/history'), 'x');
  writeFileSync(join(folder, 'env/conda-meta/broken.json'), '{');
  const interpreter = { title: 'CPython', path: join(folder, 'env/bin/python'), requirements: '' };
  expect(await lockFiles(join(folder, 'project/src'), interpreter)).toEqual([
    { name: 'uv.lock', text: 'version = 1\n' },
    { name: 'conda-explicit.txt', text: '@EXPLICIT\nhttps://example.org/numpy-1.conda#aa\n' },
  ]);
});

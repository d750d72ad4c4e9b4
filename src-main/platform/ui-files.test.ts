import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findUiFile } from './ui-files.ts';

let folder: string;
let root: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-ui-'));
  root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  mkdirSync(join(folder, 'renderer-secret'));
  writeFileSync(join(root, 'index.html'), '<p>hello');
  writeFileSync(join(root, 'assets', 'a b.js'), '1');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'renderer-secret', 'x.txt'), 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('findUiFile', () => {
  it('finds the page and its assets', async () => {
    expect(await findUiFile(root, '/')).toMatchObject({
      type: 'text/html; charset=utf-8',
      cache: 'no-cache',
    });
    expect(await findUiFile(root, '/assets/a%20b.js')).toMatchObject({
      file: join(root, 'assets', 'a b.js'),
      cache: expect.stringContaining('immutable'),
    });
  });

  it.each([
    ['/../secret.txt', 400],
    ['/assets/../../secret.txt', 400],
    ['/%2e%2e/secret.txt', 400],
    ['/%2E%2e%2fsecret.txt', 400],
    ['/..%5csecret.txt', 400],
    ['/%252e%252e/secret.txt', 400],
    ['/../renderer-secret/x.txt', 400],
    ['/index.html%00.js', 400],
    ['/%', 400],
    ['index.html', 400],
    ['//etc/passwd', 404],
    ['/link.txt', 404],
    ['/assets', 404],
    ['/nothing.js', 404],
  ] as const)('refuses %s with %i', async (path, status) => {
    expect(await findUiFile(root, path)).toBe(status);
  });
});

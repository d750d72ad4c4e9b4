import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureBuild, hashInputs } from './build.mjs';

vi.mock('./say.mjs', async (original) => ({ ...(await original()), say: () => {} }));

/** @type {string} */
let root;
const write = (/** @type {string} */ file, /** @type {string} */ text) => {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
};
const builds = () =>
  fs.existsSync(path.join(root, 'builds')) ? fs.readFileSync(path.join(root, 'builds'), 'utf8').length : 0;
const build = () => ensureBuild({ node: process.execPath, root });

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-build-'));
  write('package-lock.json', '{}');
  write('src-main/a.ts', 'a');
  write('src-renderer/b.tsx', 'b');
  write('scripts/build.mjs', "import fs from 'node:fs'; fs.appendFileSync('builds', 'x');");
});
afterEach(() => fs.rmSync(root, { recursive: true }));

test('builds once, then not again', async () => {
  await build();
  await build();
  expect(builds()).toBe(1);
});

test.each([
  'src-main/a.ts',
  'src-renderer/b.tsx',
  'package-lock.json',
  'src-main/new/c.ts',
  'vite.config.ts',
])('builds again when %s changes', async (file) => {
  await build();
  write(file, 'changed');
  await build();
  expect(builds()).toBe(2);
});

test('a file of the same size saved again counts as changed', async () => {
  const before = hashInputs(root);
  fs.utimesSync(path.join(root, 'src-main/a.ts'), new Date(), new Date(Date.now() + 5000));
  expect(hashInputs(root)).not.toBe(before);
});

test('a removed source counts as changed', () => {
  const before = hashInputs(root);
  fs.rmSync(path.join(root, 'src-main/a.ts'));
  expect(hashInputs(root)).not.toBe(before);
});

test('tests and notes do not cause a build', () => {
  const before = hashInputs(root);
  write('src-main/a.test.ts', 'expect(1)');
  write('src-main/README.md', '# a');
  expect(hashInputs(root)).toBe(before);
});

test('a failed build is said and tried again', async () => {
  write('scripts/build.mjs', "import fs from 'node:fs'; fs.appendFileSync('builds', 'x'); process.exit(3);");
  await expect(build()).rejects.toThrow(/ended with 3/);
  await expect(build()).rejects.toThrow(/ended with 3/);
  expect(builds()).toBe(2);
});

test('a source saved during the build makes the next one stale', async () => {
  write(
    'scripts/build.mjs',
    "import fs from 'node:fs'; fs.appendFileSync('builds', 'x'); fs.writeFileSync('src-main/a.ts', 'later');",
  );
  await build();
  await build();
  expect(builds()).toBe(2);
});

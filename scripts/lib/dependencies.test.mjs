import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agreesWithHiddenLock, ensureDependencies } from './dependencies.mjs';

vi.mock('./say.mjs', async (original) => ({ ...(await original()), say: () => {} }));

/** @type {string} */
let root;
/** @type {string[][]} */
let calls;

const LOCK = {
  packages: {
    '': { name: 'lathe' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/only-elsewhere': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  },
};
const INSTALLED = { packages: { 'node_modules/a': LOCK.packages['node_modules/a'] } };

const write = (/** @type {string} */ file, /** @type {unknown} */ value) => {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), JSON.stringify(value));
};
const installer =
  (/** @type {number} */ code, stderr = '') =>
  async (/** @type {string[]} */ args) => {
    calls.push(args);
    write('node_modules/.package-lock.json', INSTALLED);
    return { code, stdout: '', stderr, timedOut: false };
  };

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-deps-'));
  calls = [];
  write('package-lock.json', LOCK);
});
afterEach(() => fs.rmSync(root, { recursive: true }));

test('installs with install scripts off, once', async () => {
  await ensureDependencies({ root, install: installer(0) });
  await ensureDependencies({ root, install: installer(0) });
  expect(calls).toEqual([['ci', '--ignore-scripts']]);
});

test('installs again when the lock file changes', async () => {
  await ensureDependencies({ root, install: installer(0) });
  write('package-lock.json', { packages: { ...LOCK.packages, 'node_modules/c': { version: '3.0.0' } } });
  await ensureDependencies({ root, install: installer(0) });
  expect(calls).toHaveLength(2);
});

test('a half-made node_modules is not taken for a whole one', async () => {
  const failing = installer(1, 'npm error code ENOTFOUND\nnpm error request to the registry failed');
  await expect(ensureDependencies({ root, install: failing })).rejects.toThrow(
    /could not be installed[\s\S]*ENOTFOUND[\s\S]*remedy:[\s\S]*registry/,
  );
  await ensureDependencies({ root, install: installer(0) });
  expect(calls).toHaveLength(2);
});

test('a tree made by hand is used when it is what the lock file says', async () => {
  write('node_modules/.package-lock.json', INSTALLED);
  await ensureDependencies({ root, install: installer(0) });
  expect(calls).toEqual([]);
});

test.each([
  ['another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
  ['another content', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-z' } }],
  ['a package missing', {}],
  ['a package too many', { ...INSTALLED.packages, 'node_modules/z': { version: '1.0.0' } }],
])('a tree with %s does not agree with the lock file', (_, packages) => {
  write('node_modules/.package-lock.json', { packages });
  expect(agreesWithHiddenLock(root)).toBe(false);
});

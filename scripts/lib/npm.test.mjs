import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reasonOf, verifyIntegrity } from './npm.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-npm-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const integrityOf = (/** @type {string} */ text) =>
  `sha512-${crypto.createHash('sha512').update(text).digest('base64')}`;

test('an archive with the pinned hash is let through', async () => {
  const file = path.join(folder, 'a.tgz');
  fs.writeFileSync(file, 'reviewed');
  await expect(verifyIntegrity(file, integrityOf('reviewed'), 'a@1.0.0')).resolves.toBeUndefined();
});

test('an archive with another hash is refused and removed', async () => {
  const file = path.join(folder, 'a.tgz');
  fs.writeFileSync(file, 'replaced on the way');
  await expect(verifyIntegrity(file, integrityOf('reviewed'), 'a@1.0.0')).rejects.toThrow(
    /not the package that was reviewed/,
  );
  expect(fs.existsSync(file)).toBe(false);
});

test.each(['', 'sha1-abc', 'abc', 'sha512-'])('"%s" is not accepted as a hash', async (integrity) => {
  const file = path.join(folder, 'a.tgz');
  fs.writeFileSync(file, 'x');
  await expect(verifyIntegrity(file, integrity, 'a@1.0.0')).rejects.toThrow(/is not a hash/);
});

test('the reason npm gives is its first lines, without its help text', () => {
  const stderr =
    'npm error code ENOTFOUND\nnpm error network request failed\nnpm error     at ClientRequest (x.js:1)\nnpm error\nnpm error A complete log of this run\n';
  expect(reasonOf({ code: 1, stdout: '', stderr })).toBe('code ENOTFOUND\nnetwork request failed');
});

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSecretFile, PLAIN } from './secret-file.ts';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'lathe-secrets-')), 'run', 'secrets.json');
});
afterEach(() => rmSync(dirname(dirname(file)), { recursive: true, force: true }));

it('keeps secrets for the next program, and lets them go', async () => {
  const secrets = createSecretFile(file, PLAIN);
  expect(await secrets.get('a')).toBeNull();
  await Promise.all([secrets.set('a', '1'), secrets.set('b', '2'), secrets.set('a', '3')]);
  const next = createSecretFile(file, PLAIN);
  expect([await next.get('a'), await next.get('b')]).toEqual(['3', '2']);
  await next.remove('a');
  await next.remove('never there');
  expect([await next.get('a'), await next.get('b')]).toEqual([null, '2']);
  expect(readdirSync(dirname(file))).toEqual(['secrets.json']);
});

it.runIf(process.platform !== 'win32')('is readable by this user only, and says what it is', async () => {
  const secrets = createSecretFile(file, PLAIN);
  await secrets.set('a', '1');
  chmodSync(file, 0o644);
  await secrets.set('b', '2');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('keep it to yourself');
});

it('that cannot be read just now is an error, and nothing is written over it', async () => {
  mkdirSync(file, { recursive: true });
  const secrets = createSecretFile(file, PLAIN);
  await expect(secrets.get('a')).rejects.toThrow('EISDIR');
  await expect(secrets.set('a', '1')).rejects.toThrow('EISDIR');
  expect(readdirSync(dirname(file))).toEqual(['secrets.json']);
});

it('takes a damaged file, and what it cannot open, for nothing', async () => {
  const secrets = createSecretFile(file, PLAIN);
  await secrets.set('a', '1');
  writeFileSync(file, '{"secrets": [1');
  expect(await secrets.get('a')).toBeNull();
  await secrets.set('a', '2');
  const sealed = createSecretFile(file, {
    note: 'sealed',
    seal: (value) => `sealed:${value}`,
    open(text) {
      if (!text.startsWith('sealed:')) throw new Error('not mine');
      return text.slice('sealed:'.length);
    },
  });
  expect(await sealed.get('a')).toBeNull();
  await sealed.set('a', '3');
  expect(readFileSync(file, 'utf8')).not.toContain('"3"');
  expect(await sealed.get('a')).toBe('3');
});

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderIdentity, hashData, manifestText } from './data.ts';
import { type HashCache, openHashCache } from './hash-cache.ts';

let folder: string;
let cache: HashCache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-data-'));
  cache = openHashCache(join(folder, 'cache', 'hashes.json'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const write = (path: string, content: string | Buffer) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const identity = (path: string) => hashData(join(folder, path), cache);

describe('a file', () => {
  test('is the SHA-256 of all its bytes', async () => {
    const bytes = Buffer.alloc(3_000_001, 'abc');
    write('train.csv', bytes);
    const data = await identity('train.csv');
    expect(data).toMatchObject({ name: 'train.csv', sha256: sha(bytes), size: bytes.length, files: null });
  });

  test('that is not there, or is no file, is said', async () => {
    await expect(identity('none.csv')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    mkdirSync(join(folder, 'd'));
    symlinkSync('nowhere', join(folder, 'd/broken'));
    await expect(identity('d')).rejects.toMatchObject({ code: 'LATHE_RUN_DATA' });
  });
});

describe('a folder', () => {
  test('is its files, wherever it lies and in whatever order they were written', async () => {
    for (const [root, names] of [
      ['one', ['b', 'a/x', 'a.txt', 'ü', 'Z', 'new\nline']],
      ['elsewhere/two', ['ü', 'new\nline', 'Z', 'a.txt', 'b', 'a/x']],
    ] as const)
      for (const name of names) write(`${root}/${name}`, `content of ${name}`);
    const [one, two] = [await identity('one'), await identity('elsewhere/two')];
    expect(one.sha256).toBe(two.sha256);
    expect(one.files?.map(({ path }) => path)).toEqual(['Z', 'a.txt', 'a/x', 'b', 'new\nline', 'ü']);
    expect(manifestText(one.files ?? []).split('\n')).toHaveLength(7);
  });

  test('follows links to files and folders, and no circle', async () => {
    write('d/a/x', 'x');
    symlinkSync('a', join(folder, 'd/link'));
    symlinkSync('..', join(folder, 'd/a/up'));
    expect((await identity('d')).files?.map(({ path }) => path)).toEqual(['a/x', 'link/x']);
  });

  test('of nothing has an identity too', async () => {
    mkdirSync(join(folder, 'empty'));
    expect(await identity('empty')).toMatchObject({ sha256: sha(''), size: 0, files: [] });
  });

  test('is another one whenever a path, a size or a byte is another', () => {
    const file = fc.record({
      path: fc.string({ minLength: 1, unit: 'grapheme' }).filter((path) => !path.includes('\0')),
      size: fc.nat(),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    });
    fc.assert(
      fc.property(fc.array(file), fc.array(file), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(folderIdentity(a).sha256 === folderIdentity(b).sha256).toBe(same);
      }),
    );
  });
});

describe('the cache', () => {
  const large = Buffer.alloc(2 * 1024 * 1024, 'x');
  const old = new Date(Date.now() - 60_000);
  /** A clock that is far ahead: whatever was written has settled. */
  const later = () => openHashCache(join(folder, 'cache', 'hashes.json'), () => Date.now() + 60_000);

  test('saves reading a file again that has not changed', async () => {
    write('large.bin', large);
    const first = later();
    const path = join(folder, 'large.bin');
    const { sha256 } = await hashData(path, first);
    first.save();
    const second = later();
    expect(second.find(statSync(path, { bigint: true }))).toBe(sha256);
    expect((await hashData(path, second)).sha256).toBe(sha256);
  });

  test('is not believed after a change, even one that keeps size and time', async () => {
    const path = join(folder, 'large.bin');
    write('large.bin', large);
    utimesSync(path, old, old);
    const first = later();
    await hashData(path, first);
    first.save();
    const changed = Buffer.from(large);
    changed[77] = 0;
    writeFileSync(path, changed);
    utimesSync(path, old, old);
    expect((await hashData(path, later())).sha256).toBe(sha(changed));
    appendFileSync(path, 'y');
    expect((await hashData(path, later())).size).toBe(large.length + 1);
  });

  test('keeps nothing of a file that was written just now', async () => {
    write('large.bin', large);
    await hashData(join(folder, 'large.bin'), cache);
    cache.save();
    const again = openHashCache(join(folder, 'cache', 'hashes.json'));
    expect(again.find(statSync(join(folder, 'large.bin'), { bigint: true }))).toBeNull();
  });

  test('that is damaged is an empty one', async () => {
    write('cache/hashes.json', '{"a": 1, "b": "not a hash", ');
    write('x', 'x');
    expect((await hashData(join(folder, 'x'), later())).sha256).toBe(sha('x'));
  });
});

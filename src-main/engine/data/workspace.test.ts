import { chmodSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newestSchema } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import {
  canMount,
  contentOf,
  mountTmpfs,
  newFolder,
  openIn,
  remountReadOnly,
  startCrashChild,
} from './testing.ts';

let folder: string;
let cleanups: (() => void)[];
beforeEach(() => {
  folder = newFolder();
  cleanups = [];
});
afterEach(() => {
  for (const cleanup of cleanups.reverse()) cleanup();
  rmSync(folder, { recursive: true, force: true });
});

const database = () => join(folder, 'lathe.db');

async function made(): Promise<void> {
  const workspace = await openIn(folder, { name: 'mine' });
  await workspace.close();
}

/** Opening must fail with this code and leave every byte of the folder as it was. */
async function refused(code: string, details: object = {}, create = true): Promise<void> {
  const before = contentOf(folder);
  await expect(openIn(folder, { create })).rejects.toMatchObject({ code, details });
  expect(contentOf(folder)).toEqual(before);
}

describe('opening a workspace', () => {
  test('makes one, and finds it again as it was left', async () => {
    const first = await openIn(join(folder, 'new'), { name: 'Flights' });
    expect(first.created).toBe(true);
    expect(first.unclean).toBe(false);
    const info = first.info();
    expect(info).toMatchObject({ name: 'Flights', sample: false, path: join(folder, 'new') });
    first.markSample();
    await first.close();
    const second = await openIn(join(folder, 'new'), { create: false, name: 'ignored' });
    expect(second.created).toBe(false);
    expect(second.info()).toEqual({ ...info, sample: true });
    expect(second.unclean).toBe(false);
    expect(second.db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(second.db.pragma('foreign_keys', { simple: true })).toBe(1);
    await second.close();
  });

  test('does not make one unasked, and leaves no trace of the attempt', async () => {
    await refused('LATHE_NOT_FOUND', { kind: 'workspace' }, false);
    await expect(openIn(join(folder, 'none'), { create: false })).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
    expect(contentOf(folder)).toEqual({});
  });

  test('leaves no journal behind when it is closed', async () => {
    await made();
    expect(Object.keys(contentOf(folder)).sort()).toEqual(['lathe.db', 'lock.db']);
  });
});

describe('a database that is not a usable one of ours', () => {
  test.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['a short file', Buffer.from('SQLite format 3\0')],
    ['text', Buffer.from('this is not a database\n'.repeat(300))],
    ['noise', Buffer.from(Array.from({ length: 20_000 }, (_, n) => (n * 7919 + 31) % 251))],
    [
      'a SQLite header with an impossible page size',
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4080, 7)]),
    ],
  ])('%s is refused as damaged, untouched', async (_name, bytes) => {
    writeFileSync(database(), bytes);
    await refused('LATHE_WORKSPACE_CORRUPT', { path: database() });
  });

  test('a cut-off database is refused as damaged, untouched', async () => {
    await made();
    const size = readFileSync(database()).length;
    truncateSync(database(), Math.floor(size / 2 / 4096) * 4096);
    await refused('LATHE_WORKSPACE_CORRUPT', { reason: expect.stringContaining('cut off') });
  });

  test('a database whose inside is damaged is refused as damaged', async () => {
    await made();
    const bytes = readFileSync(database());
    bytes.fill(0x5a, 4096, 8 * 4096);
    bytes.fill(0x5a, 100, 4096);
    writeFileSync(database(), bytes);
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'LATHE_WORKSPACE_CORRUPT' });
    expect(readFileSync(database())).toEqual(bytes);
  });

  test.each(['delete', 'wal'])('another program’s database (%s mode) is refused, untouched', async (mode) => {
    const db = new BetterSqlite3(database());
    db.pragma(`journal_mode = ${mode}`);
    db.exec('CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1)');
    db.close();
    await refused('LATHE_WORKSPACE_FOREIGN');
  });

  test('a newer workspace is refused, untouched', async () => {
    await made();
    const db = new BetterSqlite3(database());
    const newer = newestSchema(MIGRATIONS) + 1;
    db.pragma(`user_version = ${newer}`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    await refused('LATHE_WORKSPACE_NEWER', { found: newer, known: newestSchema(MIGRATIONS) });
    await refused('LATHE_WORKSPACE_NEWER', { found: newer }, false);
  });
});

describe('a folder that cannot be written', () => {
  test.runIf(canMount)('on a read-only disk is refused, new or not', async () => {
    cleanups.push(mountTmpfs(folder, 'size=8m'));
    mkdirSync(join(folder, 'empty'));
    const workspace = await openIn(join(folder, 'used'));
    await workspace.close();
    remountReadOnly(folder);
    const before = contentOf(folder);
    for (const path of ['used', 'empty', 'not/there/yet'])
      await expect(openIn(join(folder, path))).rejects.toMatchObject({ code: 'LATHE_WORKSPACE_READONLY' });
    expect(contentOf(folder)).toEqual(before);
  });

  test.runIf(process.getuid?.() !== 0)('without the permission is refused', async () => {
    chmodSync(folder, 0o555);
    cleanups.push(() => chmodSync(folder, 0o755));
    await refused('LATHE_WORKSPACE_READONLY');
  });

  test('that is a file is refused', async () => {
    writeFileSync(join(folder, 'file'), 'x');
    await expect(openIn(join(folder, 'file'))).rejects.toMatchObject({ code: 'LATHE_WORKSPACE_READONLY' });
    await expect(openIn(join(folder, 'file', 'below'))).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_READONLY',
    });
  });

  test.runIf(canMount)('for lack of space is refused, and nothing half-made stays', async () => {
    cleanups.push(mountTmpfs(folder, 'size=64k'));
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'LATHE_WORKSPACE_DISK_FULL' });
    expect(Object.keys(contentOf(folder)).filter((name) => name.startsWith('lathe.db'))).toEqual([]);
  });
});

describe('one writer', () => {
  test('a second opener in this process is told who has it', async () => {
    const first = await openIn(folder);
    const urls = { inferenceHttp: null, inferenceGrpc: null, mlflow: null, ui: null };
    await first.lock.describe({ pid: process.pid, sinceMs: 1, host: 'desktop', run: '/tmp/x', urls });
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_LOCKED',
      details: { path: folder, pid: process.pid },
    });
    await first.close();
    await (await openIn(folder)).close();
  });

  test('a second process is kept out while the first lives, and let in the moment it is killed', async () => {
    const holder = startCrashChild(folder, 'hold');
    await holder.said(1);
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_LOCKED',
      details: { pid: holder.child.pid },
    });
    await holder.kill();
    const next = await openIn(folder);
    expect(next.unclean).toBe(true);
    await next.close();
    const after = await openIn(folder);
    expect(after.unclean).toBe(false);
    await after.close();
  });
});

describe('kill -9', () => {
  test('loses no acknowledged row', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = startCrashChild(folder, 'rows');
      await writer.said(200 + 150 * round);
      await writer.kill();
      const acknowledged = writer.lines.slice(1).filter((line) => line.length === 36);
      const workspace = await openIn(folder);
      const present = new Set(workspace.db.prepare('SELECT uuid FROM experiment').pluck().all());
      expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
      expect(workspace.db.pragma('integrity_check', { simple: true })).toBe('ok');
      await workspace.close();
    }
  });
});

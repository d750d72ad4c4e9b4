import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../testing.ts';
import { createBlobs } from './blobs.ts';
import { canMount, contentOf, mountTmpfs, newFolder, openIn, startCrashChild } from './testing.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const visible = (root: string) =>
  Object.entries(contentOf(join(root, 'blobs'))).filter(([name]) => !name.startsWith('tmp'));

describe('the blob store', () => {
  let context: TestContext;
  beforeEach(async () => {
    context = await openTestContext();
  });
  afterEach(() => context.close());

  test('stores any bytes, in any pieces, under their hash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }), async (pieces) => {
        const whole = Buffer.concat(pieces);
        async function* source() {
          yield* pieces;
        }
        const blob = await context.blobs.put(source());
        expect(blob).toEqual({ sha256: sha256(whole), size: whole.length });
        expect(readFileSync(context.blobs.path(blob.sha256)).equals(whole)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(readdirSync(context.paths.uploads)).toEqual([]);
  });

  test('keeps the same bytes once, even when they come at the same time', async () => {
    const bytes = randomBytes(100_000);
    const file = join(context.paths.uploads, 'finished');
    writeFileSync(file, bytes);
    const stored = await Promise.all([
      ...Array.from({ length: 6 }, () => context.blobs.put(bytes)),
      context.blobs.adopt(file),
    ]);
    expect(new Set(stored.map((blob) => blob.sha256))).toEqual(new Set([sha256(bytes)]));
    expect(visible(context.paths.root)).toHaveLength(1);
    expect(readdirSync(context.paths.uploads)).toEqual([]);
    expect(context.db.prepare('SELECT size FROM blob').pluck().all()).toEqual([100_000]);
  });

  test('a source that fails leaves nothing', async () => {
    async function* source() {
      yield randomBytes(50_000);
      throw new Error('the line broke');
    }
    await expect(context.blobs.put(source())).rejects.toThrow('the line broke');
    expect(contentOf(join(context.paths.root, 'blobs'))).toEqual({});
  });

  test('mends a blob that something else cut short', async () => {
    const bytes = randomBytes(5_000);
    const blob = await context.blobs.put(bytes);
    writeFileSync(context.blobs.path(blob.sha256), bytes.subarray(0, 10));
    await context.blobs.put(bytes);
    expect(readFileSync(context.blobs.path(blob.sha256)).equals(bytes)).toBe(true);
  });

  test('what is not stored is not found, whatever the name tries', () => {
    for (const name of ['a'.repeat(64), '../../lathe.db', '', `${'a'.repeat(63)}/`]) {
      expect(context.blobs.has(name)).toBe(false);
      expect(() => context.blobs.path(name)).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
    }
  });

  test('removes a blob that nothing uses, and keeps one that a version uses', async () => {
    const [used, unused] = [
      await context.blobs.put(Buffer.from('used')),
      await context.blobs.put(Buffer.from('unused')),
    ];
    context.db.exec(`INSERT INTO registered_model(id, uuid, name, created_ms, updated_ms) VALUES (1, 'm', 'm', 0, 0);
      INSERT INTO model_version(uuid, model_id, version, sha256, size, signature, prediction, created_ms, updated_ms)
      VALUES ('v', 1, 1, '${used.sha256}', 4, '{}', '{}', 0, 0)`);
    await context.blobs.removeUnused(used.sha256);
    await context.blobs.removeUnused(unused.sha256);
    expect(context.blobs.has(used.sha256)).toBe(true);
    expect(context.blobs.has(unused.sha256)).toBe(false);
  });
});

test('kill -9 in the middle of many puts: every visible blob is whole, and leftovers are swept at the next open', async () => {
  const folder = newFolder();
  try {
    let leftovers = 0;
    for (let round = 0; round < 4; round++) {
      const writer = startCrashChild(folder, 'blobs');
      await writer.said(4 + 3 * round);
      await writer.kill();
      leftovers += readdirSync(join(folder, 'blobs', 'tmp')).length;
      const acknowledged = writer.lines.slice(1).filter((line) => line.length === 64);
      const workspace = await openIn(folder);
      const present = visible(folder);
      for (const [name, hash] of present) expect(name.endsWith(hash)).toBe(true);
      const hashes = new Set(present.map(([, hash]) => hash));
      expect(acknowledged.filter((hash) => !hashes.has(hash))).toEqual([]);
      expect(readdirSync(join(folder, 'blobs', 'tmp'))).toEqual([]);
      await workspace.close();
    }
    expect(leftovers).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.runIf(canMount)(
  'a full disk: the put is refused, nothing of it stays, what was saved before is there',
  async () => {
    const folder = newFolder();
    const unmount = mountTmpfs(folder, 'size=2m');
    try {
      const workspace = await openIn(folder);
      const { db } = workspace;
      const clock = { now: () => 0, monotonic: () => 0 };
      const blobs = createBlobs(folder, db, clock);
      const kept = await blobs.put(Buffer.from('kept'));
      await expect(blobs.put(randomBytes(3_000_000))).rejects.toMatchObject({
        code: 'LATHE_WORKSPACE_DISK_FULL',
      });
      expect(visible(folder)).toHaveLength(1);
      expect(readdirSync(join(folder, 'blobs', 'tmp'))).toEqual([]);

      // Now the database itself meets the full disk.
      const insert = db.prepare(
        'INSERT INTO experiment(uuid, name, description, created_ms, updated_ms) VALUES (?, ?, ?, 0, 0)',
      );
      let saved = 0;
      expect(() => {
        for (; saved < 10_000; saved++) insert.run(`u${saved}`, `n${saved}`, 'x'.repeat(2_000));
      }).toThrow(/full|disk I\/O/);
      expect(saved).toBeGreaterThan(10);
      expect(db.prepare('SELECT COUNT(*) FROM experiment WHERE id > 0').pluck().get()).toBe(saved);
      await workspace.close();
      const again = await openIn(folder);
      expect(again.db.prepare('SELECT COUNT(*) FROM experiment WHERE id > 0').pluck().get()).toBe(saved);
      expect(again.db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(createBlobs(folder, again.db, clock).has(kept.sha256)).toBe(true);
      await again.close();
    } finally {
      unmount();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

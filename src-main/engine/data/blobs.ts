/** Content-addressed files: blobs/ab/<sha256>, written to a temporary name, fsynced, renamed. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { syncFolder } from '../../platform/durable.ts';
import type { Database } from './database.ts';
import { codeOf, withStorageFailures } from './failures.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';

export type BlobIdentity = { sha256: string; size: number };

export type Blobs = {
  /**
   * Stores the bytes and returns their identity; storing the same bytes twice keeps one file. `onStored` makes the
   * row that refers to them before anyone could find them unused.
   */
  put(
    source: AsyncIterable<Uint8Array> | Uint8Array,
    onStored?: (identity: BlobIdentity) => void | Promise<void>,
  ): Promise<BlobIdentity>;
  /** Adopts a finished temporary file on the same disk by renaming it. */
  adopt(temporaryFile: string): Promise<BlobIdentity>;
  /** Absolute path of a stored blob; throws LATHE_NOT_FOUND when it is not here. */
  path(sha256: string): string;
  has(sha256: string): boolean;
  /** The same, for what a row is about to refer to: garbage collection leaves it alone for ten minutes. */
  hold(sha256: string): string;
  /** Removes a blob that no row refers to (its use was refused after it was stored); a used one stays. */
  removeUnused(sha256: string): Promise<void>;
  /** Removes a blob that is marked as unused (blob.unused_ms) and that nobody holds. How many bytes that freed. */
  collect(sha256: string): Promise<number>;
  /** Removes a file that has no row, left by a crash between two steps. How many bytes that freed. */
  removeStray(sha256: string): Promise<number>;
};

/** Longer than anything takes from storing bytes to making the row that refers to them. */
const HELD_MS = 10 * 60_000;

/** `root` is the workspace; a blob is acknowledged when its bytes are on disk and its row is committed. */
export function createBlobs(
  root: string,
  db: Database,
  clock: Clock,
  writes: GroupCommit = createGroupCommit(db),
): Blobs {
  const folder = join(root, 'blobs');
  const temporaries = temporaryFolder(root);
  // Storing the bytes again makes them new to garbage collection.
  const insert = db.prepare(
    'INSERT INTO blob(sha256, size, created_ms) VALUES (?, ?, ?) ON CONFLICT(sha256) DO UPDATE SET unused_ms = NULL',
  );
  const remove = db.prepare('DELETE FROM blob WHERE sha256 = ?');
  const removeMarked = db.prepare(
    'DELETE FROM blob WHERE sha256 = ? AND unused_ms IS NOT NULL RETURNING size',
  );
  const unmark = db.prepare('UPDATE blob SET unused_ms = NULL WHERE sha256 = ?');
  const known = db.prepare('SELECT 1 FROM blob WHERE sha256 = ?').pluck();
  /** Until when (monotonic) somebody may make a row that refers to it. Only this process writes, so memory will do. */
  const held = new Map<string, number>();
  const holdFor = (sha256: string) => held.set(sha256, clock.monotonic() + HELD_MS);
  function isHeld(sha256: string): boolean {
    for (const [one, untilMs] of held) if (untilMs < clock.monotonic()) held.delete(one);
    return held.has(sha256);
  }
  /** Naming and removing go one after the other, so that a removal cannot take what was just stored again. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  const place = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);

  /** Moves a synced file to its name. The same bytes may arrive twice at once: the rename is idempotent. */
  async function settle(file: string, { sha256, size }: BlobIdentity): Promise<BlobIdentity> {
    const target = place(sha256);
    const present = await isWhole(target, size);
    if (present) {
      await rm(file, { force: true });
    } else {
      const made = await mkdir(dirname(target), { recursive: true });
      await rename(file, target);
      await syncFolder(dirname(target));
      if (made !== undefined) await syncFolder(folder);
    }
    try {
      await writes.run(() => insert.run(sha256, size, clock.now()));
    } catch (thrown) {
      if (!present) await rm(target, { force: true });
      throw thrown;
    }
    return { sha256, size };
  }

  function pathOf(sha256: string): string {
    if (!isSha256(sha256) || !existsSync(place(sha256)))
      throw new LatheError('LATHE_NOT_FOUND', { kind: 'stored file', name: sha256 });
    return place(sha256);
  }

  return {
    put: (source, onStored) =>
      withStorageFailures(root, async () => {
        const file = join(temporaries, randomBytes(12).toString('hex'));
        try {
          const identity = await writeHashed(file, source);
          return await inTurn(async () => {
            const stored = await settle(file, identity);
            if (onStored) await onStored(stored);
            else holdFor(stored.sha256);
            return stored;
          });
        } catch (thrown) {
          await rm(file, { force: true });
          throw thrown;
        }
      }),
    adopt: (file) =>
      withStorageFailures(root, async () => {
        const identity = await hashFile(file);
        const handle = await open(file, 'r+');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
        try {
          return await inTurn(async () => {
            holdFor(identity.sha256);
            return settle(file, identity);
          });
        } catch (thrown) {
          await rm(file, { force: true });
          throw thrown;
        }
      }),
    path: pathOf,
    hold(sha256) {
      holdFor(sha256);
      return pathOf(sha256);
    },
    has: (sha256) => isSha256(sha256) && existsSync(place(sha256)),
    removeUnused: (sha256) =>
      inTurn(async () => {
        try {
          remove.run(sha256);
        } catch (thrown) {
          if (codeOf(thrown)?.startsWith('SQLITE_CONSTRAINT')) return;
          throw thrown;
        }
        await rm(place(sha256), { force: true });
      }),
    collect: (sha256) =>
      inTurn(async () => {
        if (isHeld(sha256)) return 0;
        let size: number | undefined;
        try {
          size = (removeMarked.get(sha256) as { size: number } | undefined)?.size;
        } catch (thrown) {
          if (!codeOf(thrown)?.startsWith('SQLITE_CONSTRAINT')) throw thrown;
          unmark.run(sha256);
        }
        if (size === undefined) return 0;
        await rm(place(sha256), { force: true });
        return size;
      }),
    removeStray: (sha256) =>
      inTurn(async () => {
        if (!isSha256(sha256) || known.get(sha256) !== undefined) return 0;
        const { size } = await stat(place(sha256)).catch(() => ({ size: 0 }));
        await rm(place(sha256), { force: true });
        return size;
      }),
  };
}

/** Where blobs are written before they have a name. */
export const temporaryFolder = (root: string): string => join(root, 'blobs', 'tmp');

/** Removes what a crash left half-written. Call before anything writes. */
export async function sweepTemporaries(root: string): Promise<number> {
  const names = await readdir(temporaryFolder(root));
  for (const name of names) await rm(join(temporaryFolder(root), name), { recursive: true, force: true });
  return names.length;
}

/** SHA-256 and size of a file, read in pieces. */
export async function hashFile(file: string): Promise<BlobIdentity> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}

async function writeHashed(
  file: string,
  source: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<BlobIdentity> {
  const hash = createHash('sha256');
  let size = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const part of source instanceof Uint8Array ? [source] : source) {
      hash.update(part);
      await writeAll(handle, part);
      size += part.byteLength;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/** write(2) may take less than it was given: on a nearly full disk it does. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const at = position === null ? null : position + written;
    const result = await handle.write(bytes, written, bytes.byteLength - written, at);
    written += result.bytesWritten;
  }
}

async function isWhole(file: string, size: number): Promise<boolean> {
  try {
    return (await stat(file)).size === size;
  } catch {
    return false;
  }
}

const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

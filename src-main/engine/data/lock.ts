/**
 * One writer per workspace. The lock is an exclusive transaction on `lock.db`, kept open: the kernel frees it
 * when the process ends, however it ends, so there is no stale lock to guess about. `lock.json` says who holds
 * it, for people, for the second opener's message and for the CLI; it decides nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { z } from 'zod';
import { Millis } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { Urls } from '../../contract/workspace.ts';
import { writeWhole } from '../../platform/durable.ts';
import { codeOf } from './failures.ts';

export const LockInfo = z.object({
  pid: z.int(),
  sinceMs: Millis,
  host: z.enum(['desktop', 'headless']),
  /** Folder of the local sockets; `rpc.sock` in it answers the contract. */
  run: z.string(),
  urls: Urls,
});
export type LockInfo = z.infer<typeof LockInfo>;

export type Lock = {
  /** What the last holder left behind: it did not close in order. */
  readonly leftover: LockInfo | null;
  describe(info: LockInfo): Promise<void>;
  /** `inOrder`: the workspace was closed well. A refused opener leaves what a crashed holder left. */
  release(inOrder: boolean): Promise<void>;
};

const databaseOf = (root: string) => join(root, 'lock.db');
const lockInfoFile = (root: string): string => join(root, 'lock.json');

export const lockExists = (root: string): boolean => existsSync(databaseOf(root));

/** Takes the lock or throws LATHE_WORKSPACE_LOCKED at once. */
export function acquireLock(root: string): Lock {
  const db = new BetterSqlite3(databaseOf(root), { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    db.close();
    if (!codeOf(thrown)?.startsWith('SQLITE_BUSY')) throw thrown;
    throw new LatheError('LATHE_WORKSPACE_LOCKED', { path: root, pid: readLockInfo(root)?.pid ?? 'unknown' });
  }
  return {
    leftover: readLockInfo(root),
    describe: (info) => writeWhole(lockInfoFile(root), `${JSON.stringify(info)}\n`),
    async release(inOrder) {
      if (inOrder) await rm(lockInfoFile(root), { force: true }).catch(() => {});
      db.close();
    },
  };
}

/** Who holds the workspace, or who held it and died; null when nobody said. */
export function readLockInfo(root: string): LockInfo | null {
  try {
    const parsed = LockInfo.safeParse(JSON.parse(readFileSync(lockInfoFile(root), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

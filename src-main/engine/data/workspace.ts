/**
 * A workspace is one folder: lathe.db, blobs/, logs/, models/, backups/. Opening it either gives the whole of it,
 * locked for this process, or throws the error that says why not and leaves the folder as it was.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { syncFolder } from '../../platform/durable.ts';
import type { Ids } from '../../platform/ids.ts';
import { sweepTemporaries, temporaryFolder } from './blobs.ts';
import { checkpoint, type Database, inTransaction, keepCompactable, openDatabase } from './database.ts';
import { storageFailure } from './failures.ts';
import { databaseFile, inspectWorkspace } from './inspect.ts';
import { acquireLock, type Lock, lockExists } from './lock.ts';
import { migrate, newestSchema } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

export type OpenOptions = {
  path: string;
  /** Make the workspace when the folder has none. */
  create: boolean;
  /** Display name of a new workspace; the folder's name by default. */
  name?: string | undefined;
  clock: Clock;
  ids: Ids;
  migrations?: readonly Migration[];
};

export type WorkspaceInfo = { id: string; name: string; path: string; sample: boolean; createdMs: number };

export type Workspace = {
  root: string;
  db: Database;
  lock: Lock;
  /** Also after closing. */
  info(): WorkspaceInfo;
  /** Remembers that the sample was put in; said once, it stays. */
  markSample(): void;
  /** The last holder did not close in order: worth a check of the database. */
  unclean: boolean;
  /** True when this call made it. */
  created: boolean;
  migrated: { from: number; to: number; backup: string | null };
  /** Writes everything back, closes the database and frees the lock. */
  close(): Promise<void>;
};

const FOLDERS = ['blobs', 'logs', 'models', 'backups'] as const;

export async function openWorkspace(options: OpenOptions): Promise<Workspace> {
  const root = resolve(options.path);
  const migrations = options.migrations ?? MIGRATIONS;
  const known = newestSchema(migrations);
  // When somebody holds it, that is the answer, whatever state their writing leaves the file in.
  let lock = lockExists(root) ? await inspectedLock(root, known) : null;
  try {
    const before = await inspectWorkspace(root, known);
    if (before.state === 'absent' && !options.create)
      throw new LatheError('LATHE_NOT_FOUND', { kind: 'workspace', name: root });
    for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
    await mkdir(temporaryFolder(root), { recursive: true });
    lock ??= acquireLock(root);
    const now = await inspectWorkspace(root, known);
    await sweep(root);
    const created = now.state === 'absent';
    if (created) await createDatabase(root, options, migrations);
    return openLocked(root, lock, options, migrations, created);
  } catch (thrown) {
    await lock?.release(false);
    throw storageFailure(thrown, root) ?? thrown;
  }
}

/** A lock file on a read-only disk cannot be taken: the folder's own fault is said first. */
async function inspectedLock(root: string, known: number): Promise<Lock> {
  try {
    return acquireLock(root);
  } catch (thrown) {
    if (!(thrown instanceof LatheError)) await inspectWorkspace(root, known);
    throw storageFailure(thrown, root) ?? thrown;
  }
}

function openLocked(
  root: string,
  lock: Lock,
  options: OpenOptions,
  migrations: readonly Migration[],
  created: boolean,
): Workspace {
  const db = openDatabase(databaseFile(root));
  try {
    const migrated = migrate(db, { root, backups: join(root, 'backups'), migrations, clock: options.clock });
    // Into the file itself, so that an older program that looks at the first page sees the new schema.
    if (migrated.from !== migrated.to) checkpoint(db);
    let info = readInfo(db, root);
    return {
      root,
      db,
      lock,
      info: () => info,
      markSample() {
        setFact(db, 'sample', '1');
        info = { ...info, sample: true };
      },
      unclean: lock.leftover !== null,
      created,
      migrated,
      async close() {
        try {
          if (db.open) {
            checkpoint(db);
            db.close();
          }
        } finally {
          await lock.release(true);
        }
      },
    };
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** Made under another name and renamed when whole: a crash or a full disk leaves no half database. */
async function createDatabase(
  root: string,
  options: OpenOptions,
  migrations: readonly Migration[],
): Promise<void> {
  const file = databaseFile(root);
  const unborn = `${file}.new`;
  const remove = async () => {
    for (const suffix of ['', '-journal']) await rm(`${unborn}${suffix}`, { force: true });
  };
  await remove();
  try {
    const db = new BetterSqlite3(unborn);
    try {
      keepCompactable(db);
      migrate(db, { root, backups: join(root, 'backups'), migrations, clock: options.clock });
      inTransaction(db, () => {
        setFact(db, 'id', options.ids.next());
        setFact(db, 'name', options.name ?? basename(root));
        setFact(db, 'created_ms', String(options.clock.now()));
      });
    } finally {
      db.close();
    }
    await rename(unborn, file);
    await syncFolder(root);
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

/** What a crash left: half-written blobs, small files and backups that never got their name. */
async function sweep(root: string): Promise<void> {
  await sweepTemporaries(root);
  for (const name of await readdir(root))
    if (name.endsWith('.tmp')) await rm(join(root, name), { force: true });
}

function readInfo(db: Database, root: string): WorkspaceInfo {
  const rows = db.prepare('SELECT key, value FROM workspace').all() as { key: string; value: string }[];
  const facts = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  return {
    id: facts.id ?? '',
    name: facts.name ?? basename(root),
    path: root,
    sample: facts.sample === '1',
    createdMs: Number(facts.created_ms ?? 0),
  };
}

function setFact(db: Database, key: string, value: string): void {
  db.prepare(
    'INSERT INTO workspace(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value',
  ).run(key, value);
}

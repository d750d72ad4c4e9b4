/** Brings a database to the present schema: numbered steps, each in one transaction, a backup before the first. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { APPLICATION_ID, type Database, inTransaction, isCompactable, keepCompactable } from './database.ts';
import { codeOf, storageFailure } from './failures.ts';
import type { Migration } from './migrations/migration.ts';

export const schemaOf = (db: Database): number => db.pragma('user_version', { simple: true }) as number;

export const newestSchema = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0;

/**
 * Applies what is missing. An existing database (schema above 0) is copied to `backups` first; a step that
 * fails is rolled back and reported with the backup's path, and the steps before it stand.
 */
export function migrate(
  db: Database,
  options: { root: string; backups: string; migrations: readonly Migration[]; clock: Clock },
): { from: number; to: number; backup: string | null } {
  const { root, migrations } = options;
  const from = schemaOf(db);
  const to = newestSchema(migrations);
  if (from > to) throw new LatheError('LATHE_WORKSPACE_NEWER', { path: root, found: from, known: to });
  if (from === to) return { from, to, backup: null };
  const backup =
    from === 0 ? null : takeBackup(db, root, options.backups, `schema${from}-${options.clock.now()}`);
  db.pragma('foreign_keys = OFF');
  try {
    for (const step of migrations.filter((migration) => migration.version > from)) applyStep(db, step);
  } catch (thrown) {
    const full = storageFailure(thrown, root);
    if (full?.code === 'LATHE_WORKSPACE_DISK_FULL') throw full;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new LatheError(
      'LATHE_WORKSPACE_MIGRATION',
      { path: root, to, reason, backup: backup ?? 'none, it was empty' },
      { cause: thrown },
    );
  } finally {
    db.pragma('foreign_keys = ON');
  }
  if (from > 0) makeCompactable(db);
  return { from, to, backup };
}

/** Workspaces of older versions could not give pages back. Without room for the copy they go on as they were. */
function makeCompactable(db: Database): void {
  if (isCompactable(db)) return;
  keepCompactable(db);
  try {
    db.exec('VACUUM');
  } catch (thrown) {
    if (!/^SQLITE_(FULL|IOERR)/.test(codeOf(thrown) ?? '')) throw thrown;
  }
}

function applyStep(db: Database, step: Migration): void {
  inTransaction(db, () => {
    db.exec(step.sql);
    const broken = db.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0) throw new Error(`step ${step.name} leaves ${broken.length} dangling references`);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${step.version}`);
  });
}

/** A whole, compact copy beside the database. */
function takeBackup(db: Database, root: string, folder: string, label: string): string {
  const file = join(folder, `lathe-${label}.db`);
  try {
    db.prepare('VACUUM INTO ?').run(file);
    return file;
  } catch (thrown) {
    rmSync(file, { force: true });
    throw storageFailure(thrown, root) ?? thrown;
  }
}

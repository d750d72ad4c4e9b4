/** SQL of what goes to the trash, comes back, and is marked to go for good. What goes for good: purge.store.ts. */
import type { TrashKind } from '../../../contract/trash.ts';
import type { Database } from '../../data/database.ts';
import { ARTIFACT_BATCH } from './trash.sql.ts';

const IN = 'IN (SELECT value FROM json_each(?))';
/** Of these a row with its number stays, without its content. */
const MARK: Record<Exclude<TrashKind, 'artifact'>, string> = {
  // Names are unique among all experiments: that of one that is gone is free again.
  experiment: `UPDATE experiment SET purged_ms = ?, name = '~' || uuid, description = '', rev = rev + 1`,
  run: 'UPDATE run SET purged_ms = ?, rev = rev + 1',
  'logged-model': 'UPDATE logged_model SET purged_ms = ?, rev = rev + 1',
  model: `UPDATE registered_model SET purged_ms = ?, name = '~' || uuid, description = '', rev = rev + 1`,
  version: 'UPDATE model_version SET purged_ms = ?, rev = rev + 1',
};

export type BinnedFile = { id: number; path: string; sha256: string; size: number };

export function createTrashStore(db: Database) {
  const sql = {
    discardRuns: db.prepare(
      `UPDATE run SET deleted_ms = ?, deleted_with_experiment = 0, rev = rev + 1 WHERE deleted_ms IS NULL AND uuid ${IN}`,
    ),
    experiment: db.prepare('SELECT id FROM experiment WHERE uuid = ? AND purged_ms IS NULL').pluck(),
    model: db.prepare('SELECT uuid FROM registered_model WHERE name = ? AND deleted_ms IS NULL').pluck(),
    version: db
      .prepare(
        `SELECT v.uuid FROM model_version v JOIN registered_model m ON m.id = v.model_id
         WHERE m.name = ? AND v.version = ? AND v.deleted_ms IS NULL AND m.deleted_ms IS NULL`,
      )
      .pluck(),
    deletedModel: db.prepare(
      'SELECT id, name FROM registered_model WHERE uuid = ? AND deleted_ms IS NOT NULL AND purged_ms IS NULL',
    ),
    restoreModel: db.prepare(
      'UPDATE registered_model SET deleted_ms = NULL, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    deletedVersion: db.prepare(
      `SELECT v.id, v.model_id AS model, v.version FROM model_version v JOIN registered_model m ON m.id = v.model_id
       WHERE v.uuid = ? AND v.deleted_ms IS NOT NULL AND v.purged_ms IS NULL AND m.deleted_ms IS NULL`,
    ),
    restoreVersion: db.prepare(
      `UPDATE model_version SET deleted_ms = NULL, updated_ms = ?, lost_aliases = '[]', rev = rev + 1 WHERE id = ?`,
    ),
    restoreAliases: db.prepare(
      `INSERT OR IGNORE INTO model_alias(model_id, alias, version, updated_ms)
       SELECT v.model_id, a.value, v.version, ? FROM model_version v, json_each(v.lost_aliases) a WHERE v.id = ?`,
    ),
    restoreLoggedModel: db.prepare(
      `UPDATE logged_model SET deleted_ms = NULL, updated_ms = ?, rev = rev + 1
       WHERE uuid = ? AND deleted_ms IS NOT NULL AND purged_ms IS NULL`,
    ),
    batch: db.prepare(
      `SELECT t.id, t.path, t.sha256, t.size FROM artifact_trash t WHERE ${ARTIFACT_BATCH} = ? AND t.id > ?
         AND NOT EXISTS (SELECT 1 FROM purge p WHERE p.kind = 'artifact' AND p.id = t.id) ORDER BY t.id LIMIT ?`,
    ),
    unbin: db.prepare('DELETE FROM artifact_trash WHERE id = ?'),
    putBack: db.prepare(
      `INSERT INTO artifact(path, sha256, size, created_ms) SELECT path, sha256, size, created_ms FROM artifact_trash WHERE id = ?
       ON CONFLICT(path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size, created_ms = excluded.created_ms`,
    ),
    binPresent: db.prepare(
      `INSERT INTO artifact_trash(path, sha256, size, created_ms, deleted_ms, reason)
       SELECT a.path, a.sha256, a.size, a.created_ms, ?, 'overwritten' FROM artifact a JOIN artifact_trash t ON t.path = a.path
       WHERE t.id = ? AND t.sha256 <> a.sha256`,
    ),
    runsOfDefault: db
      .prepare('SELECT id FROM run WHERE exp_id = 0 AND deleted_with_experiment = 1 AND purged_ms IS NULL')
      .pluck(),
    loggedOfDefault: db.prepare('SELECT id FROM logged_model WHERE exp_id = 0 AND purged_ms IS NULL').pluck(),
    discardLoggedOfDefault: db.prepare(
      'UPDATE logged_model SET deleted_ms = ? WHERE exp_id = 0 AND deleted_ms IS NULL',
    ),
    restoreDefault: db.prepare('UPDATE experiment SET deleted_ms = NULL WHERE id = 0'),
    queue: db.prepare('INSERT OR IGNORE INTO purge(kind, id) SELECT ?, value FROM json_each(?)'),
    pending: db.prepare('SELECT COUNT(*) FROM purge').pluck(),
  };
  const mark = Object.fromEntries(
    Object.entries(MARK).map(([kind, update]) => [
      kind,
      db
        .prepare(`${update} WHERE deleted_ms IS NOT NULL AND purged_ms IS NULL AND id ${IN} RETURNING id`)
        .pluck(),
    ]),
  );

  return {
    discardRuns: (uuids: readonly string[], nowMs: number) =>
      sql.discardRuns.run(nowMs, JSON.stringify(uuids)).changes,
    /** The number of an experiment, in the trash or not. */
    experiment: (uuid: string) => (sql.experiment.get(uuid) as number | undefined) ?? null,
    model: (name: string) => (sql.model.get(name) as string | undefined) ?? null,
    version: (name: string, version: string) =>
      (sql.version.get(name, Number(version)) as string | undefined) ?? null,
    deletedModel: (uuid: string) =>
      (sql.deletedModel.get(uuid) as { id: number; name: string } | undefined) ?? null,
    restoreModel: (id: number, nowMs: number) => void sql.restoreModel.run(nowMs, id),
    /** With the aliases it had, but for those that another version has by now. False when it is not there. */
    restoreVersion(uuid: string, nowMs: number): boolean {
      const found = sql.deletedVersion.get(uuid) as { id: number } | undefined;
      if (!found) return false;
      sql.restoreAliases.run(nowMs, found.id);
      sql.restoreVersion.run(nowMs, found.id);
      return true;
    },
    restoreLoggedModel: (uuid: string, nowMs: number) =>
      sql.restoreLoggedModel.run(nowMs, uuid).changes === 1,
    /** Files that were deleted together, after `id`. */
    batch: (batch: string, id: number, most: number) => sql.batch.all(batch, id, most) as BinnedFile[],
    /** What lies at its path by now goes to the trash instead. */
    putBack({ id }: BinnedFile, nowMs: number): void {
      sql.binPresent.run(nowMs, id);
      sql.putBack.run(id);
      sql.unbin.run(id);
    },
    /** MLflow's Default experiment always exists: it comes back empty. What of it is to go: runs and logged models. */
    emptyDefault(nowMs: number): { runs: number[]; loggedModels: number[] } {
      sql.discardLoggedOfDefault.run(nowMs);
      sql.restoreDefault.run();
      return {
        runs: sql.runsOfDefault.all() as number[],
        loggedModels: sql.loggedOfDefault.all() as number[],
      };
    },
    /** From here on they cannot be seen. Those that came back meanwhile are left alone. How many. */
    queue(kind: TrashKind, ids: readonly number[], nowMs: number): number {
      const json = JSON.stringify(ids);
      const marked = kind === 'artifact' ? ids : (mark[kind]?.all(nowMs, json) as number[]);
      return sql.queue.run(kind, JSON.stringify(marked)).changes;
    },
    pending: () => sql.pending.get() as number,
  };
}

/** SQL of what MLflow clients change in the registry. Inserting a version: models.store.ts. */
import type { Database } from '../../data/database.ts';
import { REGISTERED_MODEL_JSON, VERSION_JSON } from './registry-view.sql.ts';

export type ModelState = { id: number; name: string };
export type VersionState = {
  id: number;
  model_id: number;
  version: number;
  location: string;
  source: string;
  run_uuid: string;
  logged_model: string | null;
};

const UPSERT = (table: string, owner: string) =>
  `INSERT INTO ${table}(${owner}, name, val) VALUES (?, ?, ?) ON CONFLICT(${owner}, name) DO UPDATE SET val = excluded.val`;
const OWN = 'SELECT id, model_id, version, location, source, run_uuid, logged_model FROM model_version';

export function createRegistryStore(db: Database) {
  const sql = {
    model: db.prepare('SELECT id, name FROM registered_model WHERE name = ? AND deleted_ms IS NULL'),
    modelJson: db.prepare(`SELECT ${REGISTERED_MODEL_JSON} FROM registered_model m WHERE m.id = ?`).pluck(),
    rename: db.prepare('UPDATE registered_model SET name = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    describe: db.prepare(
      'UPDATE registered_model SET description = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    touch: db.prepare('UPDATE registered_model SET updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    remove: db.prepare(
      'UPDATE registered_model SET deleted_ms = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    setTag: db.prepare(UPSERT('registered_model_tag', 'model_id')),
    deleteTag: db.prepare('DELETE FROM registered_model_tag WHERE model_id = ? AND name = ?'),
    version: db.prepare(`${OWN} WHERE model_id = ? AND version = ? AND deleted_ms IS NULL`),
    newest: db.prepare(`${OWN} WHERE model_id = ? AND deleted_ms IS NULL ORDER BY version DESC LIMIT 1`),
    byAlias: db.prepare(
      `${OWN} WHERE model_id = :model AND deleted_ms IS NULL AND version = (SELECT version FROM model_alias WHERE model_id = :model AND alias = :alias)`,
    ),
    versionJson: db
      .prepare(
        `SELECT ${VERSION_JSON} FROM model_version v JOIN registered_model m ON m.id = v.model_id WHERE v.id = ?`,
      )
      .pluck(),
    latest: db
      .prepare(
        `SELECT ${VERSION_JSON} FROM model_version v JOIN registered_model m ON m.id = v.model_id
         WHERE v.model_id = :model AND v.deleted_ms IS NULL AND lower(v.stage) IN (SELECT lower(value) FROM json_each(:stages))
           AND v.version = (SELECT MAX(w.version) FROM model_version w WHERE w.model_id = :model AND w.stage = v.stage AND w.deleted_ms IS NULL)
         ORDER BY v.version`,
      )
      .pluck(),
    describeVersion: db.prepare(
      'UPDATE model_version SET description = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    setStage: db.prepare('UPDATE model_version SET stage = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    archiveOthers: db.prepare(
      `UPDATE model_version SET stage = 'Archived', updated_ms = ?, rev = rev + 1
       WHERE model_id = ? AND stage = ? AND id <> ? AND deleted_ms IS NULL`,
    ),
    removeVersion: db.prepare(
      `UPDATE model_version SET deleted_ms = :now, updated_ms = :now, rev = rev + 1,
         lost_aliases = (SELECT json_group_array(alias) FROM model_alias WHERE model_id = :model AND version = :version)
       WHERE id = :id`,
    ),
    dropAliasesOf: db.prepare('DELETE FROM model_alias WHERE model_id = ? AND version = ?'),
    deleteAlias: db.prepare('DELETE FROM model_alias WHERE model_id = ? AND alias = ?'),
    setVersionTag: db.prepare(UPSERT('model_version_tag', 'version_id')),
    deleteVersionTag: db.prepare('DELETE FROM model_version_tag WHERE version_id = ? AND name = ?'),
    metrics: db.prepare(
      `SELECT k.name, s.last_val AS value FROM series s JOIN key k ON k.id = s.key_id JOIN run r ON r.id = s.run_id
       WHERE r.uuid = ? AND s.last_nan = 0 AND s.last_val IS NOT NULL AND k.name NOT LIKE 'system/%' ORDER BY k.name LIMIT ?`,
    ),
  };
  const version = (row: unknown) => (row as VersionState | undefined) ?? null;

  return {
    model: (name: string) => (sql.model.get(name) as ModelState | undefined) ?? null,
    modelJson: (id: number) => sql.modelJson.get(id) as string,
    rename: (id: number, name: string, nowMs: number) => void sql.rename.run(name, nowMs, id),
    describe: (id: number, text: string, nowMs: number) => void sql.describe.run(text, nowMs, id),
    touch: (id: number, nowMs: number) => void sql.touch.run(nowMs, id),
    remove: (id: number, nowMs: number) => void sql.remove.run(nowMs, nowMs, id),
    setTag: (id: number, key: string, value: string) => void sql.setTag.run(id, key, value),
    deleteTag: (id: number, key: string) => sql.deleteTag.run(id, key).changes === 1,
    version: (model: number, number: number) => version(sql.version.get(model, number)),
    newest: (model: number) => version(sql.newest.get(model)),
    byAlias: (model: number, alias: string) => version(sql.byAlias.get({ model, alias })),
    versionJson: (id: number) => sql.versionJson.get(id) as string,
    latest: (model: number, stages: readonly string[]) =>
      sql.latest.all({ model, stages: JSON.stringify(stages) }) as string[],
    describeVersion: (id: number, text: string, nowMs: number) =>
      void sql.describeVersion.run(text, nowMs, id),
    setStage: (id: number, stage: string, nowMs: number) => void sql.setStage.run(stage, nowMs, id),
    archiveOthers: ({ id, model_id }: VersionState, stage: string, nowMs: number) =>
      void sql.archiveOthers.run(nowMs, model_id, stage, id),
    removeVersion({ id, model_id, version: number }: VersionState, nowMs: number): void {
      sql.removeVersion.run({ id, model: model_id, version: number, now: nowMs });
      sql.dropAliasesOf.run(model_id, number);
    },
    deleteAlias: (model: number, alias: string) => void sql.deleteAlias.run(model, alias),
    setVersionTag: (id: number, key: string, value: string) => void sql.setVersionTag.run(id, key, value),
    deleteVersionTag: (id: number, key: string) => void sql.deleteVersionTag.run(id, key),
    /** Last values of a run's metrics, the machine's own left out. */
    metricsOf: (run: string, most: number): Record<string, number> =>
      Object.fromEntries(
        (sql.metrics.all(run, most) as { name: string; value: number }[]).map(({ name, value }) => [
          name,
          value,
        ]),
      ),
  };
}

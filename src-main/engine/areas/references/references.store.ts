/** SQL of references. The one that a version was registered with lies with the version itself. */
import type { Reference } from '../../../contract/references.ts';
import type { Database } from '../../data/database.ts';

export type VersionRow = {
  id: number;
  uuid: string;
  model: string;
  version: string;
  /** Profile that it was registered with, as JSON. */
  profile: string | null;
  runUuid: string;
  createdMs: number;
};

export type ReferenceRow = {
  id: number;
  uuid: string;
  versionId: number;
  kind: Reference['kind'];
  title: string;
  source: string;
  rows: number;
  features: string;
  absent: string;
  ignored: string;
  raw: string | null;
  rawRows: number;
  froze: number;
  createdMs: number;
};

const COLUMNS = `id, uuid, version_id AS versionId, kind, title, source, rows, features, absent, ignored, raw, raw_rows AS rawRows,
  froze, created_ms AS createdMs`;
const VERSION = `SELECT v.id, v.uuid, m.name AS model, CAST(v.version AS TEXT) AS version, v.reference AS profile, v.run_uuid AS runUuid,
  v.created_ms AS createdMs FROM model_version v JOIN registered_model m ON m.id = v.model_id WHERE v.deleted_ms IS NULL`;

export function createReferenceStore(db: Database) {
  const sql = {
    version: db.prepare(`${VERSION} AND m.name = ? AND v.version = ?`),
    versionById: db.prepare(`${VERSION} AND v.id = ?`),
    versionByUuid: db.prepare(`${VERSION} AND v.uuid = ?`),
    list: db.prepare(`SELECT ${COLUMNS} FROM reference WHERE version_id = ? ORDER BY id`),
    find: db.prepare(`SELECT ${COLUMNS} FROM reference WHERE uuid = ?`),
    profile: db.prepare('SELECT profile FROM reference WHERE id = ?').pluck(),
    insert: db.prepare(
      `INSERT INTO reference(uuid, version_id, kind, title, source, rows, features, absent, ignored, profile, raw, raw_rows, froze, created_ms)
       VALUES (:uuid, :versionId, :kind, :title, :source, :rows, :features, :absent, :ignored, :profile, :raw, :rawRows, :froze, :createdMs)`,
    ),
    remove: db.prepare('DELETE FROM reference WHERE id = ?'),
    active: db.prepare('SELECT reference_id FROM reference_active WHERE version_id = ?').pluck(),
    setActive: db.prepare(
      `INSERT INTO reference_active(version_id, reference_id) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET reference_id = excluded.reference_id`,
    ),
    forgetActive: db.prepare('DELETE FROM reference_active WHERE reference_id = ?'),
  };
  return {
    version: (model: string, version: string): VersionRow | null =>
      (sql.version.get(model, Number(version)) as VersionRow | undefined) ?? null,
    versionById: (id: number): VersionRow | null =>
      (sql.versionById.get(id) as VersionRow | undefined) ?? null,
    versionByUuid: (uuid: string): VersionRow | null =>
      (sql.versionByUuid.get(uuid) as VersionRow | undefined) ?? null,
    list: (versionId: number): ReferenceRow[] => sql.list.all(versionId) as ReferenceRow[],
    find: (uuid: string): ReferenceRow | null => (sql.find.get(uuid) as ReferenceRow | undefined) ?? null,
    profile: (id: number): string => sql.profile.get(id) as string,
    insert: (row: Omit<ReferenceRow, 'id'> & { profile: string }): void => void sql.insert.run(row),
    remove(id: number): void {
      sql.forgetActive.run(id);
      sql.remove.run(id);
    },
    /** Undefined where nobody has chosen; null is the one that the version was registered with. */
    active: (versionId: number): number | null | undefined =>
      sql.active.get(versionId) as number | null | undefined,
    setActive: (versionId: number, referenceId: number | null): void =>
      void sql.setActive.run(versionId, referenceId),
  };
}

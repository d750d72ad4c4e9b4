/** SQL of saved views. */
import type { SavedView } from '../../../contract/saved-views.ts';
import type { Database } from '../../data/database.ts';

type Row = SavedView & { experiment: number; deletedMs: number | null };

const COLUMNS =
  'uuid AS id, name, state, rev AS revision, updated_ms AS updatedMs, exp_id AS experiment, deleted_ms AS deletedMs';

export function createSavedViewStore(db: Database) {
  const sql = {
    experiment: db.prepare('SELECT id FROM experiment WHERE uuid = ? AND deleted_ms IS NULL').pluck(),
    list: db.prepare(
      `SELECT ${COLUMNS} FROM saved_view WHERE exp_id = ? AND deleted_ms IS NULL ORDER BY name COLLATE NOCASE, name`,
    ),
    find: db.prepare(`SELECT ${COLUMNS} FROM saved_view WHERE uuid = ?`),
    named: db
      .prepare('SELECT uuid FROM saved_view WHERE exp_id = ? AND name = ? AND deleted_ms IS NULL')
      .pluck(),
    insert: db.prepare(
      'INSERT INTO saved_view(uuid, exp_id, name, state, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    update: db.prepare(
      'UPDATE saved_view SET name = ?, state = ?, deleted_ms = ?, updated_ms = ?, rev = rev + 1 WHERE uuid = ?',
    ),
  };
  return {
    experiment: (uuid: string) => (sql.experiment.get(uuid) as number | undefined) ?? null,
    list: (experiment: number) => sql.list.all(experiment) as Row[],
    find: (id: string) => (sql.find.get(id) as Row | undefined) ?? null,
    /** The view of that name, or null. */
    named: (experiment: number, name: string) =>
      (sql.named.get(experiment, name) as string | undefined) ?? null,
    insert: (id: string, experiment: number, name: string, state: string, nowMs: number) =>
      void sql.insert.run(id, experiment, name, state, nowMs, nowMs),
    update: (
      { id, name, state, deletedMs }: Pick<Row, 'id' | 'name' | 'state' | 'deletedMs'>,
      nowMs: number,
    ) => void sql.update.run(name, state, deletedMs, nowMs, id),
  };
}

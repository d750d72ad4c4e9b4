/** SQL of logged models: what MLflow 3 clients keep of a model before it is registered. */
import type { Database } from '../../data/database.ts';
import { LOGGED_MODEL_JSON, LOGGED_MODEL_URI } from './mlflow-view.sql.ts';

export type LoggedModelRow = { id: number; root: string; source_run: string | null };
export type NewLoggedModel = {
  uuid: string;
  experiment: number;
  name: string;
  modelType: string;
  sourceRun: string | null;
};
export type ModelMetric = {
  key: string;
  value: number;
  timestampMs: number;
  step: number;
  datasetName?: string;
  datasetDigest?: string;
};

const FIND = `SELECT m.id, m.source_run, ${LOGGED_MODEL_URI} AS root FROM logged_model m
  JOIN experiment e ON e.id = m.exp_id WHERE m.uuid = ?`;

export function createLoggedModelStore(db: Database) {
  const sql = {
    find: db.prepare(`${FIND} AND m.deleted_ms IS NULL`),
    findAny: db.prepare(FIND),
    json: db
      .prepare(
        `SELECT ${LOGGED_MODEL_JSON} FROM logged_model m JOIN experiment e ON e.id = m.exp_id WHERE m.id = ?`,
      )
      .pluck(),
    insert: db.prepare(
      `INSERT INTO logged_model(uuid, exp_id, name, model_type, status, source_run, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, 'LOGGED_MODEL_PENDING', ?, ?, ?)`,
    ),
    setStatus: db.prepare('UPDATE logged_model SET status = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    touch: db.prepare('UPDATE logged_model SET updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    remove: db.prepare('UPDATE logged_model SET deleted_ms = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    param: db.prepare('SELECT val FROM logged_model_param WHERE model_id = ? AND name = ?').pluck(),
    insertParam: db.prepare('INSERT INTO logged_model_param(model_id, name, val) VALUES (?, ?, ?)'),
    setTag: db.prepare(
      `INSERT INTO logged_model_tag(model_id, name, val) VALUES (?, ?, ?)
       ON CONFLICT(model_id, name) DO UPDATE SET val = excluded.val`,
    ),
    tag: db.prepare('SELECT val FROM logged_model_tag WHERE model_id = ? AND name = ?').pluck(),
    deleteTag: db.prepare('DELETE FROM logged_model_tag WHERE model_id = ? AND name = ?'),
    insertMetric: db.prepare(
      `INSERT OR IGNORE INTO logged_model_metric(model_id, name, run_id, step, ts, val, nan, dataset_name, dataset_digest)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };

  return {
    find: (uuid: string) => (sql.find.get(uuid) as LoggedModelRow | undefined) ?? null,
    /** Also in the trash. */
    findAny: (uuid: string) => (sql.findAny.get(uuid) as LoggedModelRow | undefined) ?? null,
    json: (id: number) => sql.json.get(id) as string,
    insert: ({ uuid, experiment, name, modelType, sourceRun }: NewLoggedModel, nowMs: number) =>
      Number(sql.insert.run(uuid, experiment, name, modelType, sourceRun, nowMs, nowMs).lastInsertRowid),
    setStatus: (id: number, status: string, nowMs: number) => void sql.setStatus.run(status, nowMs, id),
    touch: (id: number, nowMs: number) => void sql.touch.run(nowMs, id),
    remove: (id: number, nowMs: number) => void sql.remove.run(nowMs, nowMs, id),
    /** The value already there, or null after writing this one. */
    putParam(id: number, name: string, value: string): string | null {
      const present = sql.param.get(id, name) as string | undefined;
      if (present !== undefined) return present;
      sql.insertParam.run(id, name, value);
      return null;
    },
    setTag: (id: number, name: string, value: string) => void sql.setTag.run(id, name, value),
    tag: (id: number, name: string) => (sql.tag.get(id, name) as string | undefined) ?? null,
    deleteTag: (id: number, name: string) => sql.deleteTag.run(id, name).changes === 1,
    /** A repeated metric changes nothing: clients retry. */
    addMetric(id: number, run: string, metric: ModelMetric): void {
      const nan = Number.isNaN(metric.value);
      const { key, step, timestampMs, value, datasetName = '', datasetDigest = '' } = metric;
      sql.insertMetric.run(
        id,
        key,
        run,
        step,
        timestampMs,
        nan ? 0 : value,
        nan ? 1 : 0,
        datasetName,
        datasetDigest,
      );
    },
  };
}

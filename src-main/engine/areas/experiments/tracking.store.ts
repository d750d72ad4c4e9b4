/** SQL of what MLflow clients change: experiments, runs, tags, inputs. Points and params: experiments.store.ts. */
import type { Database } from '../../data/database.ts';
import { ARTIFACT_URI, EXPERIMENT_JSON, RUN_INFO_JSON, RUN_JSON } from './mlflow-view.sql.ts';

export type ExperimentState = { id: number; name: string; deleted_ms: number | null };
export type AnyRun = { id: number; exp_id: number; name: string; deleted_ms: number | null };

/** Binds a run's number. */
export const RUN_BY_ID_SQL = `SELECT ${RUN_JSON} FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id = ?`;
/** A run with so many metrics and params takes more than a millisecond to write out. */
const LARGE = 400;

export function createTrackingStore(db: Database) {
  const sql = {
    experiment: db.prepare('SELECT id, name, deleted_ms FROM experiment WHERE id = ? AND purged_ms IS NULL'),
    experimentByName: db.prepare(
      'SELECT id, name, deleted_ms FROM experiment WHERE name = ? AND purged_ms IS NULL',
    ),
    experimentJson: db.prepare(`SELECT ${EXPERIMENT_JSON} FROM experiment e WHERE e.id = ?`).pluck(),
    insertExperiment: db.prepare(
      'INSERT INTO experiment(uuid, name, artifact_location, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    renameExperiment: db.prepare(
      'UPDATE experiment SET name = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    deleteExperiment: db.prepare(
      'UPDATE experiment SET deleted_ms = ?, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    deleteRunsOf: db.prepare(
      'UPDATE run SET deleted_ms = ?, deleted_with_experiment = 1, rev = rev + 1 WHERE exp_id = ? AND deleted_ms IS NULL',
    ),
    restoreExperiment: db.prepare(
      'UPDATE experiment SET deleted_ms = NULL, updated_ms = ?, rev = rev + 1 WHERE id = ?',
    ),
    restoreRunsOf: db.prepare(
      'UPDATE run SET deleted_ms = NULL, deleted_with_experiment = 0, rev = rev + 1 WHERE exp_id = ? AND deleted_with_experiment = 1',
    ),
    setExperimentTag: db.prepare(
      'INSERT INTO experiment_tag(exp_id, name, val) VALUES (?, ?, ?) ON CONFLICT(exp_id, name) DO UPDATE SET val = excluded.val',
    ),
    deleteExperimentTag: db.prepare('DELETE FROM experiment_tag WHERE exp_id = ? AND name = ?'),
    run: db.prepare('SELECT id, exp_id, name, deleted_ms FROM run WHERE uuid = ? AND purged_ms IS NULL'),
    runJson: db.prepare(RUN_BY_ID_SQL).pluck(),
    entries: db
      .prepare(
        `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM series WHERE run_id = :id LIMIT ${LARGE}))
           + (SELECT COUNT(*) FROM (SELECT 1 FROM param WHERE run_id = :id LIMIT ${LARGE}))`,
      )
      .pluck(),
    runInfoJson: db
      .prepare(`SELECT ${RUN_INFO_JSON} FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id = ?`)
      .pluck(),
    artifactRoot: db
      .prepare(`SELECT ${ARTIFACT_URI} FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id = ?`)
      .pluck(),
    insertRun: db.prepare(
      "INSERT INTO run(uuid, exp_id, name, user, status, start_ms, parent_id) VALUES (?, ?, ?, ?, 'RUNNING', ?, (SELECT id FROM run WHERE uuid = ?))",
    ),
    renameRun: db.prepare('UPDATE run SET name = ?, rev = rev + 1 WHERE id = ?'),
    setStatus: db.prepare('UPDATE run SET status = ?, rev = rev + 1 WHERE id = ?'),
    setEnd: db.prepare('UPDATE run SET end_ms = ?, rev = rev + 1 WHERE id = ?'),
    setParent: db.prepare('UPDATE run SET parent_id = (SELECT id FROM run WHERE uuid = ?) WHERE id = ?'),
    setNote: db.prepare('UPDATE run SET note = ? WHERE id = ?'),
    deleteRun: db.prepare(
      'UPDATE run SET deleted_ms = ?, deleted_with_experiment = 0, rev = rev + 1 WHERE id = ?',
    ),
    deleteTag: db.prepare(
      'DELETE FROM tag WHERE run_id = ? AND key_id = (SELECT id FROM key WHERE name = ?)',
    ),
    tag: db
      .prepare('SELECT val FROM tag WHERE run_id = ? AND key_id = (SELECT id FROM key WHERE name = ?)')
      .pluck(),
    dataset: db
      .prepare(
        'SELECT id FROM dataset WHERE name = ? AND digest = ? AND source_type = ? AND source = ? AND sha256 = ?',
      )
      .pluck(),
    insertDataset: db.prepare(
      `INSERT INTO dataset(uuid, name, sha256, source, profile, created_ms, digest, source_type, schema)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    linkInput: db.prepare('INSERT OR IGNORE INTO run_input(run_id, dataset_id, context) VALUES (?, ?, ?)'),
    inputTag: db.prepare(
      `INSERT INTO run_input_tag(run_id, dataset_id, context, name, val) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT(run_id, dataset_id, context, name) DO UPDATE SET val = excluded.val`,
    ),
    linkModel: db.prepare(
      `INSERT INTO run_model(run_id, direction, model, step) VALUES (?, ?, ?, ?)
       ON CONFLICT(run_id, direction, model) DO UPDATE SET step = excluded.step`,
    ),
  };
  const text = (value: unknown) => value as string;

  return {
    experiment: (id: number) => (sql.experiment.get(id) as ExperimentState | undefined) ?? null,
    experimentByName: (name: string) =>
      (sql.experimentByName.get(name) as ExperimentState | undefined) ?? null,
    experimentJson: (id: number) => text(sql.experimentJson.get(id)),
    insertExperiment: (uuid: string, name: string, location: string | null, nowMs: number) =>
      Number(sql.insertExperiment.run(uuid, name, location, nowMs, nowMs).lastInsertRowid),
    renameExperiment: (id: number, name: string, nowMs: number) =>
      void sql.renameExperiment.run(name, nowMs, id),
    deleteExperiment(id: number, nowMs: number): void {
      sql.deleteExperiment.run(nowMs, nowMs, id);
      sql.deleteRunsOf.run(nowMs, id);
    },
    restoreExperiment(id: number, nowMs: number): void {
      sql.restoreExperiment.run(nowMs, id);
      sql.restoreRunsOf.run(id);
    },
    setExperimentTag: (id: number, name: string, value: string) =>
      void sql.setExperimentTag.run(id, name, value),
    deleteExperimentTag: (id: number, name: string) => sql.deleteExperimentTag.run(id, name).changes === 1,
    run: (uuid: string) => (sql.run.get(uuid) as AnyRun | undefined) ?? null,
    runJson: (id: number) => text(sql.runJson.get(id)),
    /** Too much to write out on the thread that answers. */
    isLarge: (id: number) => (sql.entries.get({ id }) as number) >= LARGE,
    runInfoJson: (id: number) => text(sql.runInfoJson.get(id)),
    artifactRoot: (id: number) => text(sql.artifactRoot.get(id)),
    insertRun: (run: {
      uuid: string;
      experiment: number;
      name: string;
      user: string;
      startMs: number;
      parent: string | null;
    }) =>
      Number(
        sql.insertRun.run(run.uuid, run.experiment, run.name, run.user, run.startMs, run.parent)
          .lastInsertRowid,
      ),
    renameRun: (id: number, name: string) => void sql.renameRun.run(name, id),
    setStatus: (id: number, status: string) => void sql.setStatus.run(status, id),
    setEnd: (id: number, endMs: number) => void sql.setEnd.run(endMs, id),
    setParent: (id: number, parent: string) => void sql.setParent.run(parent, id),
    setNote: (id: number, note: string) => void sql.setNote.run(note, id),
    deleteRun: (id: number, deletedMs: number | null) => void sql.deleteRun.run(deletedMs, id),
    deleteTag: (id: number, name: string) => sql.deleteTag.run(id, name).changes === 1,
    tag: (id: number, name: string) => (sql.tag.get(id, name) as string | undefined) ?? null,
    addInput(run: number, input: NewInput, uuid: string, nowMs: number): void {
      const { name, digest, sourceType, source, profile, schema } = input;
      const sha256 = contentHash(input.tags);
      const id =
        (sql.dataset.get(name, digest, sourceType, source, sha256) as number | undefined) ??
        Number(
          sql.insertDataset.run(uuid, name, sha256, source, profile, nowMs, digest, sourceType, schema)
            .lastInsertRowid,
        );
      const context = input.tags['mlflow.data.context'] ?? '';
      sql.linkInput.run(run, id, context);
      for (const [key, value] of Object.entries(input.tags)) sql.inputTag.run(run, id, context, key, value);
    },
    linkModel: (run: number, direction: 'input' | 'output', model: string, step: number) =>
      void sql.linkModel.run(run, direction, model, step),
  };
}

/** MLflow's digests are of the first rows only. Who has hashed the whole content (`lathe run`) says so in a tag. */
const contentHash = (tags: Record<string, string>): string =>
  /^[0-9a-f]{64}$/.test(tags['lathe.sha256'] ?? '') ? (tags['lathe.sha256'] ?? '') : '';

export type NewInput = {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: Record<string, string>;
};

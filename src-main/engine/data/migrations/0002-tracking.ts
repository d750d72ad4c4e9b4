/** Immutable once landed: later changes are later files. What the MLflow tracking surface needs. */
import type { Migration } from './migration.ts';

export const migration0002: Migration = {
  version: 2,
  name: 'tracking',
  sql: `
-- Experiment 0 is MLflow's "Default". Its number is the experiment's id for MLflow clients; a number is never used
-- twice: an experiment that is gone for good keeps its row (purged_ms) without its name.
ALTER TABLE experiment ADD COLUMN artifact_location TEXT;
ALTER TABLE experiment ADD COLUMN purged_ms INTEGER;
INSERT OR IGNORE INTO experiment(id, uuid, name, description, created_ms, updated_ms)
  VALUES (0, '00000000-0000-7000-8000-000000000000', 'Default', '', 0, 0);
CREATE TABLE experiment_tag(exp_id INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(exp_id, name)) WITHOUT ROWID;

-- Set when the run went to the trash together with its experiment, so that restoring that brings it back.
ALTER TABLE run ADD COLUMN deleted_with_experiment INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_all ON run(deleted_ms, start_ms DESC, uuid DESC);
CREATE INDEX run_name ON run(exp_id, name);

-- What a client said of a dataset; digest is the client's (MLflow: 8 hex digits of the first rows), sha256 is of the
-- whole content where Lathe could read it, else ''.
ALTER TABLE dataset ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN source_type TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN schema TEXT;
CREATE INDEX dataset_identity ON dataset(name, digest);
CREATE INDEX run_input_dataset ON run_input(dataset_id);
CREATE TABLE run_input_tag(run_id INTEGER NOT NULL, dataset_id INTEGER NOT NULL, context TEXT NOT NULL, name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(run_id, dataset_id, context, name)) WITHOUT ROWID;

-- Logged models (MLflow 3): m-<32 hex>.
CREATE TABLE logged_model(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, exp_id INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL,
  model_type TEXT NOT NULL DEFAULT '', status TEXT NOT NULL, status_message TEXT NOT NULL DEFAULT '', source_run TEXT,
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0);
CREATE INDEX logged_model_list ON logged_model(exp_id, deleted_ms, created_ms DESC);
CREATE INDEX logged_model_run ON logged_model(source_run) WHERE source_run IS NOT NULL;
CREATE TABLE logged_model_param(model_id INTEGER NOT NULL REFERENCES logged_model(id), name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(model_id, name)) WITHOUT ROWID;
CREATE TABLE logged_model_tag(model_id INTEGER NOT NULL REFERENCES logged_model(id), name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(model_id, name)) WITHOUT ROWID;
-- Metrics logged with a model_id; the run has them as well. NaN is val 0 with nan 1.
CREATE TABLE logged_model_metric(model_id INTEGER NOT NULL REFERENCES logged_model(id), name TEXT NOT NULL, run_id TEXT NOT NULL,
  step INTEGER NOT NULL, ts INTEGER NOT NULL, val REAL NOT NULL, nan INTEGER NOT NULL DEFAULT 0,
  dataset_name TEXT NOT NULL DEFAULT '', dataset_digest TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(model_id, name, run_id, step, ts, val, nan, dataset_name, dataset_digest)) WITHOUT ROWID;
-- Logged models that a run read (direction 'input') or made ('output').
CREATE TABLE run_model(run_id INTEGER NOT NULL REFERENCES run(id), direction TEXT NOT NULL, model TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(run_id, direction, model)) WITHOUT ROWID;
CREATE INDEX run_model_model ON run_model(model, direction);

-- Artifacts: a path under mlflow-artifacts:/ and the blob that lies there. No row for folders.
CREATE TABLE artifact(path TEXT PRIMARY KEY, sha256 TEXT NOT NULL REFERENCES blob(sha256), size INTEGER NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX artifact_blob ON artifact(sha256);
-- Artifacts that were deleted or overwritten; they can be brought back until the undo window ends.
CREATE TABLE artifact_trash(id INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL REFERENCES blob(sha256), size INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, deleted_ms INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE INDEX artifact_trash_blob ON artifact_trash(sha256);
CREATE INDEX artifact_trash_path ON artifact_trash(path);
-- When garbage collection first found that nothing refers to the blob; null while something does.
ALTER TABLE blob ADD COLUMN unused_ms INTEGER;

`,
};

/** Immutable once landed: later changes are later files. What the MLflow registry surface needs. */
import type { Migration } from './migration.ts';

export const migration0003: Migration = {
  version: 3,
  name: 'registry',
  sql: `
-- A deleted model keeps its row, in the trash, and its name is free: only present models have names of their own.
CREATE TABLE registered_model_3(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0);
INSERT INTO registered_model_3 SELECT id, uuid, name, description, created_ms, updated_ms, deleted_ms, rev FROM registered_model;
DROP TABLE registered_model;
ALTER TABLE registered_model_3 RENAME TO registered_model;
CREATE UNIQUE INDEX registered_model_name ON registered_model(name) WHERE deleted_ms IS NULL;
CREATE TABLE registered_model_tag(model_id INTEGER NOT NULL REFERENCES registered_model(id), name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(model_id, name)) WITHOUT ROWID;

-- sha256 and size are of the ONNX file that is served; null when the version holds none, and not_servable says why.
-- source is what the client named, location where its files lie (mlflow-artifacts:/...). run_uuid is the client's run
-- id, run_id the run here that has it. logged_model is MLflow 3's m-<hex>.
CREATE TABLE model_version_3(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, model_id INTEGER NOT NULL REFERENCES registered_model(id),
  version INTEGER NOT NULL, description TEXT NOT NULL DEFAULT '', sha256 TEXT REFERENCES blob(sha256), size INTEGER,
  run_id INTEGER REFERENCES run(id), signature TEXT NOT NULL, prediction TEXT NOT NULL, metadata TEXT NOT NULL DEFAULT '{}',
  metrics TEXT NOT NULL DEFAULT '{}', reference TEXT, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER,
  rev INTEGER NOT NULL DEFAULT 0, source TEXT NOT NULL DEFAULT '', location TEXT NOT NULL DEFAULT '', run_uuid TEXT NOT NULL DEFAULT '',
  run_link TEXT NOT NULL DEFAULT '', user TEXT NOT NULL DEFAULT '', stage TEXT NOT NULL DEFAULT 'None', status TEXT NOT NULL DEFAULT 'READY',
  logged_model TEXT, not_servable TEXT, UNIQUE(model_id, version));
INSERT INTO model_version_3(id, uuid, model_id, version, description, sha256, size, run_id, signature, prediction, metadata, metrics,
    reference, created_ms, updated_ms, deleted_ms, rev, source, location, run_uuid)
  SELECT v.id, v.uuid, v.model_id, v.version, v.description, v.sha256, v.size, v.run_id, v.signature, v.prediction, v.metadata, v.metrics,
    v.reference, v.created_ms, v.created_ms, v.deleted_ms, v.rev, 'mlflow-artifacts:/registry/' || v.uuid,
    'mlflow-artifacts:/registry/' || v.uuid, COALESCE(r.uuid, '')
  FROM model_version v LEFT JOIN run r ON r.id = v.run_id;
DROP TABLE model_version;
ALTER TABLE model_version_3 RENAME TO model_version;
CREATE INDEX model_version_run ON model_version(run_uuid);
CREATE INDEX model_version_blob ON model_version(sha256);
CREATE TABLE model_version_tag(version_id INTEGER NOT NULL REFERENCES model_version(id), name TEXT NOT NULL, val TEXT NOT NULL,
  PRIMARY KEY(version_id, name)) WITHOUT ROWID;
-- MLflow clients download a version's file like any artifact.
INSERT OR IGNORE INTO artifact(path, sha256, size, created_ms)
  SELECT 'registry/' || uuid || '/model.onnx', sha256, size, created_ms FROM model_version WHERE sha256 IS NOT NULL;
`,
};

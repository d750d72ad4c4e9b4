/** Immutable once landed: later changes are later files. What deleting for good needs. */
import type { Migration } from './migration.ts';

export const migration0006: Migration = {
  version: 6,
  name: 'trash',
  sql: `
-- What is being deleted for good, until the last of it is gone: it survives a crash and is then taken up again.
-- kind: experiment, run, logged-model, model, version, artifact; id: of that table (artifact: artifact_trash).
CREATE TABLE purge(kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;
-- From this moment it cannot be seen or restored any more. Experiments, models and versions keep a row without its
-- content, so that no number is used twice and what was served keeps its meaning.
ALTER TABLE run ADD COLUMN purged_ms INTEGER;
ALTER TABLE logged_model ADD COLUMN purged_ms INTEGER;
ALTER TABLE registered_model ADD COLUMN purged_ms INTEGER;
ALTER TABLE model_version ADD COLUMN purged_ms INTEGER;
-- A JSON list of the aliases that went away with the version, so that restoring it brings them back.
ALTER TABLE model_version ADD COLUMN lost_aliases TEXT NOT NULL DEFAULT '[]';
CREATE INDEX model_version_run_id ON model_version(run_id);
CREATE INDEX model_version_logged ON model_version(logged_model) WHERE logged_model IS NOT NULL;
CREATE INDEX artifact_trash_deleted ON artifact_trash(deleted_ms);
CREATE INDEX blob_unused ON blob(unused_ms) WHERE unused_ms IS NOT NULL;
CREATE INDEX dataset_sha256 ON dataset(sha256) WHERE sha256 <> '';

-- Whatever holds on to a blob says so with a reference: that is how garbage collection knows.
CREATE TABLE replay_5(id INTEGER PRIMARY KEY CHECK(id = 1), endpoint_id INTEGER NOT NULL, source TEXT NOT NULL,
  blob TEXT NOT NULL REFERENCES blob(sha256), pass INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
  now_ms INTEGER NOT NULL, speed REAL NOT NULL, running INTEGER NOT NULL, sent INTEGER NOT NULL, failed INTEGER NOT NULL,
  labels INTEGER NOT NULL, total INTEGER NOT NULL);
INSERT INTO replay_5 SELECT id, endpoint_id, source, blob, pass, from_ms, to_ms, now_ms, speed, running, sent, failed, labels, total
  FROM replay WHERE blob IN (SELECT sha256 FROM blob);
DROP TABLE replay;
ALTER TABLE replay_5 RENAME TO replay;
`,
};

/** Where things keep their files, and what lies in the trash, as SQL. Paths are those of the table artifact. */

const OURS = 'mlflow-artifacts:/';

/** The path in an address such as mlflow-artifacts:/1/ab; null when the files are kept elsewhere. */
const pathOf = (address: string) =>
  `CASE WHEN substr(${address}, 1, ${OURS.length}) = '${OURS}' THEN ltrim(substr(${address}, ${OURS.length}), '/') END`;

/** Folder of experiment `e`. */
const EXPERIMENT_ROOT = `CASE WHEN e.artifact_location IS NULL THEN CAST(e.id AS TEXT) ELSE ${pathOf('e.artifact_location')} END`;
/** Folders of run `r`, logged model `l` and version `v`. The first two need their experiment `e`. */
export const RUN_ROOT = `${EXPERIMENT_ROOT} || '/' || r.uuid`;
export const LOGGED_MODEL_ROOT = `${EXPERIMENT_ROOT} || '/models/' || l.uuid`;
export const VERSION_ROOT = `'registry/' || v.uuid`;
/** Where the files of version `v` lie, which may belong to a run or to a logged model. */
export const VERSION_FILES = pathOf('v.location');

/** All below a folder: "0" is the character after "/". */
export const isBelow = (path: string, root: string) =>
  `(${path} > ${root} || '/' AND ${path} < ${root} || '0')`;

/** What was deleted together is one thing; of what was overwritten, each content is. */
export const ARTIFACT_BATCH = `CASE t.reason WHEN 'deleted' THEN 'd' || t.deleted_ms ELSE 'o' || t.id END`;

/** A logged model `l` that would be missed: a version was made of it, or a run that stays has read it. */
export const IS_MISSED = `(EXISTS (SELECT 1 FROM model_version v WHERE v.logged_model = l.uuid AND v.purged_ms IS NULL)
  OR EXISTS (SELECT 1 FROM run_model i JOIN run r ON r.id = i.run_id
    WHERE i.model = l.uuid AND i.direction = 'input' AND r.purged_ms IS NULL AND r.uuid <> l.source_run))`;

/** Columns: kind, id (for people), key (row id), title, place, deleted_ms, root; and the last path of artifacts. */
export const LISTED: Readonly<Record<string, string>> = {
  experiment: `SELECT 'experiment' AS kind, e.uuid AS id, e.id AS key, e.name AS title, '' AS place, e.deleted_ms,
      ${EXPERIMENT_ROOT} AS root, '' AS last
    FROM experiment e WHERE e.deleted_ms > 0 AND e.purged_ms IS NULL`,
  run: `SELECT 'run', r.uuid, r.id, r.name, e.name, r.deleted_ms, ${RUN_ROOT}, ''
    FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.deleted_ms > 0 AND r.purged_ms IS NULL AND e.deleted_ms IS NULL`,
  model: `SELECT 'model', m.uuid, m.id, m.name, '', m.deleted_ms, NULL, ''
    FROM registered_model m WHERE m.deleted_ms > 0 AND m.purged_ms IS NULL`,
  version: `SELECT 'version', v.uuid, v.id, 'Version ' || v.version, m.name, v.deleted_ms, ${VERSION_ROOT}, ''
    FROM model_version v JOIN registered_model m ON m.id = v.model_id
    WHERE v.deleted_ms > 0 AND v.purged_ms IS NULL AND m.deleted_ms IS NULL`,
  'logged-model': `SELECT 'logged-model', l.uuid, l.id, l.name, e.name, l.deleted_ms, ${LOGGED_MODEL_ROOT}, ''
    FROM logged_model l JOIN experiment e ON e.id = l.exp_id
    WHERE l.deleted_ms > 0 AND l.purged_ms IS NULL AND e.deleted_ms IS NULL`,
  artifact: `SELECT 'artifact', ${ARTIFACT_BATCH}, MIN(t.id), MIN(t.path), '', t.deleted_ms, NULL, MAX(t.path)
    FROM artifact_trash t WHERE NOT EXISTS (SELECT 1 FROM purge p WHERE p.kind = 'artifact' AND p.id = t.id) GROUP BY 2`,
};
export const listed = (kind: string | undefined) =>
  (kind && LISTED[kind]) || Object.values(LISTED).join('\nUNION ALL ');

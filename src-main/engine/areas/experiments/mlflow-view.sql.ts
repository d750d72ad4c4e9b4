/**
 * Runs and experiments as MLflow's messages, written as JSON text by SQLite itself: a page of a thousand runs
 * crosses from the reader thread as text and is answered as it stands. NaN and the infinities travel as strings.
 */

export const number = (value: string, nan: string) =>
  `CASE WHEN ${nan} THEN 'NaN' WHEN ${value} = 9e999 THEN 'Infinity' WHEN ${value} = -9e999 THEN '-Infinity' ELSE ${value} END`;

const stage = (table: string) => `CASE WHEN ${table}.deleted_ms IS NULL THEN 'active' ELSE 'deleted' END`;

/** Where the artifacts of experiment `e` lie by default; an experiment made with a location of its own keeps it. */
export const ARTIFACT_LOCATION = `COALESCE(e.artifact_location, 'mlflow-artifacts:/' || e.id)`;
export const ARTIFACT_URI = `(${ARTIFACT_LOCATION} || '/' || r.uuid || '/artifacts')`;

/** Needs `experiment e`. */
export const EXPERIMENT_JSON = `json_object('experiment_id', CAST(e.id AS TEXT), 'name', e.name,
  'artifact_location', ${ARTIFACT_LOCATION}, 'lifecycle_stage', ${stage('e')},
  'creation_time', e.created_ms, 'last_update_time', e.updated_ms,
  'tags', json((SELECT json_group_array(json_object('key', t.name, 'value', t.val)) FROM experiment_tag t WHERE t.exp_id = e.id)))`;

const pairs = (table: string) =>
  `json((SELECT json_group_array(json_object('key', k.name, 'value', x.val)) FROM ${table} x JOIN key k ON k.id = x.key_id WHERE x.run_id = r.id))`;

export const RUN_INFO_JSON = `json_object('run_id', r.uuid, 'run_uuid', r.uuid, 'run_name', r.name,
  'experiment_id', CAST(e.id AS TEXT), 'user_id', r.user, 'status', r.status, 'start_time', r.start_ms, 'end_time', r.end_ms,
  'artifact_uri', ${ARTIFACT_URI}, 'lifecycle_stage', ${stage('r')})`;

/** Needs `run r JOIN experiment e`. */
export const RUN_JSON = `json_object('info', ${RUN_INFO_JSON},
  'data', json_object(
    'metrics', json((SELECT json_group_array(json_object('key', k.name, 'value', ${number('s.last_val', 's.last_nan = 1')},
        'timestamp', s.last_ts, 'step', s.last_step))
      FROM series s JOIN key k ON k.id = s.key_id WHERE s.run_id = r.id AND s.n > 0)),
    'params', ${pairs('param')}, 'tags', ${pairs('tag')}),
  'inputs', json_object(
    'dataset_inputs', json((SELECT json_group_array(json_object(
        'tags', json((SELECT json_group_array(json_object('key', g.name, 'value', g.val)) FROM run_input_tag g
          WHERE g.run_id = i.run_id AND g.dataset_id = i.dataset_id AND g.context = i.context)),
        'dataset', json_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type, 'source', d.source,
          'schema', d.schema, 'profile', d.profile)))
      FROM run_input i JOIN dataset d ON d.id = i.dataset_id WHERE i.run_id = r.id)),
    'model_inputs', json((SELECT json_group_array(json_object('model_id', m.model)) FROM run_model m
      WHERE m.run_id = r.id AND m.direction = 'input'))),
  'outputs', json_object('model_outputs', json((SELECT json_group_array(json_object('model_id', m.model, 'step', m.step))
    FROM run_model m WHERE m.run_id = r.id AND m.direction = 'output'))))`;

const POINT = `'value', ${number('p.val', 'p.nan = 1')}, 'timestamp', p.ts, 'step', p.step`;
/** Needs `point p`, and a bound key. */
export const METRIC_JSON = `json_object('key', ?, ${POINT})`;
/** Needs `point p`, and a bound key and run id. */
export const METRIC_OF_RUN_JSON = `json_object('key', ?, ${POINT}, 'run_id', ?)`;

/** Most metric entries written out with a logged model: the newest. */
const MODEL_METRICS = 1000;

export const LOGGED_MODEL_URI = `(${ARTIFACT_LOCATION} || '/models/' || m.uuid || '/artifacts')`;

/** Needs `logged_model m JOIN experiment e`. */
export const LOGGED_MODEL_JSON = `json_object('info', json_object('model_id', m.uuid, 'experiment_id', CAST(e.id AS TEXT),
    'name', m.name, 'creation_timestamp_ms', m.created_ms, 'last_updated_timestamp_ms', m.updated_ms,
    'artifact_uri', ${LOGGED_MODEL_URI}, 'status', m.status,
    'model_type', m.model_type, 'source_run_id', m.source_run, 'status_message', m.status_message,
    'tags', json((SELECT json_group_array(json_object('key', t.name, 'value', t.val)) FROM logged_model_tag t WHERE t.model_id = m.id))),
  'data', json_object(
    'params', json((SELECT json_group_array(json_object('key', t.name, 'value', t.val)) FROM logged_model_param t WHERE t.model_id = m.id)),
    'metrics', json((SELECT json_group_array(json_object('key', x.name, 'value', ${number('x.val', 'x.nan = 1')}, 'timestamp', x.ts,
        'step', x.step, 'run_id', x.run_id, 'model_id', m.uuid, 'dataset_name', NULLIF(x.dataset_name, ''),
        'dataset_digest', NULLIF(x.dataset_digest, '')))
      FROM (SELECT * FROM logged_model_metric WHERE model_id = m.id ORDER BY ts DESC, step DESC LIMIT ${MODEL_METRICS}) x))))`;

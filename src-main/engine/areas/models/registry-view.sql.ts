/** Registered models and versions as MLflow's messages, written as JSON text by SQLite itself. */

const tags = (table: string, owner: string) =>
  `json((SELECT json_group_array(json_object('key', t.name, 'value', t.val)) FROM ${table} t WHERE t.${owner}))`;

const versionFields = `'name', m.name, 'version', CAST(v.version AS TEXT), 'creation_timestamp', v.created_ms,
  'last_updated_timestamp', v.updated_ms, 'user_id', v.user, 'current_stage', v.stage, 'description', v.description,
  'source', v.source, 'run_id', v.run_uuid, 'status', v.status, 'run_link', v.run_link, 'model_id', v.logged_model,
  'tags', ${tags('model_version_tag', 'version_id = v.id')},
  'aliases', json((SELECT json_group_array(a.alias) FROM model_alias a WHERE a.model_id = v.model_id AND a.version = v.version))`;

/** Needs `model_version v JOIN registered_model m`. */
export const VERSION_JSON = `json_object(${versionFields})`;

/** Needs `registered_model m`. Its latest versions are one of each stage. */
export const REGISTERED_MODEL_JSON = `json_object('name', m.name, 'creation_timestamp', m.created_ms,
  'last_updated_timestamp', m.updated_ms, 'description', m.description,
  'latest_versions', json((SELECT json_group_array(json(${VERSION_JSON})) FROM model_version v
    WHERE v.model_id = m.id AND v.deleted_ms IS NULL AND v.version = (SELECT MAX(w.version) FROM model_version w
      WHERE w.model_id = m.id AND w.stage = v.stage AND w.deleted_ms IS NULL))),
  'tags', ${tags('registered_model_tag', 'model_id = m.id')},
  'aliases', json((SELECT json_group_array(json_object('alias', a.alias, 'version', CAST(a.version AS TEXT)))
    FROM model_alias a WHERE a.model_id = m.id)))`;

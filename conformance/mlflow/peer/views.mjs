// What of an answer is compared, where the whole would say too much: a name for each.

/** @param {string} list @param {(one: any) => unknown} name @returns {(body: any) => unknown} */
const page = (list, name) => (body) => [(body[list] ?? []).map(name), 'next_page_token' in body];
/** @param {(body: any) => any} view @returns {(body: any) => unknown} */
const asSet = (view) => (body) => view(body)[0].sort();

const versions = page('model_versions', (one) => `${one.name} ${one.version}`);

export const views = {
  nothing: () => null,
  experiments: page('experiments', (one) => one.name),
  experimentCount: (/** @type {any} */ body) => body.experiments?.length,
  runs: page('runs', (one) => one.info.run_name),
  points: page('metrics', (one) => [one.key, one.timestamp ?? 0, one.step ?? 0, one.value, one.run_id]),
  models: page('registered_models', (one) => one.name),
  versions,
  versionSet: asSet(versions),
  loggedModels: page('models', (one) => one.info.name),
  loggedModelSet: asSet(page('models', (one) => one.info.name)),
  /** The first of the model's long texts tells by its length where it was cut. */
  lengths: (/** @type {any} */ body) =>
    JSON.stringify(body)
      .replace(/"((?:[^"\\]|\\.){1000,})"/g, (_, text) => `${text.length} characters`)
      .match(/\d+ characters/g),
  loggedName: (/** @type {any} */ body) => body.model.info.name.length,
  loggedTags: (/** @type {any} */ body) =>
    body.model.info.tags.map((/** @type {any} */ tag) => [tag.key, tag.value.replaceAll(' ', '')]).sort(),
  lifecycle: (/** @type {any} */ body) => body.run.info.lifecycle_stage,
  source: (/** @type {any} */ body) =>
    [body.model_version.source, body.model_version.run_id, body.model_version.model_id].map(
      (one) => one || null,
    ),
  version: (/** @type {any} */ body) => body.model_version.version,
  stages: (/** @type {any} */ body) =>
    body.registered_model.latest_versions
      .map((/** @type {any} */ one) => `${one.version} ${one.current_stage}`)
      .sort(),
  aliases: (/** @type {any} */ body) =>
    body.registered_model.aliases.map((/** @type {any} */ one) => `${one.alias} ${one.version}`).sort(),
  files: (/** @type {any} */ body) => [
    body.root_uri,
    (body.files ?? []).map((/** @type {any} */ one) => [one.path, one.is_dir, one.file_size || 0]).sort(),
  ],
  /** Without times, which the first experiment has from elsewhere. */
  timeless: (/** @type {any} */ body) => ({ ...body.experiment, creation_time: 0, last_update_time: 0 }),
};

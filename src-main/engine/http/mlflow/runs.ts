/** runs/*: see MLflow's REST API, "Runs". */
import type { Pair, Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import {
  type Body,
  checkExperimentId,
  checkKey,
  choice,
  cut,
  double,
  int,
  LIMITS,
  limited,
  list,
  missing,
  needKey,
  needText,
  runIdOf,
  text,
  textValue,
  timestampOf,
} from './fields.ts';
import { repr } from './python-text.ts';
import type { JsonRoutes } from './routes.ts';

const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
/** Most entries of one batch. */
const BATCH = { metrics: 1000, params: 100, tags: 100, all: 1000 };

export function runRoutes(tracking: Tracking): JsonRoutes {
  return {
    'POST runs/create': ({ body }) =>
      `{"run":${tracking.createRun({
        experimentId: checkExperimentId(text(body, 'experiment_id') || '0'),
        user: text(body, 'user_id') ?? '',
        name: text(body, 'run_name') ?? '',
        startMs: int(body, 'start_time') ?? null,
        tags: list(body, 'tags').map((tag, at) => runTag(tag, `tags[${at}].`)),
      })}}`,
    'GET runs/get': async ({ body }) => `{"run":${await tracking.runForClient(runIdOf(body))}}`,
    'POST runs/update': ({ body }) => {
      const status = choice(body, 'status', STATUSES);
      const endMs = int(body, 'end_time');
      const name = text(body, 'run_name');
      const info = tracking.updateRun(runIdOf(body), {
        ...(status ? { status } : {}),
        ...(endMs === undefined ? {} : { endMs }),
        ...(name ? { name } : {}),
      });
      return `{"run_info":${info}}`;
    },
    'POST runs/delete': ({ body }) => {
      tracking.deleteRun(runIdOf(body));
      return {};
    },
    'POST runs/restore': ({ body }) => {
      tracking.restoreRun(runIdOf(body));
      return {};
    },
    'POST runs/log-metric': ({ body }) => {
      tracking.log(runIdOf(body), { metrics: [metric(body)], params: [], tags: [] });
      return {};
    },
    'POST runs/log-parameter': ({ body }) => {
      tracking.log(runIdOf(body), { metrics: [], params: [param(body)], tags: [] });
      return {};
    },
    'POST runs/set-tag': ({ body }) => {
      tracking.log(runIdOf(body), { metrics: [], params: [], tags: [runTag(body)] });
      return {};
    },
    'POST runs/delete-tag': ({ body }) => {
      tracking.deleteTag(runIdOf(body), needText(body, 'key'));
      return {};
    },
    'POST runs/log-batch': ({ body }) => {
      const metrics = list(body, 'metrics');
      const params = list(body, 'params');
      const tags = list(body, 'tags');
      const counts = { metrics: metrics.length, params: params.length, tags: tags.length };
      for (const kind of ['metrics', 'params', 'tags'] as const)
        if (counts[kind] > BATCH[kind]) throw tooMany(kind, BATCH[kind], counts[kind]);
      const all = metrics.length + params.length + tags.length;
      if (all > BATCH.all) throw tooMany('metrics, params, and tags', BATCH.all, all);
      const entries = params.map((one, at) => param(one, `params[${at}].`));
      const keys = new Set(entries.map(({ key }) => key));
      if (keys.size !== entries.length)
        throw invalid(
          `Duplicate parameter keys have been submitted: [${[...duplicates(entries)].map(repr).join(', ')}]. Please ensure the request contains only one param value per param key.`,
        );
      tracking.log(runIdOf(body), {
        metrics: metrics.map((one, at) => metric(one, `metrics[${at}].`)),
        params: entries,
        tags: tags.map((one, at) => runTag(one, `tags[${at}].`)),
      });
      return {};
    },
    'POST runs/log-inputs': ({ body }) => {
      const given = list(body, 'datasets');
      if (given.length > BATCH.all) throw tooMany('datasets', BATCH.all, given.length);
      const datasets = given.map(({ tags, dataset }) => {
        const one = dataset as Body | undefined;
        if (typeof one !== 'object' || one === null) throw missing('dataset');
        return {
          name: limited(needText(one, 'name'), 'name', 500),
          digest: limited(needText(one, 'digest'), 'digest', 36),
          sourceType: needText(one, 'source_type'),
          source: limited(needText(one, 'source'), 'source', 65_535),
          schema: limited(text(one, 'schema') ?? '', 'schema', 1_048_575) || null,
          profile: limited(text(one, 'profile') ?? '', 'profile', 16_777_215) || null,
          tags: Object.fromEntries(
            list({ tags }, 'tags').map((tag) => [
              limited(needText(tag, 'key'), 'key', 255),
              limited(textValue(tag), 'value', 500),
            ]),
          ),
        };
      });
      tracking.logInputs(
        runIdOf(body),
        datasets,
        list(body, 'models').map((model) => needText(model, 'model_id')),
      );
      return {};
    },
    'POST runs/outputs': ({ body }) => {
      if ((body.models ?? null) === null) throw missing('models');
      const models = list(body, 'models').map((one) => ({
        model: needText(one, 'model_id'),
        step: int(one, 'step') ?? 0,
      }));
      tracking.logOutputs(runIdOf(body), models);
      return {};
    },
    'POST runs/log-model': ({ body }) => {
      tracking.logModel(runIdOf(body), modelOf(needText(body, 'model_json')));
      return {};
    },
  };
}

function metric(body: Body, at = '') {
  const key = text(body, 'key');
  if (!key) throw missing(`${at}key`);
  const value = double(body.value, `${at}value`);
  const timestampMs = timestampOf(body.timestamp, at, key, value);
  const modelId = text(body, 'model_id');
  return {
    key: checkKey(key, `${at}name`, 'Metric name'),
    value,
    timestampMs,
    step: int(body, 'step') ?? 0,
    ...(modelId
      ? {
          modelId,
          datasetName: text(body, 'dataset_name') ?? '',
          datasetDigest: text(body, 'dataset_digest') ?? '',
        }
      : {}),
  };
}

const param = (body: Body, at = ''): Pair => ({
  key: needKey(body, 'key', `${at}key`, 'Param key'),
  value: cut(textValue(body), LIMITS.param),
});
const runTag = (body: Body, at = ''): Pair => ({
  key: needKey(body, 'key', `${at}key`),
  value: cut(textValue(body), LIMITS.tag),
});

function* duplicates(entries: readonly Pair[]) {
  const seen = new Set<string>();
  for (const { key } of entries) {
    if (seen.has(key)) yield key;
    seen.add(key);
  }
}

const tooMany = (what: string, most: number, got: number) =>
  invalid(
    `A batch logging request can contain at most ${most} ${what}. Got ${got} ${what}. Please split up ${what} across multiple requests and try again.`,
  );

const MODEL_FIELDS = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];
function modelOf(json: string): unknown {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    throw invalid(`Malformed model info. \n ${json.slice(0, 200)} \n is not a valid JSON.`);
  }
  const found = typeof model === 'object' && model !== null ? Object.keys(model) : [];
  const absent = MODEL_FIELDS.filter((field) => !found.includes(field));
  if (absent.length > 0)
    throw invalid(`Model json is missing mandatory fields: {${absent.map(repr).join(', ')}}`);
  return model;
}

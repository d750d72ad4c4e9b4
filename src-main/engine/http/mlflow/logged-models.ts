/** logged-models/*: see MLflow's REST API, "LoggedModel". */
import type { Artifacts } from '../../areas/artifacts/index.ts';
import type { LoggedModels, Pair } from '../../areas/experiments/index.ts';
import { listFolder } from './artifacts.ts';
import { invalid, MlflowError } from './errors.ts';
import {
  type Body,
  checkExperimentId,
  choice,
  cut,
  int,
  LIMITS,
  list,
  missing,
  needKey,
  needText,
  offsetOf,
  pageSize,
  text,
  texts,
  textValue,
  tokenFor,
} from './fields.ts';
import { repr } from './python-text.ts';
import { apart, type Call, type JsonRoutes } from './routes.ts';

const STATUSES = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;
const MOST = 10_000;
const USUAL = 50;

export function loggedModelRoutes(models: LoggedModels, artifacts: Artifacts): JsonRoutes {
  const message = (json: string) => `{"model":${json}}`;
  const idOf = ({ path }: Call) => path.model_id ?? '';
  return {
    'POST logged-models': ({ body }) =>
      message(
        models.create({
          experimentId: checkExperimentId(needText(body, 'experiment_id')),
          name: checkName(text(body, 'name') ?? ''),
          modelType: text(body, 'model_type') ?? '',
          sourceRunId: text(body, 'source_run_id') || null,
          params: pairs(body, 'params', LIMITS.param),
          tags: pairs(body, 'tags', LIMITS.tag),
        }),
      ),
    'GET logged-models/:model_id': (call) =>
      message(models.get(idOf(call), /^true$/i.test(text(call.body, 'allow_deleted') ?? ''))),
    'PATCH logged-models/:model_id': (call) => {
      const status = choice(call.body, 'status', STATUSES);
      if (!status) throw missing('status');
      return message(models.finalise(idOf(call), status));
    },
    'DELETE logged-models/:model_id': (call) => {
      models.remove(idOf(call));
      return {};
    },
    'POST logged-models/:model_id/params': (call) => {
      models.logParams(idOf(call), pairs(call.body, 'params', LIMITS.param));
      return {};
    },
    'PATCH logged-models/:model_id/tags': (call) => {
      models.setTags(idOf(call), pairs(call.body, 'tags', LIMITS.tag));
      return {};
    },
    // Clients do not encode slashes in the key.
    'DELETE logged-models/:model_id/tags/:key*': (call) => {
      models.deleteTag(idOf(call), call.path.key ?? '');
      return {};
    },
    'GET logged-models/:model_id/artifacts/directories': (call) => {
      const found = models.find(idOf(call));
      if (!found)
        throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${idOf(call)}' not found.`);
      return listFolder(artifacts, found.root, text(call.body, 'artifact_directory_path') ?? '');
    },
    'POST logged-models/search': apart(async ({ body }) => {
      const experimentIds = texts(body, 'experiment_ids').map(checkExperimentId);
      if (experimentIds.length === 0) throw missing('experiment_ids');
      const found = await models.search({
        experimentIds,
        filter: text(body, 'filter') ?? '',
        datasets: list(body, 'datasets').map((one) => {
          const name = text(one, 'dataset_name');
          if (!name) throw invalid('`dataset_name` in the `datasets` clause must be specified.');
          return { name, digest: text(one, 'dataset_digest') || null };
        }),
        orderBy: list(body, 'order_by').map((one) => ({
          field: needText(one, 'field_name'),
          ascending: one.ascending !== false,
          dataset: text(one, 'dataset_name')
            ? { name: needText(one, 'dataset_name'), digest: text(one, 'dataset_digest') || null }
            : null,
        })),
        limit: int(body, 'max_results') === 0 ? USUAL : pageSize(body, MOST, USUAL),
        offset: offsetOf(body),
      });
      const token = found.next === null ? '' : `,"next_page_token":${JSON.stringify(tokenFor(found.next))}`;
      return `{"models":[${found.rows.join(',')}]${token}}`;
    }),
  };
}

const pairs = (body: Body, name: string, most: number): Pair[] =>
  list(body, name).map((one, at) => ({
    key: needKey(one, 'key', `${name}[${at}].key`),
    value: cut(textValue(one), most),
  }));

/** A part of a `models:/` address, so it holds none of that address's signs. */
function checkName(name: string): string {
  if (/[/:.%"']/.test(name))
    throw invalid(
      `Invalid model name (${repr(name)}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  return name;
}

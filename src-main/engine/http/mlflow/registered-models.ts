/** registered-models/*: see MLflow's REST API, "Registered Models". */
import type { Registry } from '../../areas/models/index.ts';
import { invalid } from './errors.ts';
import {
  checkPath,
  LIMITS,
  limited,
  list,
  needText,
  offsetOf,
  pageSize,
  text,
  texts,
  tokenFor,
  wrong,
} from './fields.ts';
import { needRegistryKey, needVersion, registryTag } from './registry-fields.ts';
import { apart, type Call, type JsonRoutes } from './routes.ts';

const PAGE = { usual: 100, most: 1000 };
const STAGES = ['None', 'Staging', 'Production', 'Archived'];

export function registeredModelRoutes(registry: Registry): JsonRoutes {
  const message = (json: string) => `{"registered_model":${json}}`;
  const latest = ({ body }: Call) => {
    const stages = texts(body, 'stages');
    const unknown = stages.find((stage) => !STAGES.some((one) => one.toLowerCase() === stage.toLowerCase()));
    if (unknown !== undefined) throw wrongStage(unknown);
    const found = registry.latestVersions(
      needName(needText(body, 'name')),
      stages.length > 0 ? stages : STAGES,
    );
    return `{"model_versions":[${found.join(',')}]}`;
  };
  return {
    'POST registered-models/create': ({ body }) =>
      message(
        registry.createModel(
          needName(needText(body, 'name')),
          text(body, 'description') ?? '',
          list(body, 'tags').map(registryTag),
        ),
      ),
    'GET registered-models/get': ({ body }) => message(registry.model(needText(body, 'name'))),
    'POST registered-models/rename': ({ body }) =>
      message(registry.rename(needText(body, 'name'), needName(needText(body, 'new_name')))),
    'PATCH registered-models/update': ({ body }) =>
      message(registry.describe(needText(body, 'name'), text(body, 'description') ?? '')),
    'DELETE registered-models/delete': ({ body }) => {
      registry.removeModel(needText(body, 'name'));
      return {};
    },
    'GET registered-models/search': async ({ body }) => {
      const { rows, next } = await registry.searchModels({
        filter: text(body, 'filter') ?? '',
        orderBy: texts(body, 'order_by'),
        limit: pageSize(body, PAGE.most, PAGE.usual, (value) => wrong('max_results', String(value))),
        offset: offsetOf(body),
      });
      const token = next === null ? '' : `,"next_page_token":${JSON.stringify(tokenFor(next))}`;
      return `{"registered_models":[${rows.join(',')}]${token}}`;
    },
    // MLflow has had both, and its clients try one after the other.
    'GET registered-models/get-latest-versions': latest,
    'POST registered-models/get-latest-versions': apart(latest),
    'POST registered-models/set-tag': ({ body }) => {
      registry.setTag(needText(body, 'name'), registryTag(body));
      return {};
    },
    'DELETE registered-models/delete-tag': ({ body }) => {
      registry.deleteTag(needText(body, 'name'), needRegistryKey(body));
      return {};
    },
    'POST registered-models/alias': ({ body }) => {
      registry.setAlias(needText(body, 'name'), needAlias(needText(body, 'alias')), needVersion(body));
      return {};
    },
    'DELETE registered-models/alias': ({ body }) => {
      registry.deleteAlias(needText(body, 'name'), needText(body, 'alias'));
      return {};
    },
    'GET registered-models/alias': ({ body }) =>
      `{"model_version":${registry.versionByAlias(needText(body, 'name'), needText(body, 'alias'))}}`,
  };
}

export const wrongStage = (stage: string) =>
  invalid(`Invalid Model Version stage: ${stage}. Value must be one of None, Staging, Production, Archived.`);

function needName(name: string): string {
  if (name.trim() === '') throw invalid("Missing value for required parameter 'name'.");
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkPath(name, 'name');
  return limited(name, 'name', LIMITS.modelName);
}

function needAlias(alias: string): string {
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias))
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  limited(alias, 'Registered model alias name', LIMITS.alias);
  if (alias.toLowerCase() === 'latest') throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
  return alias;
}

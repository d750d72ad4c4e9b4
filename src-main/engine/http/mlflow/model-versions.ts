/** model-versions/*: see MLflow's REST API, "Model Versions". */
import type { Registry, Stage } from '../../areas/models/index.ts';
import { invalid } from './errors.ts';
import { list, needText, offsetOf, pageSize, text, texts, tokenFor, wrong } from './fields.ts';
import { wrongStage } from './registered-models.ts';
import { needRegistryKey, needVersion, versionTag } from './registry-fields.ts';
import { apart, type Call, type JsonRoutes } from './routes.ts';

const PAGE = { usual: 10_000, most: 200_000 };
const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

export function modelVersionRoutes(registry: Registry): JsonRoutes {
  const message = (json: string) => `{"model_version":${json}}`;
  const named = ({ body }: Call) => [needText(body, 'name'), needVersion(body)] as const;
  return {
    'POST model-versions/create': apart(async ({ body }) =>
      message(
        await registry.createVersion({
          model: needText(body, 'name'),
          source: needText(body, 'source'),
          run: text(body, 'run_id') ?? '',
          loggedModel: text(body, 'model_id') ?? '',
          runLink: text(body, 'run_link') ?? '',
          description: text(body, 'description') ?? '',
          tags: list(body, 'tags').map(versionTag),
        }),
      ),
    ),
    'GET model-versions/get': (call) => message(registry.version(...named(call))),
    'PATCH model-versions/update': (call) =>
      message(registry.describeVersion(...named(call), text(call.body, 'description') ?? '')),
    'POST model-versions/transition-stage': (call) => {
      const given = needText(call.body, 'stage');
      const stage = STAGES.find((one) => one.toLowerCase() === given.toLowerCase());
      if (!stage) throw wrongStage(given);
      const archive = call.body.archive_existing_versions === true;
      if (archive && (stage === 'None' || stage === 'Archived'))
        throw invalid(
          `Model version transition cannot archive existing model versions because '${given}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
        );
      return message(registry.transition(...named(call), stage, archive));
    },
    'DELETE model-versions/delete': (call) => {
      registry.removeVersion(...named(call));
      return {};
    },
    'GET model-versions/search': async ({ body }) => {
      const { rows, next } = await registry.searchVersions({
        filter: text(body, 'filter') ?? '',
        orderBy: texts(body, 'order_by'),
        limit: pageSize(body, PAGE.most, PAGE.usual, (value) => wrong('max_results', String(value))),
        offset: offsetOf(body),
      });
      const token = next === null ? '' : `,"next_page_token":${JSON.stringify(tokenFor(next))}`;
      return `{"model_versions":[${rows.join(',')}]${token}}`;
    },
    'GET model-versions/get-download-uri': (call) => ({ artifact_uri: registry.downloadUri(...named(call)) }),
    'POST model-versions/set-tag': (call) => {
      registry.setVersionTag(...named(call), versionTag(call.body));
      return {};
    },
    'DELETE model-versions/delete-tag': (call) => {
      registry.deleteVersionTag(...named(call), needRegistryKey(call.body));
      return {};
    },
  };
}

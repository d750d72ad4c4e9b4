/** runs/search and experiments/search, by POST and GET. */
import type { Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import { checkExperimentId, choice, offsetOf, pageSize, text, texts, tokenFor, wrong } from './fields.ts';
import { apart, type Call, type JsonRoutes } from './routes.ts';

const VIEWS = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;
const MOST = 50_000;
/** Whose datasets are searched in one call. */
const MOST_EXPERIMENTS = 20;

export function searchRoutes(tracking: Tracking): JsonRoutes {
  const page = ({ body }: Call, view: string, tooMany?: Parameters<typeof pageSize>[3]) => ({
    filter: text(body, 'filter') ?? '',
    orderBy: texts(body, 'order_by'),
    limit: pageSize(body, MOST, 1000, tooMany),
    offset: offsetOf(body),
    view: choice(body, view, VIEWS) ?? 'ACTIVE_ONLY',
  });
  const answer = (name: string, found: { rows: string[]; next: number | null }) =>
    `{"${name}":[${found.rows.join(',')}]${found.next === null ? '' : `,"next_page_token":${JSON.stringify(tokenFor(found.next))}`}}`;
  const experiments = async (call: Call) =>
    answer('experiments', await tracking.searchExperiments(page(call, 'view_type')));
  return {
    'POST experiments/search': apart(experiments),
    'GET experiments/search': experiments,
    'POST experiments/search-datasets': apart(async ({ body }) => {
      const ids = texts(body, 'experiment_ids');
      if (ids.length === 0) throw invalid('SearchDatasets request must specify at least one experiment_id.');
      if (ids.length > MOST_EXPERIMENTS)
        throw invalid(
          `SearchDatasets request cannot specify more than ${MOST_EXPERIMENTS} experiment_ids. Received ${ids.length} experiment_ids.`,
        );
      return `{"dataset_summaries":[${(await tracking.datasetsOf(ids)).join(',')}]}`;
    }),
    'POST runs/search': apart(async (call) =>
      answer(
        'runs',
        await tracking.searchRuns({
          experimentIds: texts(call.body, 'experiment_ids').map(checkExperimentId),
          ...page(call, 'run_view_type', (value) => wrong('max_results', value)),
        }),
      ),
    ),
  };
}

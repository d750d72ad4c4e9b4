/** metrics/*: the history of one metric of one run, of many runs, and evenly sampled. */
import type { Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import { type Body, between, int, needText, offsetOf, runIdOf, texts, tokenFor } from './fields.ts';
import type { JsonRoutes } from './routes.ts';

const HISTORY_PAGE = 25_000;
const MOST_RUNS = 100;
/** Most sampled points a run. */
const MOST_SAMPLED = 2500;

export function metricRoutes(tracking: Tracking): JsonRoutes {
  return {
    'GET metrics/get-history': async ({ body }) => {
      const limit = between(body, 'max_results', 1, HISTORY_PAGE, HISTORY_PAGE);
      const offset = offsetOf(body);
      const found = await tracking.history(runIdOf(body), needText(body, 'metric_key'), limit + 1, offset);
      const more = found.length > limit;
      const token = more ? `,"next_page_token":${JSON.stringify(tokenFor(offset + limit))}` : '';
      return `{"metrics":[${found.slice(0, limit).join(',')}]${token}}`;
    },
    'GET metrics/get-history-bulk': async ({ body }) => {
      const limit = Math.min(int(body, 'max_results') ?? HISTORY_PAGE, HISTORY_PAGE);
      const runs = runsOf(body, 'run_id', 'GetMetricHistoryBulk');
      const found = await tracking.historyOfRuns(runs, needText(body, 'metric_key'), limit);
      return `{"metrics":[${found.join(',')}]}`;
    },
    'GET metrics/get-history-bulk-interval': async ({ body }) => {
      const [from, to] = [int(body, 'start_step'), int(body, 'end_step')];
      if ((from === undefined) !== (to === undefined))
        throw invalid('If either start step or end step are specified, both must be specified.');
      const limit = between(body, 'max_results', 1, MOST_SAMPLED, MOST_SAMPLED);
      const steps = from === undefined || to === undefined ? null : { from, to };
      const runs = runsOf(body, 'run_ids', 'GetMetricHistoryBulkInterval');
      const found = await tracking.sampledHistory(runs, needText(body, 'metric_key'), steps, limit);
      return `{"metrics":[${found.join(',')}]}`;
    },
  };
}

function runsOf(body: Body, name: string, call: string): string[] {
  const runs = texts(body, name);
  if (runs.length === 0) throw invalid(`${call} request must specify at least one ${name}.`);
  if (runs.length > MOST_RUNS)
    throw invalid(
      `${call} request must specify at most ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
    );
  return runs;
}

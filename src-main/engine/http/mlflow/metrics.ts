/** metrics/*: the history of one metric of one run, of many runs, and evenly sampled. */
import type { Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import {
  type Body,
  int,
  missing,
  needText,
  offsetOf,
  runIdOf,
  SEE,
  text,
  texts,
  tokenFor,
} from './fields.ts';
import type { JsonRoutes } from './routes.ts';

/** Most points of one answer: some 75 MB. */
const MOST_IN_PAGE = 1_000_000;
/** Most points of a bulk answer. */
const MOST_IN_BULK = 25_000;
const MOST_RUNS = 100;
/** Most sampled points a run. */
const MOST_SAMPLED = 2500;

export function metricRoutes(tracking: Tracking): JsonRoutes {
  return {
    // Without max_results the whole history is meant: older clients and those of other languages know no pages.
    'GET metrics/get-history': async ({ body }) => {
      const limit = Math.min(int(body, 'max_results') ?? MOST_IN_PAGE, MOST_IN_PAGE);
      if (limit < 1)
        throw invalid(
          `Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer.`,
        );
      const offset = offsetOf(body);
      const { json, total } = await tracking.history(
        runIdOf(body),
        needText(body, 'metric_key'),
        limit,
        offset,
      );
      const token =
        offset + limit < total ? `,"next_page_token":${JSON.stringify(tokenFor(offset + limit))}` : '';
      return `{"metrics":[${json}]${token}}`;
    },
    'GET metrics/get-history-bulk': async ({ body }) => {
      const limit = Math.min(int(body, 'max_results') ?? MOST_IN_BULK, MOST_IN_BULK);
      const runs = texts(body, 'run_id');
      if (runs.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
      if (runs.length > MOST_RUNS)
        throw invalid(
          `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
        );
      const key = text(body, 'metric_key');
      if (!key) throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      return `{"metrics":[${await tracking.historyOfRuns(runs, key, limit)}]}`;
    },
    'GET metrics/get-history-bulk-interval': async ({ body }) => {
      const runs = texts(body, 'run_ids');
      if (runs.length === 0) throw missing('run_ids');
      if (runs.length > MOST_RUNS)
        throw invalid(
          `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runs.length} run_ids. ${SEE}`,
        );
      const limit = int(body, 'max_results') ?? MOST_SAMPLED;
      if (limit < 1 || limit > MOST_SAMPLED)
        throw invalid(`max_results must be between 1 and ${MOST_SAMPLED}. ${SEE}`);
      const key = needText(body, 'metric_key');
      return `{"metrics":[${await tracking.sampledHistory(runs, key, stepsOf(body), limit)}]}`;
    },
  };
}

function stepsOf(body: Body): { from: number; to: number } | null {
  const [from, to] = [int(body, 'start_step'), int(body, 'end_step')];
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined)
    throw invalid('If either start step or end step are specified, both must be specified.');
  if (from > to)
    throw invalid(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
  return { from, to };
}

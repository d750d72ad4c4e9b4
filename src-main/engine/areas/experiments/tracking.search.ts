/**
 * MLflow's searches, on a reader thread. The page is found first, by ids; only its rows are written out as
 * messages, in the page's order.
 */
import { parseFilter, parseOrderBy } from '../../../contract/search-filter.ts';
import type { Readers } from '../../data/readers.ts';
import { type Found, findPage, parsed } from '../../data/search.ts';
import { EXPERIMENT_JSON, LOGGED_MODEL_JSON, RUN_JSON } from './mlflow-view.sql.ts';
import {
  type DatasetRestriction,
  experimentsOrder,
  experimentsWhere,
  loggedModelsOrder,
  loggedModelsWhere,
  runsOrder,
  runsWhere,
} from './search.sql.ts';

export type Search = {
  filter: string;
  orderBy: readonly string[];
  limit: number;
  offset: number;
  view: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
};
const VIEWS = { ACTIVE_ONLY: 'IS NULL', DELETED_ONLY: 'IS NOT NULL', ALL: 'IS deleted_ms' };

export async function searchRuns(
  readers: Readers,
  search: Search & { experimentIds: readonly string[] },
): Promise<Found> {
  const { where, order } = parsed(() => ({
    where: runsWhere(parseFilter(search.filter, 'runs')),
    order: runsOrder(search.orderBy.map((text) => parseOrderBy(text, 'runs'))),
  }));
  const ids = search.experimentIds.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  return findPage(readers, search, {
    sql: `SELECT r.id FROM run r JOIN experiment e ON e.id = r.exp_id
      WHERE r.exp_id IN (SELECT value FROM json_each(?)) AND r.purged_ms IS NULL AND r.deleted_ms ${view('r', search.view)} AND (${where.sql})
      ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    params: [JSON.stringify(ids), ...where.params, ...order.params],
    row: `SELECT ${RUN_JSON} FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id = page.id`,
  });
}

export async function searchExperiments(readers: Readers, search: Search): Promise<Found> {
  const { where, order } = parsed(() => ({
    where: experimentsWhere(parseFilter(search.filter, 'experiments')),
    order: experimentsOrder(search.orderBy.map((text) => parseOrderBy(text, 'experiments'))),
  }));
  return findPage(readers, search, {
    sql: `SELECT e.id FROM experiment e WHERE e.purged_ms IS NULL AND e.deleted_ms ${view('e', search.view)} AND (${where.sql})
      ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    params: [...where.params, ...order.params],
    row: `SELECT ${EXPERIMENT_JSON} FROM experiment e WHERE e.id = page.id`,
  });
}

export type LoggedModelSearch = {
  experimentIds: readonly string[];
  filter: string;
  datasets: readonly DatasetRestriction[];
  orderBy: readonly { field: string; ascending: boolean; dataset: DatasetRestriction | null }[];
  limit: number;
  offset: number;
};

export async function searchLoggedModels(readers: Readers, search: LoggedModelSearch): Promise<Found> {
  const { where, order } = parsed(() => ({
    where: loggedModelsWhere(parseFilter(search.filter, 'logged-models'), search.datasets),
    order: loggedModelsOrder(
      search.orderBy.map(({ field, ascending, dataset }) => ({
        ...parseOrderBy(field, 'logged-models'),
        descending: !ascending,
        dataset,
      })),
    ),
  }));
  const ids = search.experimentIds.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  return findPage(readers, search, {
    sql: `SELECT m.id FROM logged_model m WHERE m.exp_id IN (SELECT value FROM json_each(?)) AND m.deleted_ms IS NULL AND (${where.sql})
      ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    params: [JSON.stringify(ids), ...where.params, ...order.params],
    row: `SELECT ${LOGGED_MODEL_JSON} FROM logged_model m JOIN experiment e ON e.id = m.exp_id WHERE m.id = page.id`,
  });
}

const view = (table: string, name: Search['view']) =>
  VIEWS[name].replace('deleted_ms', `${table}.deleted_ms`);

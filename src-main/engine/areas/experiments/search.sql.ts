/** Parsed searches as SQL over `run r JOIN experiment e` or `experiment e`. Every value is bound, none is text. */
import type { Comparison, OrderBy } from '../../../contract/search-filter.ts';
import { allOf, byColumn, compare, inOrder, type Sql } from '../../data/search.ts';
import { ARTIFACT_URI } from './mlflow-view.sql.ts';

const RUN_COLUMNS: Record<string, string> = {
  run_id: 'r.uuid',
  run_name: 'r.name',
  user_id: 'r.user',
  status: 'r.status',
  artifact_uri: ARTIFACT_URI,
  start_time: 'r.start_ms',
  end_time: 'r.end_ms',
};
const EXPERIMENT_COLUMNS: Record<string, string> = {
  name: 'e.name',
  experiment_id: 'e.id',
  creation_time: 'e.created_ms',
  last_update_time: 'e.updated_ms',
};
const LOGGED_MODEL_COLUMNS: Record<string, string> = {
  name: 'm.name',
  model_id: 'm.uuid',
  model_type: 'm.model_type',
  status: 'm.status',
  source_run_id: 'm.source_run',
  creation_timestamp: 'm.created_ms',
  last_updated_timestamp: 'm.updated_ms',
};
const DATASET_COLUMNS: Record<string, string> = { name: 'd.name', digest: 'd.digest', context: 'i.context' };

export const runsWhere = (filter: readonly Comparison[]): Sql => allOf(filter, runCondition);
export const experimentsWhere = (filter: readonly Comparison[]): Sql => allOf(filter, experimentCondition);

/** `metrics` count only where they were measured on one of the datasets, if any are given. */
export const loggedModelsWhere = (
  filter: readonly Comparison[],
  datasets: readonly DatasetRestriction[],
): Sql => {
  const found = allOf(filter, (one) => loggedModelCondition(one, datasets));
  if (datasets.length === 0 || filter.some(({ field }) => field.type === 'metric')) return found;
  const on = onDatasets(datasets);
  return {
    sql: `${found.sql} AND EXISTS (SELECT 1 FROM logged_model_metric x WHERE x.model_id = m.id AND ${on.sql})`,
    params: [...found.params, ...on.params],
  };
};
export type DatasetRestriction = { name: string; digest: string | null };

function runCondition(comparison: Comparison): Sql {
  const { type, key } = comparison.field;
  if (type === 'attribute') return compare(RUN_COLUMNS[key] ?? 'NULL', comparison);
  if (type === 'dataset') {
    const { sql, params } = compare(DATASET_COLUMNS[key] ?? 'NULL', comparison);
    return {
      sql: `EXISTS (SELECT 1 FROM run_input i JOIN dataset d ON d.id = i.dataset_id WHERE i.run_id = r.id AND ${sql})`,
      params,
    };
  }
  if (type === 'metric') {
    const { sql, params } = compare('s.last_val', comparison);
    // NaN is equal to nothing, so it differs from everything.
    const nan = comparison.op === '!=' ? `(s.last_nan = 1 OR ${sql})` : `s.last_nan = 0 AND ${sql}`;
    return {
      sql: `EXISTS (SELECT 1 FROM series s WHERE s.run_id = r.id AND s.key_id = (SELECT id FROM key WHERE name = ?) AND ${nan})`,
      params: [key, ...params],
    };
  }
  return ifPresent(
    `SELECT 1 FROM ${type} x WHERE x.run_id = r.id AND x.key_id = (SELECT id FROM key WHERE name = ?)`,
    'x.val',
    comparison,
  );
}

/** `row` finds the value under the comparison's name, if there is one. */
function ifPresent(row: string, column: string, comparison: Comparison): Sql {
  const { op, field } = comparison;
  if (op === 'IS NULL') return { sql: `NOT EXISTS (${row})`, params: [field.key] };
  if (op === 'IS NOT NULL') return { sql: `EXISTS (${row})`, params: [field.key] };
  const { sql, params } = compare(column, comparison);
  return { sql: `EXISTS (${row} AND ${sql})`, params: [field.key, ...params] };
}

function experimentCondition(comparison: Comparison): Sql {
  const { type, key } = comparison.field;
  if (type === 'attribute') return compare(EXPERIMENT_COLUMNS[key] ?? 'NULL', comparison);
  return ifPresent(
    'SELECT 1 FROM experiment_tag t WHERE t.exp_id = e.id AND t.name = ?',
    't.val',
    comparison,
  );
}

function loggedModelCondition(comparison: Comparison, datasets: readonly DatasetRestriction[]): Sql {
  const { type, key } = comparison.field;
  if (type === 'attribute') return compare(LOGGED_MODEL_COLUMNS[key] ?? 'NULL', comparison);
  if (type === 'metric') {
    const { sql, params } = compare('x.val', comparison);
    const on = onDatasets(datasets);
    return {
      sql: `EXISTS (SELECT 1 FROM logged_model_metric x WHERE x.model_id = m.id AND x.name = ? AND x.nan = 0 AND ${sql} AND ${on.sql})`,
      params: [key, ...params, ...on.params],
    };
  }
  const { sql, params } = compare('t.val', comparison);
  return {
    sql: `EXISTS (SELECT 1 FROM logged_model_${type} t WHERE t.model_id = m.id AND t.name = ? AND ${sql})`,
    params: [key, ...params],
  };
}

function onDatasets(datasets: readonly DatasetRestriction[]): Sql {
  if (datasets.length === 0) return { sql: '1', params: [] };
  return {
    sql: `(${datasets.map(({ digest }) => `x.dataset_name = ?${digest === null ? '' : ' AND x.dataset_digest = ?'}`).join(' OR ')})`,
    params: datasets.flatMap(({ name, digest }) => (digest === null ? [name] : [name, digest])),
  };
}

/** A metric orders by its newest value (on that dataset, if one is named); then the newest model first. */
export function loggedModelsOrder(
  orders: readonly (OrderBy & { dataset: DatasetRestriction | null })[],
): Sql {
  const parts = orders.map(({ field, descending, dataset }) => {
    const direction = descending ? 'DESC' : 'ASC';
    if (field.type === 'attribute') return byColumn(LOGGED_MODEL_COLUMNS[field.key] ?? 'NULL', direction);
    if (field.type === 'metric') {
      const on = onDatasets(dataset ? [dataset] : []);
      const of = (column: string) =>
        `(SELECT ${column} FROM logged_model_metric x WHERE x.model_id = m.id AND x.name = ? AND ${on.sql} ORDER BY x.ts DESC, x.step DESC LIMIT 1)`;
      const params = [field.key, ...on.params];
      return {
        sql: `${of('x.nan')} IS NULL, ${of('x.nan')}, ${of('x.val')} ${direction}`,
        params: [...params, ...params, ...params],
      };
    }
    const value = `(SELECT t.val FROM logged_model_${field.type} t WHERE t.model_id = m.id AND t.name = ?)`;
    return { sql: `${value} IS NULL, ${value} ${direction}`, params: [field.key, field.key] };
  });
  return inOrder([...parts, { sql: 'm.created_ms DESC, m.id DESC', params: [] }]);
}

/** NaN after the numbers and what is missing last, in both directions; then the newest first. */
export function runsOrder(orders: readonly OrderBy[]): Sql {
  const parts = orders.map(({ field, descending }) => {
    const direction = descending ? 'DESC' : 'ASC';
    if (field.type === 'attribute') return byColumn(RUN_COLUMNS[field.key] ?? 'NULL', direction);
    const id = '(SELECT id FROM key WHERE name = ?)';
    if (field.type === 'metric') {
      const of = (column: string) =>
        `(SELECT ${column} FROM series s WHERE s.run_id = r.id AND s.key_id = ${id})`;
      const rank = of('s.last_nan');
      return {
        sql: `${rank} IS NULL, ${rank}, ${of('s.last_val')} ${direction}`,
        params: [field.key, field.key, field.key],
      };
    }
    const value = `(SELECT val FROM ${field.type} x WHERE x.run_id = r.id AND x.key_id = ${id})`;
    return { sql: `${value} IS NULL, ${value} ${direction}`, params: [field.key, field.key] };
  });
  return inOrder([...parts, { sql: 'r.start_ms DESC, r.uuid', params: [] }]);
}

export function experimentsOrder(orders: readonly OrderBy[]): Sql {
  const parts = orders.map(({ field, descending }) =>
    byColumn(EXPERIMENT_COLUMNS[field.key] ?? 'NULL', descending ? 'DESC' : 'ASC'),
  );
  const usual = orders.length === 0 ? [{ sql: 'e.created_ms DESC', params: [] }] : [];
  return inOrder([...parts, ...usual, { sql: 'e.id', params: [] }]);
}

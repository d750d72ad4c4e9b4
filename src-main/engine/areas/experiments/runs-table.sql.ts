/** The runs table's filter, columns and order as SQL over `run r`. Every value is bound, none is text. */

import type { RunField, RunFilter } from '../../../contract/run-filter.ts';
import type { RunColumn, RunSort } from '../../../contract/runs-table.ts';
import type { Comparator } from '../../../contract/search-filter.ts';
import { compare, inOrder, type Sql } from '../../data/search.ts';
import { number } from './mlflow-view.sql.ts';

type Value = string | number | string[];
const KEY = '(SELECT id FROM key WHERE name = ?)';

const ATTRIBUTES: Record<string, string> = {
  name: 'r.name',
  status: 'r.status',
  user: 'r.user',
  note: 'r.note',
  id: 'r.uuid',
  start_time: 'r.start_ms',
  end_time: 'r.end_ms',
  duration: '(r.end_ms - r.start_ms) / 1000.0',
  started: 'r.start_ms',
  ended: 'r.end_ms',
};
const AGGREGATES = { last: 's.last_val', min: 's.min_val', max: 's.max_val' } as const;
const DATASET: Record<string, string> = { name: 'd.name', digest: 'd.digest', context: 'i.context' };

export function filterSql(filter: RunFilter | null): Sql {
  if (!filter) return { sql: '1', params: [] };
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.parts.map(filterSql);
      return {
        sql: `(${parts.map(({ sql }) => sql).join(filter.kind === 'and' ? ' AND ' : ' OR ')})`,
        params: parts.flatMap(({ params }) => params),
      };
    }
    case 'not':
      return wrapped('NOT', filterSql(filter.part));
    case 'null':
      return nullSql(filter.field);
    case 'words':
      return wordsSql(filter.text);
    case 'compare':
      return compareSql(filter.field, filter.op, filter.value);
  }
}

const wrapped = (before: string, { sql, params }: Sql): Sql => ({ sql: `${before} (${sql})`, params });

/** COALESCE, so that NOT turns "unknown" (no value to compare) into true as a reader expects. */
function compareSql(field: RunField, op: Comparator, value: Value): Sql {
  const { type, key } = field;
  const test = (column: string) => compare(column, { field: { type: 'tag', key }, op, value });
  if (type === 'attribute') return certain(test(ATTRIBUTES[key] ?? 'NULL'));
  if (type === 'dataset') {
    const { sql, params } = test(DATASET[key] ?? 'NULL');
    return {
      sql: `EXISTS (SELECT 1 FROM run_input i JOIN dataset d ON d.id = i.dataset_id WHERE i.run_id = r.id AND ${sql})`,
      params,
    };
  }
  if (type === 'metric')
    return metricSql(key, AGGREGATES[field.aggregate], op, test(AGGREGATES[field.aggregate]));
  if (type === 'param') return paramSql(key, op, value);
  if (type === 'tag') return hasPair('tag', key, test('x.val'));
  const parts = [paramSql(key, op, value), hasPair('tag', key, test('x.val'))];
  if (typeof value === 'number') parts.push(metricSql(key, AGGREGATES.last, op, test(AGGREGATES.last)));
  return {
    sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`,
    params: parts.flatMap(({ params }) => params),
  };
}

const certain = ({ sql, params }: Sql): Sql => ({ sql: `COALESCE(${sql}, 0)`, params });

const hasPair = (table: 'param' | 'tag', key: string, { sql, params }: Sql): Sql => ({
  sql: `EXISTS (SELECT 1 FROM ${table} x WHERE x.run_id = r.id AND x.key_id = ${KEY} AND ${sql})`,
  params: [key, ...params],
});

/** A param is compared as a number with a number; one that is none differs from every number. */
function paramSql(key: string, op: Comparator, value: Value): Sql {
  const column = typeof value === 'number' ? 'x.num' : 'x.val';
  const { sql, params } = compare(column, { field: { type: 'param', key }, op, value });
  const differs = typeof value === 'number' && op === '!=' ? `(x.num IS NULL OR ${sql})` : sql;
  return hasPair('param', key, { sql: differs, params });
}

/** NaN is equal to nothing, so it differs from everything. */
function metricSql(key: string, column: string, op: Comparator, { sql, params }: Sql): Sql {
  const nan =
    column === AGGREGATES.last
      ? op === '!='
        ? `(s.last_nan = 1 OR ${sql})`
        : `s.last_nan = 0 AND ${sql}`
      : sql;
  return {
    sql: `EXISTS (SELECT 1 FROM series s WHERE s.run_id = r.id AND s.key_id = ${KEY} AND ${nan})`,
    params: [key, ...params],
  };
}

function nullSql({ type, key, aggregate }: RunField): Sql {
  if (type === 'attribute') return { sql: `${ATTRIBUTES[key] ?? 'NULL'} IS NULL`, params: [] };
  const always = { sql: '1', params: [] };
  if (type === 'metric') {
    const value = aggregate === 'last' ? 's.last_nan = 0' : `${AGGREGATES[aggregate]} IS NOT NULL`;
    return {
      sql: `NOT EXISTS (SELECT 1 FROM series s WHERE s.run_id = r.id AND s.key_id = ${KEY} AND ${value})`,
      params: [key],
    };
  }
  if (type === 'dataset')
    return { sql: 'NOT EXISTS (SELECT 1 FROM run_input i WHERE i.run_id = r.id)', params: [] };
  if (type === 'any') {
    const metric = nullSql({ type: 'metric', key, aggregate });
    const [param, tag] = [hasPair('param', key, always), hasPair('tag', key, always)];
    return {
      sql: `(${metric.sql} AND NOT ${param.sql} AND NOT ${tag.sql})`,
      params: [...metric.params, ...param.params, ...tag.params],
    };
  }
  return wrapped('NOT', hasPair(type, key, always));
}

/** Case is ignored, in ASCII: what SQLite's LIKE does. MLflow's own tags are no text of the user's. */
function wordsSql(text: string): Sql {
  const pattern = `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  // With ESCAPE, LIKE takes half as long again.
  const escaped = pattern.length > text.length + 2 ? ` ESCAPE '\\'` : '';
  const like = (column: string) => `${column} LIKE ?${escaped}`;
  return {
    sql: `(${like('r.name')} OR ${like('r.status')} OR ${like('r.note')} OR ${like('r.uuid')}
      OR EXISTS (SELECT 1 FROM param x WHERE x.run_id = r.id AND ${like('x.val')})
      OR EXISTS (SELECT 1 FROM tag x JOIN key k ON k.id = x.key_id WHERE x.run_id = r.id AND k.name NOT LIKE 'mlflow.%' AND ${like('x.val')}))`,
    params: [pattern, pattern, pattern, pattern.slice(1), pattern, pattern],
  };
}

/** A column's value; "NaN" and "Infinity" as text, since JSON has neither. */
export function cellSql(column: RunColumn): Sql {
  if (column.kind === 'metric') {
    const { aggregate, key } = column;
    const value = number(AGGREGATES[aggregate], aggregate === 'last' ? 's.last_nan = 1' : '0');
    return {
      sql: `(SELECT ${value} FROM series s WHERE s.run_id = r.id AND s.key_id = ${KEY} AND s.n > 0)`,
      params: [key],
    };
  }
  if (column.kind === 'param' || column.kind === 'tag')
    return {
      sql: `(SELECT x.val FROM ${column.kind} x WHERE x.run_id = r.id AND x.key_id = ${KEY})`,
      params: [column.key],
    };
  if (column.key === 'produced') return { sql: PRODUCED, params: [] };
  return {
    sql: column.key === 'duration' ? '(r.end_ms - r.start_ms)' : (ATTRIBUTES[column.key] ?? 'NULL'),
    params: [],
  };
}

const PRODUCED = `(SELECT group_concat(m.name || ' v' || v.version, ', ') FROM model_version v JOIN registered_model m ON m.id = v.model_id
  WHERE v.run_id = r.id AND v.deleted_ms IS NULL AND m.deleted_ms IS NULL)`;

export type Ordered = { joins: Sql; order: Sql };

/** What has no value comes last and NaN before it, in both directions; then the newest first. */
export function orderSql(sorts: readonly RunSort[]): Ordered {
  const joins: Sql[] = [];
  const order = sorts.map(({ column, descending }, at): Sql => {
    const direction = descending ? 'DESC' : 'ASC';
    const o = `o${at}`;
    if (column.kind === 'metric') {
      joins.push({
        sql: `LEFT JOIN series ${o} ON ${o}.run_id = r.id AND ${o}.key_id = ${KEY}`,
        params: [column.key],
      });
      const value = AGGREGATES[column.aggregate].replace('s.', `${o}.`);
      const nan = column.aggregate === 'last' ? `${o}.last_nan, ` : '';
      return { sql: `${value} IS NULL, ${nan}${value} ${direction}`, params: [] };
    }
    if (column.kind === 'param' || column.kind === 'tag') {
      joins.push({
        sql: `LEFT JOIN ${column.kind} ${o} ON ${o}.run_id = r.id AND ${o}.key_id = ${KEY}`,
        params: [column.key],
      });
      const numeric = column.kind === 'param' ? `${o}.num IS NULL, ${o}.num ${direction}, ` : '';
      return { sql: `${o}.val IS NULL, ${numeric}${o}.val ${direction}`, params: [] };
    }
    const { sql, params } = cellSql(column);
    return { sql: `${sql} IS NULL, ${sql} ${direction}`, params: [...params, ...params] };
  });
  return {
    joins: { sql: joins.map(({ sql }) => sql).join(' '), params: joins.flatMap(({ params }) => params) },
    order: inOrder([...order, { sql: 'r.start_ms DESC, r.uuid DESC', params: [] }]),
  };
}

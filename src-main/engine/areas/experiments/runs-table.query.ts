/**
 * The runs table on the reader threads. The order of all runs found is one text (ten thousand ids cross threads
 * and wire as one value), the cells are read only for the rows in sight.
 */

import { parseRunFilter } from '../../../contract/run-filter.ts';
import type { RunCells, RunColumn, RunKeys, RunsOrder, RunsWanted } from '../../../contract/runs-table.ts';
import type { Readers, SqlValue } from '../../data/readers.ts';
import { parsed, type Sql } from '../../data/search.ts';
import { cellSql, filterSql, orderSql } from './runs-table.sql.ts';

type Wanted = Omit<RunsWanted, 'experimentIds'>;
type Cell = string | number | null;

const FROM = 'run r';
const IN_SCOPE = 'r.exp_id IN (SELECT value FROM json_each(?)) AND r.deleted_ms IS NULL';
/** Newest runs that the counts of keys come from. */
const SAMPLED = 1000;

/** `experiments` are rowids. Throws LATHE_INPUT_INVALID. */
export function whereSql(experiments: readonly number[], filter: string): Sql {
  const { sql, params } = parsed(() => filterSql(parseRunFilter(filter)));
  return { sql: `${IN_SCOPE} AND ${sql}`, params: [JSON.stringify(experiments), ...params] };
}

/** `experiments` are rowids. */
export async function orderOfRuns(
  readers: Readers,
  experiments: readonly number[],
  wanted: Wanted,
): Promise<RunsOrder> {
  const where = parsed(() => filterSql(parseRunFilter(wanted.filter)));
  const scope: SqlValue[] = [JSON.stringify(experiments)];
  const metrics = wanted.extents.filter((column) => column.kind === 'metric');
  const [found, extents, counted] = await Promise.all([
    findOrder(readers, scope, where, wanted),
    extentsOf(readers, scope, where, metrics),
    readers.all<{ n: number }>(`SELECT COUNT(*) AS n FROM ${FROM} WHERE ${IN_SCOPE}`, scope),
  ]);
  return { ...found, extents, total: counted[0]?.n ?? 0 };
}

async function findOrder(readers: Readers, scope: SqlValue[], where: Sql, wanted: Wanted) {
  const grouped = wanted.groupBy;
  const { joins, order } = orderSql([
    ...grouped.map((column) => ({ column, descending: false })),
    ...wanted.sort,
  ]);
  const groups = grouped.map(cellSql);
  const plain = !wanted.tree && grouped.length === 0;
  const parent = '(SELECT p.uuid FROM run p WHERE p.id = r.parent_id)';
  const row = plain
    ? 'r.uuid'
    : `json_array(r.uuid, ${wanted.tree ? parent : 'NULL'}${groups.map(({ sql }) => `, ${sql}`).join('')})`;
  const gathered = plain ? "group_concat(v, ' ')" : 'json_group_array(json(v))';
  const [answer] = await readers.all<{ text: string | null }>(
    `SELECT ${gathered} AS text FROM (SELECT ${row} AS v FROM ${FROM} ${joins.sql} WHERE ${IN_SCOPE} AND ${where.sql} ORDER BY ${order.sql})`,
    [
      ...(plain ? [] : groups.flatMap(({ params }) => params)),
      ...joins.params,
      ...scope,
      ...where.params,
      ...order.params,
    ],
  );
  const text = answer?.text ?? '';
  if (plain) return { ids: text === '' ? [] : text.split(' '), depths: null, groups: null };
  const rows = JSON.parse(text || '[]') as [string, string | null, ...Cell[]][];
  if (grouped.length === 0) return asTree(rows);
  return {
    ids: rows.map(([id]) => id),
    depths: null,
    groups: groupsOf(rows.map(([, , ...values]) => values)),
  };
}

function groupsOf(rows: readonly Cell[][]): { values: Cell[]; count: number }[] {
  const groups: { values: Cell[]; count: number }[] = [];
  let last = '';
  for (const values of rows) {
    const name = JSON.stringify(values);
    const group = groups.at(-1);
    if (group && name === last) group.count++;
    else groups.push({ values, count: 1 });
    last = name;
  }
  return groups;
}

/** Children follow their parent in their own order; one whose parent was not found stands at the top. */
function asTree(rows: readonly (readonly [string, string | null, ...unknown[]])[]) {
  const present = new Set(rows.map(([id]) => id));
  const children = new Map<string, string[]>();
  const top: string[] = [];
  for (const [id, parent] of rows) {
    if (parent === null || parent === id || !present.has(parent)) top.push(id);
    else children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const ids: string[] = [];
  const depths: number[] = [];
  const seen = new Set<string>();
  const stack = top.reverse().map((id) => ({ id, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { id, depth } = next;
    if (seen.has(id)) continue;
    seen.add(id);
    ids.push(id);
    depths.push(depth);
    for (const child of [...(children.get(id) ?? [])].reverse()) stack.push({ id: child, depth: depth + 1 });
  }
  // A circle of parents has no top; its runs are shown all the same.
  for (const [id] of rows)
    if (!seen.has(id)) {
      ids.push(id);
      depths.push(0);
    }
  return { ids, depths, groups: null };
}

type Extent = { low: number | null; high: number | null };
type Metric = Extract<RunColumn, { kind: 'metric' }>;
const FINITE = {
  last: 'CASE WHEN s.last_nan = 0 AND abs(s.last_val) < 9e999 THEN s.last_val END',
  min: 'CASE WHEN abs(s.min_val) < 9e999 THEN s.min_val END',
  max: 'CASE WHEN abs(s.max_val) < 9e999 THEN s.max_val END',
};

/** One for each metric, over the runs found; without NaN and infinity. */
async function extentsOf(
  readers: Readers,
  scope: SqlValue[],
  where: Sql,
  metrics: Metric[],
): Promise<Extent[]> {
  if (metrics.length === 0) return [];
  const aggregates = [...new Set(metrics.map(({ aggregate }) => aggregate))];
  const columns = aggregates.map(
    (name) => `MIN(${FINITE[name]}) AS ${name}Low, MAX(${FINITE[name]}) AS ${name}High`,
  );
  const rows = await readers.all<{ key: string } & Record<string, number | null>>(
    `SELECT (SELECT name FROM key WHERE id = s.key_id) AS key, ${columns.join(', ')}
     FROM ${FROM} CROSS JOIN series s ON s.run_id = r.id
       AND s.key_id IN (SELECT k.id FROM json_each(?) named CROSS JOIN key k ON k.name = named.value)
     WHERE ${IN_SCOPE} AND ${where.sql} GROUP BY s.key_id`,
    [JSON.stringify(metrics.map(({ key }) => key)), ...scope, ...where.params],
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return metrics.map(({ key, aggregate }) => {
    const row = byKey.get(key);
    return { low: row?.[`${aggregate}Low`] ?? null, high: row?.[`${aggregate}High`] ?? null };
  });
}

/** In the order of the ids; those that are gone are left out. */
export async function cellsOfRuns(
  readers: Readers,
  runIds: readonly string[],
  columns: readonly RunColumn[],
): Promise<RunCells[]> {
  const cells = columns.map(cellSql);
  const rows = await readers.all<{ json: string }>(
    `SELECT json_object('id', r.uuid, 'name', r.name, 'status', r.status, 'startedMs', r.start_ms, 'endedMs', r.end_ms,
       'parentId', (SELECT p.uuid FROM run p WHERE p.id = r.parent_id), 'note', r.note,
       'values', json_array(${cells.map(({ sql }) => sql).join(', ')})) AS json
     FROM json_each(?) wanted CROSS JOIN run r ON r.uuid = wanted.value WHERE r.deleted_ms IS NULL ORDER BY wanted.key`,
    [...cells.flatMap(({ params }) => params), JSON.stringify(runIds)],
  );
  return rows.map(({ json }) => JSON.parse(json) as RunCells);
}

/** Names of metrics, params and tags: of the newest runs with counts, then the rest without. */
export async function keysOfRuns(readers: Readers, experiments: readonly number[]): Promise<RunKeys> {
  const scope = JSON.stringify(experiments);
  const newest = `newest AS MATERIALIZED (SELECT r.id FROM ${FROM} WHERE ${IN_SCOPE} ORDER BY r.start_ms DESC LIMIT ${SAMPLED})`;
  const keys = <Row>(select: string, table: string) =>
    readers.all<Row & { key: string; runs: number }>(
      `WITH ${newest} SELECT k.name AS key, COUNT(*) AS runs${select} FROM newest n JOIN ${table} x ON x.run_id = n.id
       JOIN key k ON k.id = x.key_id GROUP BY x.key_id ORDER BY runs DESC, k.name`,
      [scope],
    );
  const others = (table: string) =>
    readers.all<{ key: string }>(
      `SELECT k.name AS key FROM key k WHERE EXISTS (SELECT 1 FROM ${table} x JOIN run r ON r.id = x.run_id
         WHERE x.key_id = k.id AND ${IN_SCOPE}) ORDER BY k.name`,
      [scope],
    );
  const [sampled, metrics, params, tags, allMetrics, allParams] = await Promise.all([
    readers.all<{ n: number }>(`WITH ${newest} SELECT COUNT(*) AS n FROM newest`, [scope]),
    keys<{ curve: number }>(', MAX(x.n) > 1 AS curve', 'series'),
    keys<{ differs: number; longest: number }>(
      ', MIN(x.val) <> MAX(x.val) AS differs, MAX(length(x.val)) AS longest',
      'param',
    ),
    keys<object>('', 'tag'),
    others('series'),
    others('param'),
  ]);
  const n = sampled[0]?.n ?? 0;
  const rest = (all: { key: string }[], known: { key: string }[]) => {
    const names = new Set(known.map(({ key }) => key));
    return all.filter(({ key }) => !names.has(key)).map(({ key }) => ({ key, runs: 0 }));
  };
  return {
    sampled: n,
    metrics: [
      ...metrics.map(({ key, runs, curve }) => ({ key, runs, curve: curve === 1 })),
      ...rest(allMetrics, metrics).map((one) => ({ ...one, curve: true })),
    ],
    params: [
      ...params.map(({ key, runs, differs, longest }) => ({
        key,
        runs,
        varies: differs === 1 || runs < n,
        longest,
      })),
      ...rest(allParams, params).map((one) => ({ ...one, varies: true, longest: 0 })),
    ],
    tags: tags.map(({ key, runs }) => ({ key, runs })),
  };
}

/** The commonest values of a param or tag, for completion. */
export async function valuesOfKey(
  readers: Readers,
  experiments: readonly number[],
  column: Extract<RunColumn, { kind: 'param' | 'tag' }>,
): Promise<string[]> {
  const rows = await readers.all<{ val: string }>(
    `SELECT x.val, COUNT(*) AS n FROM ${column.kind} x JOIN run r ON r.id = x.run_id
     WHERE x.key_id = (SELECT id FROM key WHERE name = ?) AND ${IN_SCOPE} GROUP BY x.val ORDER BY n DESC, x.val LIMIT 50`,
    [column.key, JSON.stringify(experiments)],
  );
  return rows.map(({ val }) => val);
}

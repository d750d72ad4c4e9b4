/** Reads one row of numbers for each run, and which params matter, on a reader thread. */
import type { Importance, Matrix, ParamImportance } from '../../../contract/explore.ts';
import type { RunColumn } from '../../../contract/runs-table.ts';
import type { Database } from '../../data/database.ts';
import type { Sql } from '../../data/search.ts';
import { type Column, columnOfTexts } from './columns.rules.ts';
import { correlationOf, explainedByGroups, ranksOf } from './importance.rules.ts';
import { findRuns, type RunsFound, type Scope } from './runs-found.ts';

const MOST_RUNS = 10_000;
/** Up to here it is quicker to look runs up one by one than to read a metric or param of all runs there are. */
const FEW_RUNS = 2_000;
const FEWEST_RUNS = 3;

type Metric = Extract<RunColumn, { kind: 'metric' }>;
/** An attribute comes with its SQL over `run r`. */
export type ColumnWanted = Exclude<RunColumn, { kind: 'attribute' }> | { kind: 'attribute'; cell: Sql };

export function readMatrix(db: Database, wanted: { scope: Scope; columns: ColumnWanted[] }): Matrix {
  const runs = findRuns(db, wanted.scope, MOST_RUNS);
  const columns = wanted.columns.map((column) => readColumn(db, runs, column));
  const bytes = Buffer.concat(columns.map(({ values }) => new Uint8Array(values.buffer)));
  return {
    runIds: runs.uuids,
    names: runs.names,
    categories: columns.map(({ categories }) => categories),
    data: bytes.toString('base64'),
  };
}

export function readImportance(
  db: Database,
  wanted: { scope: Scope; metric: Omit<Metric, 'kind'> },
): Importance {
  const runs = findRuns(db, wanted.scope, MOST_RUNS);
  const metric = readMetric(db, runs, { kind: 'metric', ...wanted.metric });
  const params = readParams(db, runs)
    .map(({ key, column }) => importanceOf(key, column, metric))
    .filter((param) => param !== null)
    .sort((a, b) => b.importance - a.importance || (a.key < b.key ? -1 : 1));
  return { runs: metric.filter((value) => !Number.isNaN(value)).length, params };
}

/** Null when the param says nothing: one value, or too few runs. */
function importanceOf(
  key: string,
  { categories, values }: Column,
  metric: Float64Array,
): ParamImportance | null {
  const both = (_: number, at: number) => !Number.isNaN(values[at]) && !Number.isNaN(metric[at]);
  const [of, on] = [values.filter(both), metric.filter(both)];
  const distinct = new Set(of).size;
  if (distinct < 2 || of.length < FEWEST_RUNS) return null;
  if (categories === null) {
    const correlation = correlationOf(ranksOf(of), ranksOf(on));
    return { key, kind: 'number', runs: of.length, distinct, correlation, importance: correlation ** 2 };
  }
  const places = new Map([...new Set(of)].map((category, at) => [category, at]));
  const groups = Uint32Array.from(of, (category) => places.get(category) as number);
  const importance = explainedByGroups(on, groups, distinct);
  return { key, kind: 'category', runs: of.length, distinct, correlation: null, importance };
}

function readColumn(db: Database, runs: RunsFound, column: ColumnWanted): Column {
  if (column.kind === 'metric') return { categories: null, values: readMetric(db, runs, column) };
  if (column.kind === 'attribute') return readAttribute(db, runs, column.cell);
  if (column.kind === 'param') return readParam(db, runs, column.key);
  const rows = rowsOfKey<[number, string]>(db, runs, column.kind, 'x.run_id, x.val', column.key);
  return columnOfTexts(...atPlaces(runs, rows));
}

/** The indices of params tell without looking at a text whether all of a param's values are numbers. */
function readParam(db: Database, runs: RunsFound, key: string): Column {
  const { all, numbers } = (db
    .prepare(
      `SELECT (SELECT COUNT(*) FROM param WHERE key_id = k.id) AS "all",
         (SELECT COUNT(*) FROM param WHERE key_id = k.id AND num IS NOT NULL) AS numbers FROM key k WHERE k.name = ?`,
    )
    .get(key) as { all: number; numbers: number } | undefined) ?? { all: 0, numbers: 0 };
  if (all > numbers)
    return columnOfTexts(
      ...atPlaces(runs, rowsOfKey<[number, string]>(db, runs, 'param', 'x.run_id, x.val', key)),
    );
  const values = new Float64Array(runs.ids.length).fill(Number.NaN);
  const rows = rowsOfKey<[number, number]>(
    db,
    runs,
    'param',
    'x.run_id, x.num',
    key,
    'AND x.num IS NOT NULL',
  );
  for (const [run, value] of rows) {
    const place = runs.placeOf.get(run);
    if (place !== undefined) values[place] = value;
  }
  return { categories: null, values };
}

const AGGREGATES = { last: 'last_val', min: 'min_val', max: 'max_val' } as const;

function readMetric(db: Database, runs: RunsFound, { key, aggregate }: Metric): Float64Array {
  const nan = aggregate === 'last' ? 'x.last_nan' : '0';
  const rows = rowsOfKey<[number, number | null, number]>(
    db,
    runs,
    'series',
    `x.run_id, x.${AGGREGATES[aggregate]}, ${nan}`,
    key,
  );
  const values = new Float64Array(runs.ids.length).fill(Number.NaN);
  for (const [run, value, isNan] of rows) {
    const place = runs.placeOf.get(run);
    if (place !== undefined && value !== null && isNan === 0 && Number.isFinite(value)) values[place] = value;
  }
  return values;
}

function rowsOfKey<Row>(
  db: Database,
  runs: RunsFound,
  table: string,
  columns: string,
  key: string,
  more = '',
): Row[] {
  const id = db.prepare('SELECT id FROM key WHERE name = ?').pluck().get(key) as number | undefined;
  if (id === undefined) return [];
  const few = runs.ids.length <= FEW_RUNS;
  const from = few
    ? `json_each(?) wanted CROSS JOIN ${table} x ON x.run_id = wanted.value AND`
    : `${table} x WHERE`;
  return db
    .prepare(`SELECT ${columns} FROM ${from} x.key_id = ? ${more}`)
    .raw()
    .all(...(few ? [JSON.stringify(runs.ids)] : []), id) as Row[];
}

function readAttribute(db: Database, runs: RunsFound, { sql, params }: Sql): Column {
  const rows = db
    .prepare(`SELECT r.id, ${sql} FROM json_each(?) wanted CROSS JOIN run r ON r.id = wanted.value`)
    .raw()
    .all(...params, JSON.stringify(runs.ids)) as [number, string | number | null][];
  const numbers = rows.every(([, value]) => typeof value !== 'string');
  if (!numbers)
    return columnOfTexts(
      ...atPlaces(
        runs,
        rows.filter(([, value]) => value !== null).map(([id, value]) => [id, String(value)]),
      ),
    );
  const values = new Float64Array(runs.ids.length).fill(Number.NaN);
  for (const [run, value] of rows)
    values[runs.placeOf.get(run) as number] = value === null ? Number.NaN : Number(value);
  return { categories: null, values };
}

function atPlaces(
  runs: RunsFound,
  rows: readonly (readonly [number, string])[],
): [number, number[], string[]] {
  const [places, texts]: [number[], string[]] = [[], []];
  for (const [run, text] of rows) {
    const place = runs.placeOf.get(run);
    if (place === undefined) continue;
    places.push(place);
    texts.push(text);
  }
  return [runs.ids.length, places, texts];
}

/** Every param of the runs. */
function readParams(db: Database, runs: RunsFound): { key: string; column: Column }[] {
  const columnOf = (rows: readonly (readonly [number, string])[]) => columnOfTexts(...atPlaces(runs, rows));
  if (runs.ids.length > FEW_RUNS) {
    const keys = db
      .prepare('SELECT k.name FROM key k WHERE EXISTS (SELECT 1 FROM param x WHERE x.key_id = k.id)')
      .pluck()
      .all() as string[];
    return keys.map((key) => ({ key, column: readParam(db, runs, key) }));
  }
  const rows = db
    .prepare(
      `SELECT k.name, x.run_id, x.val FROM json_each(?) wanted CROSS JOIN param x ON x.run_id = wanted.value
       CROSS JOIN key k ON k.id = x.key_id`,
    )
    .raw()
    .all(JSON.stringify(runs.ids)) as [string, number, string][];
  return [...Map.groupBy(rows, ([key]) => key)].map(([key, own]) => ({
    key,
    column: columnOf(own.map(([, run, text]) => [run, text])),
  }));
}

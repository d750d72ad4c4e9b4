/**
 * In the analysis process: the log as one table of a DuckDB, files and hot rows together. What is where is read in one
 * transaction, so that no row is missing or double while rows are being moved.
 */
import { join } from 'node:path';
import type { FeatureValue } from '../../../contract/common.ts';
import type { Cell, Duck, JobTools } from '../../analysis/index.ts';
import { literal, quoted } from '../../analysis/sql.ts';
import { createFeatureReader, type StoredFeatures } from '../../data/packed-features.ts';
import {
  type ColumnType,
  columnNames,
  featureOf,
  META,
  META_TYPES,
  storedAs,
  typeFor,
} from './raw-log.rules.ts';

/** Which rows. Times and seqs include their lower end and not their upper one. */
export type LogQuery = {
  endpointId: number;
  /** Folder of the endpoint's files. */
  folder: string;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  fromSeq?: number | undefined;
  toSeq?: number | undefined;
  arm?: string | undefined;
  version?: string | undefined;
};

export type LogColumn = { feature: string; column: string; type: string };

/** `table` has the columns META and those of the features. */
export type OpenLog = {
  duck: Duck;
  table: string;
  columns: LogColumn[];
  /** The files, and the same table for another connection, which has the hot rows from elsewhere ("SELECT * FROM …"). */
  paths: string[];
  sqlWith(hot: string): string;
};

export type HotRow = {
  seq: number;
  event_ms: number;
  received_ms: number;
  arm: string;
  version: number;
  score: number | null;
  features: Record<string, FeatureValue>;
};
type FileRow = { name: string };

const MOST = Number.MAX_SAFE_INTEGER;

/** `writes`: further files that the job is going to write. */
export async function openLog(
  tools: JobTools,
  query: LogQuery,
  writes: readonly string[] = [],
): Promise<OpenLog> {
  const { files, hot } = readPlaces(tools, query);
  const paths = files.map(({ name }) => join(query.folder, name));
  const duck = await tools.duck({ files: [...paths, ...writes], temporary: tools.temporary });
  await makeHotTable(duck, hot);
  const sqlWith = (source: string): string => {
    if (paths.length === 0) return source;
    const list = paths.map(literal).join(', ');
    return `${source} UNION ALL BY NAME SELECT * FROM read_parquet([${list}], union_by_name = true) WHERE ${where(query)}`;
  };
  await duck.run(`CREATE VIEW log AS ${sqlWith('SELECT * FROM hot')}`);
  const described = await duck.rows('DESCRIBE log');
  const columns = described.flatMap(([column, type]): LogColumn[] => {
    const feature = featureOf(String(column));
    return feature === null ? [] : [{ feature, column: String(column), type: String(type) }];
  });
  return { duck, table: 'log', columns, paths, sqlWith };
}

function readPlaces(tools: JobTools, query: LogQuery): { files: FileRow[]; hot: HotRow[] } {
  const db = tools.database();
  const { endpointId, fromMs = 0, toMs = MOST, fromSeq = 0, toSeq = MOST } = query;
  return db.transaction(() => {
    const moved = (db
      .prepare('SELECT moved_seq FROM raw_log WHERE endpoint_id = ?')
      .pluck()
      .get(endpointId) ?? 0) as number;
    const files = db
      .prepare(
        `SELECT name FROM log_file WHERE endpoint_id = ? AND last_seq >= ? AND first_seq < ? AND last_ms >= ? AND first_ms < ?
         ORDER BY first_seq`,
      )
      .all(endpointId, fromSeq, toSeq, fromMs, toMs) as FileRow[];
    const hot = hotRows(
      db,
      `seq > :moved AND seq >= :fromSeq AND seq < :toSeq AND event_ms >= :fromMs AND event_ms < :toMs
         AND (:arm IS NULL OR arm = :arm) AND (:version IS NULL OR version = :version)`,
      {
        moved,
        endpointId,
        fromSeq,
        toSeq,
        fromMs,
        toMs,
        arm: query.arm ?? null,
        version: query.version === undefined ? null : Number(query.version),
      },
    );
    return { files, hot };
  })();
}

/** Rows of the endpoint whose features are in the database, and for which `where` holds, by seq. */
export function hotRows(
  db: ReturnType<JobTools['database']>,
  where: string,
  params: { endpointId: number; [name: string]: number | string | null },
): HotRow[] {
  const read = createFeatureReader(db);
  const rows = db
    .prepare(
      `SELECT seq, event_ms, received_ms, arm, version, score, features FROM prediction
       WHERE ${where} AND +endpoint_id = :endpointId AND features <> '' ORDER BY seq`,
    )
    .all(params) as (Omit<HotRow, 'features'> & { features: StoredFeatures })[];
  return rows.map((row) => ({ ...row, features: read(row.features) }));
}

/** The same choice as SQL over a file's columns. */
function where({ fromMs, toMs, fromSeq, toSeq, arm, version }: LogQuery): string {
  const terms = ['true'];
  const bound = (column: string, from: number | undefined, to: number | undefined) => {
    if (from !== undefined) terms.push(`${quoted(column)} >= ${Math.floor(from)}`);
    if (to !== undefined) terms.push(`${quoted(column)} < ${Math.floor(to)}`);
  };
  bound('$event_ms', fromMs, toMs);
  bound('$seq', fromSeq, toSeq);
  if (arm !== undefined) terms.push(`"$arm" = ${literal(arm)}`);
  if (version !== undefined) terms.push(`"$version" = ${Number(version)}`);
  return terms.join(' AND ');
}

async function makeHotTable(duck: Duck, rows: readonly HotRow[]): Promise<void> {
  const table = tableOf(rows, () => null, new Set());
  await writeTable(duck, 'hot', table);
}

export type Table = { names: string[]; types: string[]; columns: Cell[][] };

/** Rows with their features as columns. `wished`: the type that a feature's model reads. Masked ones are left out. */
export function tableOf(
  rows: readonly HotRow[],
  wished: (feature: string) => ColumnType | null,
  masked: ReadonlySet<string>,
): Table {
  const parsed = rows.map(({ features }) => features);
  const features = new Set<string>();
  for (const row of parsed) for (const name of Object.keys(row)) if (!masked.has(name)) features.add(name);
  const names = columnNames([...features]);
  const table: Table = {
    names: [...META],
    types: [...META_TYPES],
    columns: [
      rows.map(({ seq }) => seq),
      rows.map(({ event_ms }) => event_ms),
      rows.map(({ received_ms }) => received_ms),
      rows.map(({ arm }) => arm),
      rows.map(({ version }) => version),
      rows.map(({ score }) => score),
    ],
  };
  for (const feature of features) {
    const values = parsed.map((row) => (Object.hasOwn(row, feature) ? row[feature] : null));
    const type = typeFor(values, wished(feature));
    table.names.push(names.get(feature) as string);
    table.types.push(type);
    table.columns.push(values.map((value) => storedAs(value, type)));
  }
  return table;
}

export async function writeTable(duck: Duck, name: string, { names, types, columns }: Table): Promise<void> {
  const columnsSql = names.map((column, at) => `${quoted(column)} ${types[at]}`).join(', ');
  await duck.run(`CREATE TABLE ${quoted(name)}(${columnsSql})`);
  await duck.append(name, columns);
}

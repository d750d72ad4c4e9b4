/** Entry for the analysis process: looks at a file that could be a reference, and makes a reference of rows. */
import type { TensorSpec } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';
import { REFERENCE_ROWS, type ReferencePreview } from '../../../contract/references.ts';
import type { AnalysisJob, Duck, JobTools } from '../../analysis/index.ts';
import { literal, quoted } from '../../analysis/sql.ts';
import {
  asDouble,
  openTable,
  sourceType,
  type TableColumn,
  type TableFile,
} from '../../analysis/table-file.ts';
import { type LogQuery, openLog } from '../raw-log/index.ts';
import { featuresOf, kindOf, MISSING_TEXTS, problemOf, roleOf, type Watched } from './columns.rules.ts';
import {
  categoricalProfile,
  type FeatureProfile,
  type NumericProfile,
  numericProfile,
  type Profile,
  recountCategorical,
  recountNumeric,
} from './grid.rules.ts';
import { type LabelledInput, readLabelled } from './labelled-scores.ts';

export type ReferenceSource =
  /** `between`: only rows whose number in that column is at least `from` and below `to`. */
  | { kind: 'file'; file: TableFile; between?: { column: string; from: number; to: number } | undefined }
  | { kind: 'log'; log: LogQuery };

export type ReferenceInput =
  | LabelledInput
  | { do: 'preview'; file: TableFile; inputs: readonly TensorSpec[] }
  | {
      do: 'make';
      source: ReferenceSource;
      inputs: readonly TensorSpec[];
      /** The model's score is a 32-bit float. */
      singleScore: boolean;
      scoreColumn: string | null;
      labelColumn: string | null;
      /** What froze the version's grid; null when this is the first. */
      grid: Profile | null;
      /** Where the raw rows are written. */
      rawFile: string;
    };

export type Made = {
  profile: Profile;
  rows: number;
  features: string[];
  absent: string[];
  ignored: string[];
  /** Rows in rawFile; 0 when none was written. */
  rawRows: number;
};

/** Fewer rows are no distribution. */
const LEAST_ROWS = 10;

type Source = {
  duck: Duck;
  table: string;
  columns: TableColumn[];
  rows: number;
};
type Make = Extract<ReferenceInput, { do: 'make' }>;

export const run: AnalysisJob<ReferenceInput, unknown> = async (input, tools) => {
  if (input.do === 'labelled') return readLabelled(input, tools);
  if (input.do === 'preview') return { result: await preview(input, tools) };
  return { result: await make(input, tools) };
};

async function preview(
  { file, inputs }: Extract<ReferenceInput, { do: 'preview' }>,
  tools: JobTools,
): Promise<ReferencePreview> {
  const source: Source = await openTable(tools, file);
  const watched = new Map(featuresOf(inputs).map((one) => [one.feature, one]));
  const features = new Set(watched.keys());
  const columns: ReferencePreview['columns'] = [];
  for (const [at, column] of source.columns.entries()) {
    tools.progress(at / source.columns.length, column.name);
    const missing = await missingOf(source, column);
    const wanted = watched.get(column.name);
    columns.push({
      name: column.name,
      type: column.type,
      role: roleOf(column.name, features),
      kind: wanted ? kindOf(wanted.datatype) : null,
      missing,
      distinct: await distinctOf(source, column),
      problem: wanted ? await problemWith(source, column, wanted, missing) : null,
    });
  }
  const present = new Set(source.columns.map(({ name }) => name));
  return { rows: source.rows, columns, absent: [...features].filter((name) => !present.has(name)) };
}

const isNaNSql = (column: TableColumn): string =>
  sourceType(column.type) === 'float' ? `isnan(CAST(${quoted(column.column)} AS DOUBLE))` : 'false';

async function missingOf({ duck, table }: Source, column: TableColumn): Promise<number> {
  const [[missing] = [0]] = await duck.rows(
    `SELECT count(*) FILTER (${quoted(column.column)} IS NULL OR ${isNaNSql(column)}) FROM ${table}`,
  );
  return Number(missing);
}

async function distinctOf({ duck, table }: Source, column: TableColumn): Promise<number> {
  const [[distinct] = [0]] = await duck.rows(
    `SELECT count(DISTINCT CAST(${quoted(column.column)} AS VARCHAR)) FROM ${table}`,
  );
  return Number(distinct);
}

async function problemWith(
  source: Source,
  column: TableColumn,
  { datatype }: Watched,
  missing: number,
): Promise<string | null> {
  const kind = sourceType(column.type);
  let notNumbers = 0;
  let none = missing;
  if (kindOf(datatype) === 'numeric' && kind !== 'float' && kind !== 'integer' && kind !== null) {
    const name = quoted(column.column);
    const texts = MISSING_TEXTS.map(literal).join(', ');
    const [[bad, empty] = [0, 0]] = await source.duck.rows(
      kind === 'boolean'
        ? `SELECT 0, 0`
        : `SELECT count(*) FILTER (TRY_CAST(${name} AS DOUBLE) IS NULL AND lower(trim(${name})) NOT IN (${texts})),
             count(*) FILTER (lower(trim(${name})) IN (${texts})) FROM ${source.table}`,
    );
    notNumbers = Number(bad);
    none += Number(empty);
  }
  return problemOf(datatype, {
    source: kind,
    type: column.type,
    rows: source.rows,
    missing: none,
    notNumbers,
  });
}

async function make(input: Make, tools: JobTools): Promise<Made> {
  const source = await sourceOf(input, tools);
  const { rows } = source;
  if (rows < LEAST_ROWS)
    throw unfit(
      `it has ${rows} ${rows === 1 ? 'row' : 'rows'}, and a distribution needs at least ${LEAST_ROWS}`,
    );
  const wanted = featuresOf(input.inputs);
  const byName = new Map(source.columns.map((column) => [column.name, column]));
  const onGrid = new Map(input.grid?.features.map((feature) => [feature.name, feature]));
  const profiles: FeatureProfile[] = [];
  const used: TableColumn[] = [];
  const problems: string[] = [];
  for (const [at, one] of wanted.entries()) {
    tools.progress(at / wanted.length, one.feature);
    const column = byName.get(one.feature);
    const frozen = onGrid.get(one.feature);
    if (!column || (input.grid && !frozen)) continue;
    const problem = await problemWith(source, column, one, await missingOf(source, column));
    const profile = problem === null ? await profileOf(source, column, one, frozen) : null;
    if (profile) {
      profiles.push(profile);
      used.push(column);
    } else problems.push(`${one.feature}: ${problem ?? 'None of its values is a finite number.'}`);
  }
  if (profiles.length === 0)
    throw unfit(
      problems.length > 0
        ? `none of the model's inputs can be watched (${problems.slice(0, 3).join(' ')})`
        : `it has none of the model's inputs (${wanted
            .slice(0, 5)
            .map(({ feature }) => feature)
            .join(', ')})`,
    );
  const { prediction, predictionRows, score } = await predictionOf(input, source, byName);
  const label = input.labelColumn === null ? undefined : byName.get(input.labelColumn);
  if (input.labelColumn !== null && !label) throw unfit(`it has no column named ${input.labelColumn}`);
  const rawRows = await writeRaw(source, used, score, label, input.rawFile);
  const taken = new Set([...used, score, label].map((column) => column?.name));
  return {
    profile: { schema: 1, rows, features: profiles, predictionRows, prediction },
    rows,
    features: profiles.map(({ name }) => name),
    absent: wanted.map(({ feature }) => feature).filter((name) => !taken.has(name)),
    ignored: source.columns
      .map(({ name }) => name)
      .filter((name) => !taken.has(name) && !name.startsWith('$')),
    rawRows,
  };
}

const unfit = (reason: string) => new LatheError('LATHE_REFERENCE_UNFIT', { reason });

async function sourceOf({ source, rawFile }: Make, tools: JobTools): Promise<Source> {
  if (source.kind === 'file') {
    const opened = await openTable(tools, source.file, [rawFile]);
    if (!source.between) return opened;
    const { column, from, to } = source.between;
    await opened.duck.run(
      `CREATE TABLE part AS SELECT * FROM ${opened.table} WHERE ${quoted(column)} >= ? AND ${quoted(column)} < ?`,
      [from, to],
    );
    const [[rows] = [0]] = await opened.duck.rows('SELECT count(*) FROM part');
    return { ...opened, table: 'part', rows: Number(rows) };
  }
  const { duck, table, columns } = await openLog(tools, source.log, [rawFile]);
  const [[rows] = [0]] = await duck.rows(`SELECT count(*) FROM ${table}`);
  const named = columns.map(({ feature, column, type }) => ({ name: feature, column, type }));
  return {
    duck,
    table,
    rows: Number(rows),
    columns: [...named, { name: '$score', column: '$score', type: 'DOUBLE' }],
  };
}

async function profileOf(
  source: Source,
  column: TableColumn,
  { feature, datatype }: Watched,
  frozen: FeatureProfile | undefined,
): Promise<FeatureProfile | null> {
  const kind = frozen?.kind ?? kindOf(datatype);
  if (kind === 'numeric') {
    const { values, missing } = await numbersOf(source, column, datatype === 'FP32');
    if (values.length === 0) return null;
    return frozen?.kind === 'numeric'
      ? recountNumeric(frozen, values, missing)
      : numericProfile(feature, values, missing);
  }
  const counts = await categoriesOf(source, column, datatype === 'BOOL');
  const present = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const missing = source.rows - present;
  return frozen?.kind === 'categorical'
    ? recountCategorical(frozen, counts, missing)
    : categoricalProfile(feature, counts, missing);
}

/** Finite values, ascending; `single`: as the model sees them. NaN and infinities count as missing. */
async function numbersOf(
  source: Source,
  column: TableColumn,
  single: boolean,
): Promise<{ values: Float64Array; missing: number }> {
  const all = await source.duck.numbers(
    `SELECT ${asDouble(column.column)} FROM ${source.table}`,
    [],
    source.rows,
  );
  let n = 0;
  for (let at = 0; at < all.length; at++) {
    const value = single ? Math.fround(all[at] as number) : (all[at] as number);
    // Adding 0 makes one zero of the two.
    if (Number.isFinite(value)) all[n++] = value + 0;
  }
  return { values: all.subarray(0, n).sort(), missing: all.length - n };
}

/** Rows by value, as the values read in JSON. */
async function categoriesOf(
  source: Source,
  column: TableColumn,
  isBoolean: boolean,
): Promise<Map<string, number>> {
  const name = quoted(column.column);
  const value = isBoolean ? `TRY_CAST(${name} AS BOOLEAN)` : name;
  const rows = await source.duck.rows(
    `SELECT ${value} AS v, count(*) FROM ${source.table} WHERE v IS NOT NULL GROUP BY v`,
  );
  return new Map(rows.map(([key, count]) => [String(key), Number(count)]));
}

async function predictionOf(
  input: Make,
  source: Source,
  byName: ReadonlyMap<string, TableColumn>,
): Promise<{ prediction: NumericProfile | null; predictionRows: number; score: TableColumn | undefined }> {
  const name = input.scoreColumn ?? (input.source.kind === 'log' ? '$score' : null);
  const score = name === null ? undefined : byName.get(name);
  if (input.scoreColumn !== null && !score) throw unfit(`it has no column named ${input.scoreColumn}`);
  const frozen = input.grid?.prediction ?? null;
  if (!score || (input.grid && !frozen)) return { prediction: null, predictionRows: 0, score };
  const { values, missing } = await numbersOf(source, score, input.singleScore);
  if (values.length === 0) {
    if (input.scoreColumn !== null) throw unfit(`the column ${score.name} has no numbers`);
    return { prediction: null, predictionRows: 0, score: undefined };
  }
  // Rows without a score are rows that were not scored.
  const prediction = frozen ? recountNumeric(frozen, values, 0) : numericProfile('$prediction', values, 0);
  return { prediction, predictionRows: source.rows - missing, score };
}

/** At most REFERENCE_ROWS rows, drawn at random and the same ones each time, with the score as $score and the label as $label. */
async function writeRaw(
  { duck, table, rows }: Source,
  used: readonly TableColumn[],
  score: TableColumn | undefined,
  label: TableColumn | undefined,
  file: string,
): Promise<number> {
  const columns = used.map(({ column }) => quoted(column));
  if (score) columns.push(`CAST(${quoted(score.column)} AS DOUBLE) AS "$score"`);
  if (label) columns.push(`CAST(${quoted(label.column)} AS VARCHAR) AS "$label"`);
  const sample = rows > REFERENCE_ROWS ? `USING SAMPLE reservoir(${REFERENCE_ROWS} ROWS) REPEATABLE (1)` : '';
  await duck.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${table} ${sample}) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  return Math.min(rows, REFERENCE_ROWS);
}

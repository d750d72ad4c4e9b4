/** One column of both sides: fetched, scored and drawn. Runs in a worker thread of the analysis process. */
import type { ColumnAsk, ColumnReport } from '../../../contract/drift-reports.ts';
import type { Duck } from '../../analysis/index.ts';
import { quoted } from '../../analysis/sql.ts';
import { asDouble, sourceType } from '../../analysis/table-file.ts';
import {
  type Binned,
  binned,
  type CategoricalSample,
  columnKind,
  type NumericSample,
  psi,
  type Sample,
  type SourceType,
  scoreColumn,
  shownBins,
  sizeOf,
} from './methods/index.ts';
import { sortNumbers } from './sort-numbers.ts';

/** Where a side's rows are: a table of SQL whose values are in `params`. */
export type SideSource = { sql: string; params: (string | number)[]; rows: number };

export type ColumnTask = {
  column: string;
  /** As its side has it, with DuckDB's type. */
  reference: { column: string; type: string };
  current: { column: string; type: string };
  /** What the model reads it as; null where the values decide. */
  kind: 'numeric' | 'categorical' | null;
  /** The model reads 32-bit floats: both sides are rounded to what it sees. */
  single: boolean;
  /** By the kind that it turns out to have. */
  asked: Record<'numeric' | 'categorical', ColumnAsk>;
};

type Side = { sample: Sample; missing: number; rows: number };

export async function reportColumn(
  duck: Duck,
  sources: { reference: SideSource; current: SideSource },
  task: ColumnTask,
): Promise<ColumnReport> {
  let referenceType = sourceType(task.reference.type);
  let currentType = sourceType(task.current.type);
  if (!referenceType || !currentType) return failed(task, 'Times, lists and bytes are not compared.');
  if (task.kind === null && wordOf(referenceType) !== wordOf(currentType)) {
    // A CSV column without any value has no type of its own.
    if (await isEmpty(duck, sources.reference, task.reference.column)) referenceType = currentType;
    else if (await isEmpty(duck, sources.current, task.current.column)) currentType = referenceType;
    else
      return failed(
        task,
        `It is ${wordOf(referenceType)} in the reference and ${wordOf(currentType)} in the current data.`,
      );
  }
  const kind = task.kind ?? (await kindOf(duck, sources.current, task.current.column, currentType));
  if (kind === 'text') return failed(task, 'It is free text: more than half of its values are distinct.');
  const read = (source: SideSource, { column }: { column: string }, type: SourceType) =>
    kind === 'numeric'
      ? numeric(duck, source, column, type, task.single)
      : categorical(duck, source, column, type);
  const reference = await read(sources.reference, task.reference, referenceType);
  const current = await read(sources.current, task.current, currentType);
  return judged(task, reference, current);
}

async function isEmpty(duck: Duck, { sql, params }: SideSource, column: string): Promise<boolean> {
  const [[present] = [0]] = await duck.rows(`SELECT count(${quoted(column)}) FROM (${sql})`, params);
  return Number(present) === 0;
}

const wordOf = (type: SourceType): string => (type === 'float' || type === 'integer' ? 'numeric' : type);

function judged(task: ColumnTask, reference: Side, current: Side): ColumnReport {
  const { problem, method, score, threshold, drifted } = scoreColumn(
    reference.sample,
    current.sample,
    task.asked[reference.sample.kind],
  );
  const bins = problem === null ? binned(reference.sample, current.sample) : null;
  const share = ({ missing, rows }: Side) => (rows === 0 ? 0 : missing / rows);
  return {
    column: task.column,
    kind: reference.sample.kind,
    ...{ method, score, threshold, drifted, problem },
    effect: effectOf(bins),
    referenceN: sizeOf(reference.sample),
    currentN: sizeOf(current.sample),
    referenceMissing: share(reference),
    currentMissing: share(current),
    referenceMean: meanOfSample(reference.sample),
    currentMean: meanOfSample(current.sample),
    bins: bins === null ? [] : shownBins(bins),
  };
}

function effectOf(bins: Binned | null): number | null {
  if (bins === null) return null;
  const value = psi(bins);
  return Number.isFinite(value) ? value : null;
}

function meanOfSample(sample: Sample): number | null {
  if (sample.kind !== 'numeric' || sample.values.length === 0) return null;
  let sum = 0;
  for (let at = 0; at < sample.values.length; at++) sum += sample.values[at] as number;
  const mean = sum / sample.values.length;
  return Number.isFinite(mean) ? mean : null;
}

const failed = (task: ColumnTask, problem: string): ColumnReport => ({
  column: task.column,
  kind: task.kind ?? 'categorical',
  ...{ method: null, score: null, threshold: null, drifted: null, effect: null, problem },
  ...{
    referenceN: 0,
    currentN: 0,
    referenceMissing: 0,
    currentMissing: 0,
    referenceMean: null,
    currentMean: null,
  },
  bins: [],
});

/** Of the current side, as the reference implementation infers it. */
async function kindOf(
  duck: Duck,
  { sql, params }: SideSource,
  column: string,
  type: SourceType,
): Promise<'numeric' | 'categorical' | 'text'> {
  if (type === 'float' || type === 'boolean') return columnKind(type, 0, 0);
  const name = quoted(column);
  const [[n, distinct] = [0, 0]] = await duck.rows(
    `SELECT count(${name}), count(DISTINCT ${name}) FROM (${sql})`,
    params,
  );
  return columnKind(type, Number(n), Number(distinct));
}

async function numeric(
  duck: Duck,
  { sql, params, rows }: SideSource,
  column: string,
  type: SourceType,
  single: boolean,
): Promise<Side> {
  const values = await duck.numbers(`SELECT ${asDouble(column)} FROM (${sql})`, params, rows);
  if (single) for (let at = 0; at < values.length; at++) values[at] = Math.fround(values[at] as number);
  let n = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Number.isFinite(value)) values[n++] = value;
  }
  const missing = values.length - n;
  const sample: NumericSample = {
    kind: 'numeric',
    values: sortNumbers(values.subarray(0, n)),
    integer: type === 'integer' && missing === 0,
  };
  return { sample, missing, rows: values.length };
}

async function categorical(
  duck: Duck,
  { sql, params }: SideSource,
  column: string,
  type: SourceType,
): Promise<Side> {
  const name = quoted(column);
  // Text as JavaScript writes it, so that 5 of one side and 5.0 of the other are one value.
  if (type === 'integer' || type === 'float') return fewNumbers(duck, { sql, params }, name);
  const counted = await duck.rows(
    `SELECT CAST(${name} AS VARCHAR) AS v, count(*) FROM (${sql}) GROUP BY v`,
    params,
  );
  return sideOf(counted);
}

async function fewNumbers(
  duck: Duck,
  { sql, params }: Omit<SideSource, 'rows'>,
  name: string,
): Promise<Side> {
  const counted = await duck.rows(
    `SELECT CASE WHEN isfinite(v) THEN v END, count(*) FROM (SELECT CAST(${name} AS DOUBLE) AS v FROM (${sql})) GROUP BY 1`,
    params,
  );
  return sideOf(counted);
}

function sideOf(counted: readonly (readonly unknown[])[]): Side {
  const counts = new Map<string, number>();
  let missing = 0;
  let rows = 0;
  for (const [value, count] of counted) {
    rows += Number(count);
    if (value === null) missing += Number(count);
    else counts.set(String(value), Number(count));
  }
  const sample: CategoricalSample = { kind: 'categorical', counts };
  return { sample, missing, rows };
}

/** Entry for the analysis process: compares two sets of raw rows, column by column, in two threads. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ColumnAsk, ColumnReport, ReportRequest } from '../../../contract/drift-reports.ts';
import { isErrorCode, LatheError } from '../../../contract/errors.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import type { AnalysisJob, JobTools } from '../../analysis/index.ts';
import { literal } from '../../analysis/sql.ts';
import { openTable, type TableFile } from '../../analysis/table-file.ts';
import { featureOf, type LogQuery, openLog, predicate } from '../raw-log/index.ts';
import type { ColumnTask, SideSource } from './report-column.ts';
import type { WorkerAnswer, WorkerInput } from './report-worker.ts';

export type SideInput =
  | { kind: 'file'; file: TableFile }
  | { kind: 'log'; log: LogQuery; conditions: SliceCondition[] };

export type ReportInput = {
  reference: SideInput;
  current: SideInput;
  /** Null: all that both sides have. */
  columns: string[] | null;
  /** By column, what the model reads; null where no model is named. */
  kinds: Record<string, { kind: 'numeric' | 'categorical'; single: boolean }> | null;
  asked: Pick<ReportRequest, 'method' | 'threshold' | 'numeric' | 'categorical' | 'byColumn'>;
  /** File of the worker thread. */
  worker: string;
};

export type Reported = {
  columns: ColumnReport[];
  referenceRows: number;
  currentRows: number;
  onlyReference: string[];
  onlyCurrent: string[];
};

/** What a column is called in a report that both sides have under another name. */
export const SCORE = '$prediction';

/** More would share the same two cores of the machines that this is made for, and twice the memory. */
const MOST_WORKERS = 2;
const WORKER_MEMORY_BYTES = 192 * 1024 * 1024;

type PreparedColumn = { name: string; column: string; type: string };
type Prepared = { source: SideSource; files: string[]; columns: PreparedColumn[] };

export const run: AnalysisJob<ReportInput, Reported> = async (input, tools) => {
  const temporaries: string[] = [];
  try {
    tools.progress(0, 'looking at the rows');
    const reference = await prepare(input.reference, 'reference', tools, temporaries);
    const current = await prepare(input.current, 'current', tools, temporaries);
    const { tasks, onlyReference, onlyCurrent } = tasksOf(input, reference, current);
    const columns = await inThreads(input, reference, current, tasks, tools);
    const { rows: referenceRows } = reference.source;
    const { rows: currentRows } = current.source;
    return { result: { columns, referenceRows, currentRows, onlyReference, onlyCurrent } };
  } finally {
    for (const file of temporaries) await rm(file, { force: true });
  }
};

async function prepare(
  side: SideInput,
  name: 'reference' | 'current',
  tools: JobTools,
  temporaries: string[],
): Promise<Prepared> {
  const temporary = join(tools.temporary, `${randomBytes(8).toString('hex')}.parquet`);
  temporaries.push(temporary);
  const prepared = await (side.kind === 'file'
    ? ofFile(side.file, temporary, tools)
    : ofLog(side, temporary, tools));
  if (prepared.source.rows === 0)
    throw new LatheError('LATHE_REPORT_NO_ROWS', {
      side: name,
      reason: side.kind === 'file' ? 'the file has none' : 'none were logged then',
    });
  return prepared;
}

/** A CSV file is parsed once, and then read by column like any other. */
async function ofFile(file: TableFile, temporary: string, tools: JobTools): Promise<Prepared> {
  const { duck, table, columns, rows, isParquet } = await openTable(tools, file, [temporary]);
  if (!isParquet)
    await duck.run(
      `COPY (SELECT * FROM ${table}) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION snappy)`,
    );
  duck.close();
  const path = isParquet ? file.path : temporary;
  return {
    source: { sql: `SELECT * FROM read_parquet(${literal(path)})`, params: [], rows },
    files: [path],
    columns: columns.map((column) => ({ ...column, name: publicName(column.name) ?? column.name })),
  };
}

async function ofLog(
  { log, conditions }: Extract<SideInput, { kind: 'log' }>,
  temporary: string,
  tools: JobTools,
): Promise<Prepared> {
  const { duck, table, columns, paths, sqlWith } = await openLog(tools, log, [temporary]);
  await duck.run(`COPY (SELECT * FROM hot) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION snappy)`);
  const { sql, params } = predicate(conditions, columns);
  const [[rows] = [0]] = await duck.rows(`SELECT count(*) FROM ${table} WHERE ${sql}`, params);
  duck.close();
  const all = sqlWith(`SELECT * FROM read_parquet(${literal(temporary)})`);
  return {
    source: { sql: `SELECT * FROM (${all}) WHERE ${sql}`, params, rows: Number(rows) },
    files: [...paths, temporary],
    columns: [
      ...columns.map(({ feature, column, type }) => ({ name: feature, column, type })),
      { name: SCORE, column: '$score', type: 'DOUBLE' },
    ],
  };
}

/** A reference's raw rows have the log's names. */
const publicName = (column: string): string | null => (column === '$score' ? SCORE : featureOf(column));

function tasksOf(input: ReportInput, reference: Prepared, current: Prepared) {
  const { kinds } = input;
  const asked = input.columns && new Set(input.columns);
  const isWanted = ({ name }: PreparedColumn) =>
    (asked === null || asked.has(name)) &&
    (kinds === null ? !name.startsWith('$') : name === SCORE || Object.hasOwn(kinds, name));
  const before = reference.columns.filter(isWanted);
  const now = new Map(current.columns.filter(isWanted).map((column) => [column.name, column]));
  const tasks: ColumnTask[] = [];
  const onlyReference: string[] = [];
  for (const column of before) {
    const other = now.get(column.name);
    if (!other) {
      if (column.name !== SCORE) onlyReference.push(column.name);
      continue;
    }
    now.delete(column.name);
    const known = column.name === SCORE ? { kind: 'numeric' as const, single: true } : kinds?.[column.name];
    tasks.push({
      column: column.name,
      reference: column,
      current: other,
      kind: known?.kind ?? null,
      single: known?.single ?? isMixed(column.type, other.type),
      asked: askedOf(input.asked, column.name),
    });
  }
  now.delete(SCORE);
  return { tasks, onlyReference, onlyCurrent: [...now.keys()] };
}

/** What is said of the column goes before what is said of its kind, and that before what is said of all. */
function askedOf(asked: ReportInput['asked'], column: string): ColumnTask['asked'] {
  const { byColumn = {} } = asked;
  const own = Object.hasOwn(byColumn, column) ? byColumn[column] : undefined;
  const of = (kind: 'numeric' | 'categorical') => [asked[kind], own].reduce(before, asked) ?? {};
  return { numeric: of('numeric'), categorical: of('categorical') };
}

/** A threshold is one of its method: where another method is asked for, the threshold goes with the one before. */
const before = (wide: ColumnAsk | undefined, narrow: ColumnAsk | undefined): ColumnAsk => ({
  method: narrow?.method ?? wide?.method,
  threshold: narrow?.threshold ?? (narrow?.method === undefined ? wide?.threshold : undefined),
});

/** A number that one file has with 32 bits and the other with 64 is one number: 0.01 of the first is not below 0.01 of the second. */
const isMixed = (one: string, other: string): boolean =>
  (one === 'FLOAT' && isDouble(other)) || (other === 'FLOAT' && isDouble(one));
const isDouble = (type: string): boolean => /^(DOUBLE|DECIMAL)/.test(type);

/** In the order of the tasks, whichever thread had them. */
function inThreads(
  input: ReportInput,
  reference: Prepared,
  current: Prepared,
  tasks: readonly ColumnTask[],
  { progress, signal, temporary }: JobTools,
): Promise<ColumnReport[]> {
  const reports: ColumnReport[] = [];
  const data: WorkerInput = {
    files: [...new Set([...reference.files, ...current.files])],
    temporary,
    memoryBytes: WORKER_MEMORY_BYTES,
    reference: reference.source,
    current: current.source,
  };
  let given = 0;
  let done = 0;
  const runOne = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(input.worker, { workerData: data, name: 'report' });
      let at = -1;
      let failure: unknown = null;
      const next = () => {
        at = given;
        if (failure !== null || signal.aborted || at >= tasks.length) worker.postMessage(null);
        else worker.postMessage(tasks[given++]);
      };
      worker.on('message', (answer: WorkerAnswer) => {
        if ('report' in answer) {
          reports[at] = answer.report;
          progress(++done / tasks.length, answer.report.column);
        } else {
          failure = isErrorCode(answer.code)
            ? new LatheError(answer.code, answer.details)
            : new Error(answer.message);
          given = tasks.length;
        }
        next();
      });
      worker.on('error', reject);
      worker.on('exit', () => (failure === null ? resolve() : reject(failure)));
      next();
    });
  const count = Math.max(1, Math.min(MOST_WORKERS, availableParallelism(), tasks.length));
  return Promise.all(Array.from({ length: count }, runOne)).then(() => {
    signal.throwIfAborted();
    return reports;
  });
}

/** Entry for the analysis process: moves hot rows into a Parquet file, and finds rows of the log. */
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Datatype, FeatureValue } from '../../../contract/common.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { syncFolder } from '../../../platform/durable.ts';
import type { AnalysisJob, JobTools } from '../../analysis/index.ts';
import { literal, quoted } from '../../analysis/sql.ts';
import { predicate } from './conditions.rules.ts';
import { hotRows, type LogQuery, openLog, tableOf, writeTable } from './log-reading.ts';
import { columnType, featureOf, inputOf, storedAs } from './raw-log.rules.ts';

export type MoveInput = {
  endpointId: number;
  folder: string;
  /** Hot rows in (fromSeq, toSeq]. */
  fromSeq: number;
  toSeq: number;
  masked: string[];
  /** Types of the models' inputs, by feature. */
  types: Record<string, Datatype>;
  /** Name of a file whose rows go into the new one too. */
  merge: string | null;
  name: string;
};
/** What is in the file now; null when there was no row. */
export type Moved = {
  firstSeq: number;
  lastSeq: number;
  rows: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  receivedMs: number;
} | null;

export type RawLogInput =
  | ({ do: 'move' } & MoveInput)
  | { do: 'matching'; log: LogQuery; conditions: SliceCondition[] }
  | { do: 'features'; log: LogQuery; seqs: number[] };

export const run: AnalysisJob<RawLogInput, unknown> = async (input, tools) => {
  if (input.do === 'move') return { result: await move(input, tools) };
  if (input.do === 'matching')
    return { result: null, body: await matching(input.log, input.conditions, tools) };
  return { result: await featuresOf(input.log, input.seqs, tools) };
};

async function move(input: MoveInput, tools: JobTools): Promise<Moved> {
  const { endpointId, folder, fromSeq, toSeq, name, merge } = input;
  const rows = hotRows(tools.database(), 'seq > :fromSeq AND seq <= :toSeq', { endpointId, fromSeq, toSeq });
  if (rows.length === 0 && merge === null) return null;
  const masked = new Set(input.masked);
  const target = join(folder, name);
  const temporary = `${target}.tmp`;
  const files = [temporary, ...(merge === null ? [] : [join(folder, merge)])];
  const duck = await tools.duck({ files, temporary: tools.temporary });
  await writeTable(
    duck,
    'hot',
    tableOf(rows, (feature) => columnType(input.types[feature] ?? input.types[inputOf(feature)]), masked),
  );
  let from = 'SELECT * FROM hot';
  if (merge !== null) {
    const source = `read_parquet(${literal(join(folder, merge))})`;
    const hidden = (await duck.rows(`DESCRIBE SELECT * FROM ${source}`)).flatMap(([column]) =>
      masked.has(featureOf(String(column)) ?? '') ? [quoted(String(column))] : [],
    );
    const kept = hidden.length === 0 ? '*' : `* EXCLUDE (${hidden.join(', ')})`;
    from = `SELECT ${kept} FROM ${source} UNION ALL BY NAME ${from}`;
  }
  await rm(temporary, { force: true });
  await duck.run(
    `COPY (SELECT * FROM (${from}) ORDER BY "$seq") TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const [figures] = await duck.rows(
    `SELECT min("$seq"), max("$seq"), count(*), min("$event_ms"), max("$event_ms"), max("$received_ms") FROM read_parquet(?)`,
    [temporary],
  );
  const [firstSeq, lastSeq, count, firstMs, lastMs, receivedMs] = (figures ?? []) as number[];
  const { size } = await stat(temporary);
  await sync(temporary);
  await rename(temporary, target);
  await syncFolder(folder);
  return {
    firstSeq: firstSeq ?? 0,
    lastSeq: lastSeq ?? 0,
    rows: count ?? 0,
    bytes: size,
    firstMs: firstMs ?? 0,
    lastMs: lastMs ?? 0,
    receivedMs: receivedMs ?? 0,
  };
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Seqs of the rows for which all conditions hold, ascending, as 64-bit floats. */
async function matching(log: LogQuery, conditions: SliceCondition[], tools: JobTools): Promise<Uint8Array> {
  const { duck, table, columns } = await openLog(tools, log);
  const { sql, params } = predicate(conditions, columns);
  const [[count] = [0]] = await duck.rows(`SELECT count(*) FROM ${table} WHERE ${sql}`, params);
  const seqs = await duck.numbers(
    `SELECT CAST("$seq" AS DOUBLE) FROM ${table} WHERE ${sql} ORDER BY "$seq"`,
    params,
    Number(count),
  );
  return new Uint8Array(seqs.buffer, seqs.byteOffset, seqs.byteLength);
}

/** Features of these rows, by seq; a row that is not in the log is left out. */
async function featuresOf(
  log: LogQuery,
  seqs: readonly number[],
  tools: JobTools,
): Promise<[number, Record<string, FeatureValue>][]> {
  const { duck, table, columns } = await openLog(tools, log);
  const names = columns.map(({ column }) => quoted(column));
  const found = await duck.rows(
    `SELECT ${['"$seq"', ...names].join(', ')} FROM ${table} WHERE "$seq" IN (${seqs.map(Math.floor).join(', ')})`,
  );
  return found.map(([seq, ...values]) => {
    const features: Record<string, FeatureValue> = {};
    values.forEach((value, at) => {
      const column = columns[at];
      // A feature that the row did not have is null in a file with rows that did; JSON has no NaN.
      if (column && value !== null) features[column.feature] = asJson(value);
    });
    return [Number(seq), features];
  });
}

const asJson = (value: string | number | boolean): FeatureValue =>
  typeof value === 'number' && !Number.isFinite(value) ? storedAs(String(value), 'VARCHAR') : value;

/**
 * The one place that opens DuckDB. Each instance is in memory, for one job, and is locked before it sees data: it can
 * open the files that were named and nothing else, loads no extension, reaches no network, and keeps to its memory.
 * Users give values and paths, which travel as parameters; names of columns are quoted. No SQL comes from them.
 */
import { availableParallelism } from 'node:os';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { LatheError } from '../../contract/errors.ts';
import { firstLine, literal } from './sql.ts';

export type DuckFiles = {
  /** Files that may be read, or written. */
  files: readonly string[];
  temporary: string;
  /** By default as many as there are cores. */
  threads?: number;
  memoryBytes?: number;
};

/** Numbers, strings, booleans and null as JavaScript has them; whole numbers above 2^53 lose their last digits. */
export type Cell = number | string | boolean | null;

export type Duck = {
  run(sql: string, params?: readonly DuckDBValue[]): Promise<void>;
  rows(sql: string, params?: readonly DuckDBValue[]): Promise<Cell[][]>;
  /** One DOUBLE column without nulls, `count` values at most. */
  numbers(sql: string, params: readonly DuckDBValue[], count: number): Promise<Float64Array>;
  /** Rows into a table that was made, column by column; each value must fit its column. */
  append(table: string, columns: readonly (readonly Cell[])[]): Promise<void>;
  close(): void;
};

/** Most of what one job may take; the arrays that are handed to JavaScript come on top. */
export const DUCK_MEMORY_BYTES = 512 * 1024 * 1024;

export async function openDuck(given: DuckFiles, signal?: AbortSignal): Promise<Duck> {
  const { files, temporary, memoryBytes = DUCK_MEMORY_BYTES } = given;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(given.threads ?? availableParallelism()),
    memory_limit: `${Math.floor(memoryBytes / 1024)}KiB`,
    temp_directory: temporary,
    max_temp_directory_size: '8GiB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    // Rows come back in the order in which they lie: the same input gives the same output, whatever the threads.
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  } catch (thrown) {
    close();
    throw thrown;
  }
  signal?.addEventListener('abort', interrupt);

  /** Says what went wrong in the catalogue's words where there are some. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      signal?.throwIfAborted();
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      if (/^Out of Memory Error/.test(reason))
        throw new LatheError('LATHE_ANALYSIS_MEMORY', { reason: firstLine(reason) }, { cause: thrown });
      throw thrown;
    }
  }

  return {
    run: (sql, params = []) => guarded(async () => void (await connection.run(sql, [...params]))),
    rows: (sql, params = []) =>
      guarded(async () => {
        const result = await connection.stream(sql, [...params]);
        const rows: Cell[][] = [];
        for await (const chunk of result) for (const row of chunk.getRows()) rows.push(row.map(plain));
        return rows;
      }),
    numbers: (sql, params, count) => guarded(() => readNumbers(connection, sql, params, count)),
    append: (table, columns) => guarded(() => appendColumns(connection, table, columns)),
    close,
  };
}

async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
  params: readonly DuckDBValue[],
  count: number,
): Promise<Float64Array> {
  const result = await connection.stream(sql, [...params]);
  const values = new Float64Array(count);
  let at = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const column = doublesOf(chunk);
    values.set(at + column.length > count ? column.subarray(0, count - at) : column, at);
    at += column.length;
    if (at >= count) break;
  }
  return at < count ? values.subarray(0, at) : values;
}

/** A view of DuckDB's own memory, good until the chunk is gone. */
function doublesOf(chunk: DuckDBDataChunk): Float64Array {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, 0);
  const bytes = duckdb.vector_get_data(vector, chunk.rowCount * 8);
  return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount);
}

/** Rows of a DuckDB vector. */
const CHUNK = 2_048;

async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly (readonly Cell[])[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  const types = columns.map((_, at) => appender.columnType(at));
  const rows = columns[0]?.length ?? 0;
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from);
    const chunk = DuckDBDataChunk.create(types, count);
    columns.forEach((column, at) => {
      const values = column.slice(from, from + count) as DuckDBValue[];
      const isBig = types[at]?.typeId === DuckDBTypeId.BIGINT;
      chunk.setColumnValues(
        at,
        isBig ? values.map((value) => (value === null ? null : BigInt(value as number))) : values,
      );
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

const plain = (value: DuckDBValue): Cell => {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value as Cell;
  return String(value);
};

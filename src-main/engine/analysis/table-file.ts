/**
 * In the analysis process: a Parquet or CSV file as a table. What the file is, is told by its bytes, not by its name; a
 * file that is none, or only a part of one, is refused with a sentence that a person can act on.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { LatheError } from '../../contract/errors.ts';
import type { Duck } from './duck.ts';
import type { JobTools } from './protocol.ts';
import { literal, quoted } from './sql.ts';

export type TableFile = {
  path: string;
  /** What people know it by. */
  name: string;
};

export type TableColumn = {
  /** As the file has it. */
  name: string;
  /** As DuckDB has it: names that differ in case only have got a number. */
  column: string;
  type: string;
};

export type OpenTable = {
  duck: Duck;
  table: string;
  columns: TableColumn[];
  rows: number;
  /** Its columns can be read one by one. */
  isParquet: boolean;
};

/** More are read by nobody here, and each costs the reader memory. */
export const MOST_COLUMNS = 2_000;

/** `writes`: further files that the job is going to write. */
export async function openTable(
  tools: JobTools,
  file: TableFile,
  writes: readonly string[] = [],
): Promise<OpenTable> {
  const found = await formatOf(file);
  const duck = await tools.duck({ files: [file.path, ...writes], temporary: tools.temporary });
  return found === 'parquet' ? openParquet(duck, file) : openCsv(duck, file, found);
}

const bad = (file: TableFile, reason: string, cause?: unknown) =>
  new LatheError('LATHE_DATA_FILE', { file: file.name, reason }, { cause });

type Format = 'parquet' | { encoding: 'utf-8' | 'utf-16'; separator: string };
const HEAD_BYTES = 65_536;

async function formatOf(file: TableFile): Promise<Format> {
  const handle = await open(file.path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    const missing = thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR';
    throw bad(file, missing ? 'it is not there' : `it cannot be opened (${thrown.code})`, thrown);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw bad(file, 'it is not a file');
    const { size } = found;
    if (size === 0) throw bad(file, 'it is empty');
    const head = await bytesAt(handle, 0, Math.min(size, HEAD_BYTES));
    const magic = head.toString('latin1', 0, 4);
    if (magic === 'PARE') throw bad(file, 'it is an encrypted Parquet file');
    if (magic === 'PAR1') {
      const tail = size < 12 ? '' : (await bytesAt(handle, size - 4, 4)).toString('latin1');
      if (tail !== 'PAR1') throw bad(file, 'it is a Parquet file whose end is missing');
      return 'parquet';
    }
    const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
    if (!isWide && head.includes(0)) throw bad(file, 'it is neither Parquet nor text');
    return { encoding: isWide ? 'utf-16' : 'utf-8', separator: separatorOf(file, head) };
  } finally {
    await handle.close();
  }
}

/** The commonest of the signs that part columns, on the first line. */
function separatorOf(file: TableFile, head: Buffer): string {
  const text = head.toString('latin1').replaceAll('\0', '');
  const line = text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n'));
  const count = (sign: string) => line.split(sign).length;
  const [separator = ','] = [',', ';', '\t', '|'].sort((a, b) => count(b) - count(a));
  // Looked at here, before a reader makes room for each column.
  if (count(separator) > MOST_COLUMNS) throw bad(file, TOO_WIDE);
  return separator;
}
const TOO_WIDE = `it has more than ${MOST_COLUMNS} columns, which is the most that are read`;

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function openParquet(duck: Duck, file: TableFile): Promise<OpenTable> {
  const source = `read_parquet(${literal(file.path)})`;
  try {
    // The first element is the root; a top-level column may have children, whose names do not count.
    const schema = await duck.rows('SELECT name, num_children FROM parquet_schema(?)', [file.path]);
    const names = topLevel(schema.slice(1) as [string, number | null][]);
    const columns = await columnsOf(duck, file, source, names);
    const [[rows = 0] = []] = await duck.rows(`SELECT count(*) FROM ${source}`);
    return { duck, table: source, columns, rows: Number(rows), isParquet: true };
  } catch (thrown) {
    throw readFailure(file, thrown, parquetWords);
  }
}

function topLevel(schema: readonly [string, number | null][]): string[] {
  const names: string[] = [];
  let inside = 0;
  for (const [name, children] of schema) {
    if (inside === 0) names.push(name);
    else inside -= 1;
    inside += children ?? 0;
  }
  return names;
}

/** CSV is read once, into a table; what does not fit into memory goes to disk. */
async function openCsv(
  duck: Duck,
  file: TableFile,
  { encoding, separator }: Exclude<Format, 'parquet'>,
): Promise<OpenTable> {
  // Left to itself, the reader skips lines that do not fit, or takes another separator.
  const options = `delim = ${literal(separator)}, quote = '"', escape = '"', comment = '', skip = 0, strict_mode = true, encoding = '${encoding}'`;
  try {
    const [first] = await duck.rows(
      `SELECT * FROM read_csv(?, all_varchar = true, header = false, ${options}) LIMIT 1`,
      [file.path],
    );
    const names = (first ?? []).map((name) => String(name ?? '').replace(/^\uFEFF/, ''));
    const unnamed = names.findIndex((name) => name.trim() === '');
    if (unnamed >= 0) throw bad(file, `its first line has no name for column ${unnamed + 1}`);
    if (names.length > 0 && names.every((name) => Number.isFinite(Number(name))))
      throw bad(file, 'its first line has values, not names of columns');
    checkNames(file, names);
    // All lines are looked at before a type is chosen, or one that changes midway would be found too late.
    await duck.run(
      `CREATE TABLE data AS SELECT * FROM read_csv(?, header = true, sample_size = -1, ${options})`,
      [file.path],
    );
    const columns = await columnsOf(duck, file, 'data', names);
    const [[rows = 0] = []] = await duck.rows('SELECT count(*) FROM data');
    return { duck, table: 'data', columns, rows: Number(rows), isParquet: false };
  } catch (thrown) {
    throw readFailure(file, thrown, csvWords);
  }
}

async function columnsOf(
  duck: Duck,
  file: TableFile,
  source: string,
  names: readonly string[],
): Promise<TableColumn[]> {
  checkNames(file, names);
  const described = await duck.rows(`DESCRIBE SELECT * FROM ${source}`);
  if (described.length !== names.length) throw bad(file, 'its columns cannot be told apart');
  return described.map(([column, type], at) => ({
    name: names[at] as string,
    column: String(column),
    type: String(type),
  }));
}

function checkNames(file: TableFile, names: readonly string[]): void {
  if (names.length === 0) throw bad(file, 'it has no columns');
  if (names.length > MOST_COLUMNS) throw bad(file, TOO_WIDE);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw bad(file, `it has two columns named “${name}”`);
    seen.add(name);
  }
}

/**
 * DuckDB's binding rejects with plain errors: what kind one is, is told by its text alone ("IO Error: …"). A statement
 * here is fixed and only reads, so what fails is the file's fault but for the kinds that no file can bring about. The
 * words below make known failures plainer; of any other DuckDB's own sentence is shown.
 */
function readFailure(file: TableFile, thrown: unknown, wordsOf: (text: string) => string | null): unknown {
  if (!(thrown instanceof Error) || thrown instanceof LatheError) return thrown;
  const [, kind = '', sentence = ''] = /^([A-Za-z ]+) Error: (.*)/.exec(thrown.message) ?? [];
  if (NO_FILES_FAULT.has(kind)) return thrown;
  const own = sentence.replaceAll(file.path, file.name).replace(/[.:]+$/, '');
  return bad(file, wordsOf(thrown.message) ?? (own || 'it cannot be understood'), thrown);
}

const NO_FILES_FAULT: ReadonlySet<string> = new Set([
  'Binder',
  'Catalog',
  'Permission',
  'INTERRUPT',
  'FATAL',
]);

/**
 * Its end is there, so that it is one. What cannot be read in it DuckDB tells by positions and names of its own; but a
 * type or an encoding that DuckDB does not have is no damage, and its own sentence says which.
 */
const parquetWords = (text: string): string | null =>
  text.startsWith('Not implemented') ? null : 'it is a damaged Parquet file';

/** Whole lines are looked at: the text has a line of the file in it, which may say anything. */
function csvWords(text: string): string | null {
  const line = /^[A-Za-z ]+ Error: CSV Error on Line: (\d+)$/m.exec(text)?.[1];
  const where = line === undefined ? '' : ` (line ${line})`;
  const found = CSV_FAILURES.find(([beginning]) => text.includes(`\n${beginning}`));
  return found ? `${found[1]}${where}` : null;
}

const CSV_FAILURES: readonly (readonly [beginning: string, words: string])[] = [
  ['Maximum line size', 'a line is longer than 2 MB'],
  ['Invalid unicode', 'its text is not in UTF-8'],
  ['Expected Number of Columns', 'a line has another number of fields than the first one'],
  ['Error when converting column', 'a value is of another type than those before it in its column'],
  ['Value with unterminated quote', 'a quoted field does not end'],
  [
    'It was not possible to automatically detect',
    'a line has another number of fields than the first one, or a quoted field does not end',
  ],
];

/** How the values of a column of DuckDB's type are told apart. Null for times, lists, structures and bytes. */
export function sourceType(type: string): 'float' | 'integer' | 'text' | 'boolean' | null {
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(type)) return 'float';
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return 'integer';
  if (/^(VARCHAR|ENUM|UUID)/.test(type) && !type.endsWith('[]')) return 'text';
  return type === 'BOOLEAN' ? 'boolean' : null;
}

/** A numeric column as doubles, with missing values as NaN. */
export const asDouble = (column: string): string =>
  `coalesce(TRY_CAST(${quoted(column)} AS DOUBLE), 'nan'::DOUBLE)`;

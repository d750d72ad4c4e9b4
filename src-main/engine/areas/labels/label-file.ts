/** Rows of a label file, some hundred at a time, whatever its size. Runs on the thread of label-worker.ts. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { LatheError } from '../../../contract/errors.ts';
import { openParquetRows } from '../../data/parquet-rows.ts';
import { cellText } from './label-file.rules.ts';

export type LabelFile = {
  columns: string[];
  /** Cells of the named columns; `share` is how much of the file was read. Throws LATHE_LABELS_FILE. */
  read(columns: readonly string[]): AsyncGenerator<{ rows: string[][]; share: number }>;
};

const BATCH = 500;
/** A row beyond this is a file without line breaks, or none of text. */
const MOST_ROW_BYTES = 1_000_000;
const MOST_COLUMNS = 2_000;

/** `name` tells what it is (.csv or .parquet) and is what errors call it. Throws LATHE_LABELS_FILE. */
export async function openLabelFile(path: string, name: string): Promise<LabelFile> {
  const fail = (thrown: unknown): never => {
    if (thrown instanceof LatheError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message.replaceAll(path, name) : String(thrown);
    throw new LatheError('LATHE_LABELS_FILE', { file: name, reason });
  };
  const parquet = await isParquet(path);
  const file = await (parquet ? parquetFile(path) : csvFile(path)).catch(fail);
  if (file.columns.length > MOST_COLUMNS)
    throw new LatheError('LATHE_LABELS_FILE', {
      file: name,
      reason: `it has ${file.columns.length} columns`,
    });
  return {
    columns: file.columns,
    async *read(columns) {
      const missing = columns.find((column) => !file.columns.includes(column));
      if (missing !== undefined)
        throw new LatheError('LATHE_LABELS_COLUMN', {
          ...{ file: name, column: missing },
          columns: file.columns.slice(0, 20).join(', ') || 'none',
        });
      try {
        yield* file.read(columns);
      } catch (thrown) {
        fail(thrown);
      }
    },
  };
}

/** By its first bytes: a name may lie. */
async function isParquet(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === 'PAR1';
  } finally {
    await file.close();
  }
}

async function parquetFile(path: string): Promise<LabelFile> {
  const file = await openParquetRows<Record<string, unknown>>(path);
  return {
    columns: file.columns,
    async *read(columns) {
      for (const part of file.groups.flat()) {
        const rows = await file.read(part, columns);
        for (let from = 0; from < rows.length; from += BATCH) {
          const some = rows.slice(from, from + BATCH);
          const done = part.start + from + some.length;
          yield {
            rows: some.map((row) => columns.map((column) => cellText(row[column]))),
            share: done / file.rows,
          };
        }
      }
    },
  };
}

async function csvFile(path: string): Promise<LabelFile> {
  const header = await firstLine(path);
  // What stands between cells: what the header has most of.
  const [delimiter = ','] = [',', ';', '\t'].toSorted(
    (a, b) => header.split(b).length - header.split(a).length,
  );
  const options = {
    bom: true,
    delimiter,
    trim: true,
    skip_empty_lines: true,
    max_record_size: MOST_ROW_BYTES,
  };
  const [columns = []] = parseText(header, options) as string[][];
  if (columns.length === 0 || columns.every((name) => name === '')) throw new Error('it has no header');
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`it has two columns named ${twice}`);
  return {
    columns,
    async *read(wanted) {
      const { size } = await stat(path);
      const stream = createReadStream(path);
      const parser = stream.pipe(parse({ ...options, from: 2 }));
      stream.on('error', (thrown) => parser.destroy(thrown));
      const places = wanted.map((column) => columns.indexOf(column));
      let rows: string[][] = [];
      try {
        for await (const cells of parser as AsyncIterable<string[]>) {
          rows.push(places.map((at) => cells[at] ?? ''));
          if (rows.length < BATCH) continue;
          yield { rows, share: stream.bytesRead / size };
          rows = [];
        }
        if (rows.length > 0) yield { rows, share: 1 };
      } finally {
        stream.destroy();
      }
    },
  };
}

/** The header with a possible mark of byte order before it; a line break within a quoted name ends it too soon, and the parser says so. */
async function firstLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_ROW_BYTES), 0, MOST_ROW_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    return text.split(/\r\n|\r|\n/, 1)[0] ?? '';
  } finally {
    await file.close();
  }
}

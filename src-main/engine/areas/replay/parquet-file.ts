/** A Parquet file as rows in order, a part at a time, so that a large file never lies in memory whole. */
import { basename } from 'node:path';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { LatheError } from '../../../contract/errors.ts';
import { type FileShape, labelColumn, type RawRow, toNumber } from './replay.rules.ts';

/** Writers make row groups of 10,000 rows or of a million: parts are never larger than this. */
const PART_ROWS = 10_000;

type Part = {
  start: number;
  rows: number /** Time of its last row; null without times. */;
  lastMs: number | null;
};

export type ParquetFile = {
  shape: FileShape;
  /** First and last value of the time column; null without one. */
  span: { firstMs: number; lastMs: number } | null;
  parts: readonly Part[];
  /** Rows of one part, with the named columns that the file has. Throws LATHE_REPLAY_NOT_PARQUET. */
  read(part: number, columns: readonly string[]): Promise<RawRow[]>;
};

/** `name` is what errors call it. Throws LATHE_REPLAY_NOT_PARQUET. */
export async function openParquet(path: string, name = basename(path)): Promise<ParquetFile> {
  const readable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message.replaceAll(path, name) : String(thrown);
      throw new LatheError('LATHE_REPLAY_NOT_PARQUET', { file: name, reason });
    }
  };
  return readable(async () => {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = metadata.schema.slice(1).flatMap((field) => (field.num_children ? [] : [field.name]));
    const groups = partsByGroup(metadata);
    const span = columns.includes('scheduled_ms') ? await timeSpan(file, metadata, groups) : null;
    const parts = groups.flat();
    const time = span === null ? null : ('scheduled_ms' as const);
    return {
      shape: { columns, rows: Number(metadata.num_rows), time, label: labelColumn(columns) },
      span,
      parts,
      read: (at, wanted) =>
        readable(async () => {
          const part = parts[at];
          return part
            ? rowsOf(
                file,
                metadata,
                part,
                wanted.filter((column) => columns.includes(column)),
              )
            : [];
        }),
    };
  });
}

function partsByGroup(metadata: FileMetaData): Part[][] {
  let start = 0;
  return metadata.row_groups.map((group) => {
    const end = start + Number(group.num_rows);
    const parts: Part[] = [];
    for (; start < end; start += PART_ROWS)
      parts.push({ start, rows: Math.min(PART_ROWS, end - start), lastMs: null });
    start = end;
    return parts;
  });
}

const rowsOf = (
  file: AsyncBuffer,
  metadata: FileMetaData,
  { start, rows }: Pick<Part, 'start' | 'rows'>,
  columns: string[],
) =>
  parquetReadObjects({ file, metadata, columns, rowStart: start, rowEnd: start + rows }) as Promise<RawRow[]>;

/** Null when times are missing somewhere or go back: such a file is paced evenly. Fills in `lastMs`. */
async function timeSpan(
  file: AsyncBuffer,
  metadata: FileMetaData,
  groups: readonly Part[][],
): Promise<{ firstMs: number; lastMs: number } | null> {
  let firstMs: number | null = null;
  let last = Number.NEGATIVE_INFINITY;
  for (const parts of groups) {
    const start = parts[0]?.start ?? 0;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const times = await rowsOf(file, metadata, { start, rows }, ['scheduled_ms']);
    for (const { scheduled_ms: value } of times) {
      const ms = value == null ? Number.NaN : toNumber(value);
      if (!(ms >= last) || ms < 0) return null;
      firstMs ??= ms;
      last = ms;
    }
    for (const part of parts) part.lastMs = toNumber(times[part.start + part.rows - 1 - start]?.scheduled_ms);
  }
  return firstMs === null ? null : { firstMs, lastMs: last };
}

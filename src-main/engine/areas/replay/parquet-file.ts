/** A Parquet file as rows in order, a row group at a time, so that a large file never lies in memory whole. */
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

export type ParquetFile = {
  shape: FileShape;
  /** First and last value of the time column; null without one. */
  span: { firstMs: number; lastMs: number } | null;
  groups: readonly { start: number; rows: number; lastMs: number | null }[];
  read(group: number): Promise<RawRow[]>;
};

/** `name` is what errors call it. Throws LATHE_REPLAY_NOT_PARQUET. */
export async function openParquet(path: string, name = basename(path)): Promise<ParquetFile> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    return await readLayout(file, metadata);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.replaceAll(path, name) : String(thrown);
    throw new LatheError('LATHE_REPLAY_NOT_PARQUET', { file: name, reason });
  }
}

async function readLayout(file: AsyncBuffer, metadata: FileMetaData): Promise<ParquetFile> {
  const columns = metadata.schema.slice(1).flatMap((field) => (field.num_children ? [] : [field.name]));
  const starts: { start: number; rows: number; lastMs: number | null }[] = [];
  let start = 0;
  for (const group of metadata.row_groups) {
    starts.push({ start, rows: Number(group.num_rows), lastMs: null });
    start += Number(group.num_rows);
  }
  const span = columns.includes('scheduled_ms') ? await timeSpan(file, metadata, starts) : null;
  const time = span === null ? null : 'scheduled_ms';
  return {
    shape: { columns, rows: start, time, label: labelColumn(columns) },
    span,
    groups: starts,
    read: async (at) => {
      const group = starts[at];
      if (!group) return [];
      return parquetReadObjects({
        file,
        metadata,
        rowStart: group.start,
        rowEnd: group.start + group.rows,
      }) as Promise<RawRow[]>;
    },
  };
}

/** Null when the times are missing somewhere or go back: such a file is paced evenly. Fills in `lastMs`. */
async function timeSpan(
  file: AsyncBuffer,
  metadata: FileMetaData,
  groups: { start: number; rows: number; lastMs: number | null }[],
): Promise<{ firstMs: number; lastMs: number } | null> {
  let firstMs: number | null = null;
  let last = Number.NEGATIVE_INFINITY;
  for (const group of groups) {
    const rows = (await parquetReadObjects({
      file,
      metadata,
      columns: ['scheduled_ms'],
      rowStart: group.start,
      rowEnd: group.start + group.rows,
    })) as RawRow[];
    for (const row of rows) {
      const ms = row.scheduled_ms == null ? Number.NaN : toNumber(row.scheduled_ms);
      if (!(ms >= last) || ms < 0) return null;
      firstMs ??= ms;
      last = ms;
    }
    group.lastMs = last;
  }
  return firstMs === null ? null : { firstMs, lastMs: last };
}

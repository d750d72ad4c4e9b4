/** The Parquet file of a replay: its rows a part at a time, and the time that they span. */
import { basename } from 'node:path';
import { LatheError } from '../../../contract/errors.ts';
import { openParquetRows, type ParquetRows, type Part as RowPart } from '../../data/parquet-rows.ts';
import { type FileShape, labelColumn, type RawRow, toNumber } from './replay.rules.ts';

/** `lastMs`: time of its last row; null without times. */
type Part = RowPart & { lastMs: number | null };

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
    const file = await openParquetRows<RawRow>(path);
    const { columns } = file;
    const groups = file.groups.map((parts) => parts.map((part): Part => ({ ...part, lastMs: null })));
    const span = columns.includes('scheduled_ms') ? await timeSpan(file, groups) : null;
    const parts = groups.flat();
    const time = span === null ? null : ('scheduled_ms' as const);
    return {
      shape: { columns, rows: file.rows, time, label: labelColumn(columns) },
      span,
      parts,
      read: (at, wanted) =>
        readable(async () => {
          const part = parts[at];
          return part ? file.read(part, wanted) : [];
        }),
    };
  });
}

/** Null when times are missing somewhere or go back: such a file is paced evenly. Fills in `lastMs`. */
async function timeSpan(
  file: ParquetRows<RawRow>,
  groups: readonly Part[][],
): Promise<{ firstMs: number; lastMs: number } | null> {
  let firstMs: number | null = null;
  let last = Number.NEGATIVE_INFINITY;
  for (const parts of groups) {
    const start = parts[0]?.start ?? 0;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const times = await file.read({ start, rows }, ['scheduled_ms']);
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

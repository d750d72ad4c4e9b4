/** A Parquet file as rows in order, a part at a time, so that a large file never lies in memory whole. */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';

/** Writers make row groups of 10,000 rows or of a million: parts are never larger than this. */
const PART_ROWS = 10_000;

export type Part = { start: number; rows: number };
export type ParquetRows<Row> = {
  columns: string[];
  rows: number;
  /** By row group. */
  groups: Part[][];
  /** Of the named columns, those that the file has. */
  read(part: Part, columns: readonly string[]): Promise<Row[]>;
};

/** Throws what the parser throws; what it says may name the path. */
export async function openParquetRows<Row>(path: string): Promise<ParquetRows<Row>> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = metadata.schema.slice(1).flatMap((field) => (field.num_children ? [] : [field.name]));
  return {
    columns,
    rows: Number(metadata.num_rows),
    groups: partsByGroup(metadata),
    read: (part, wanted) =>
      rowsOf<Row>(
        file,
        metadata,
        part,
        wanted.filter((column) => columns.includes(column)),
      ),
  };
}

function partsByGroup(metadata: FileMetaData): Part[][] {
  let start = 0;
  return metadata.row_groups.map((group) => {
    const end = start + Number(group.num_rows);
    const parts: Part[] = [];
    for (; start < end; start += PART_ROWS) parts.push({ start, rows: Math.min(PART_ROWS, end - start) });
    start = end;
    return parts;
  });
}

const rowsOf = <Row>(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { start, rows }: Part,
  columns: string[],
): Promise<Row[]> =>
  parquetReadObjects({ file, metadata, columns, rowStart: start, rowEnd: start + rows }) as Promise<Row[]>;

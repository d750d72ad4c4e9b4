/** What the log's files are called and made of. Pure. */
import type { Datatype, FeatureValue } from '../../../contract/common.ts';
import type { CaptureSettings } from '../../../contract/monitoring.ts';

/** Rows are moved to a file when so many are hot, or the oldest has been hot for so long. */
export const HOT_ROWS = 20_000;
export const HOT_MS = 10 * 60_000;
/** Rows that are moved in one go, and the time that a file may cover when others are added to it. */
export const BATCH_ROWS = 20_000;
export const FILE_SPAN_MS = 24 * 3_600_000;

const DEFAULT_KEEP_BYTES = 2_000_000_000;

/** What an endpoint without settings of its own has. */
export const defaultCapture = (retentionDays: number): CaptureSettings => ({
  masked: [],
  keepDays: retentionDays,
  keepBytes: DEFAULT_KEEP_BYTES,
});

/**
 * Columns of a log file that are not features. No feature can have their names: `$` is not a letter of an input's name.
 * Times are integer milliseconds UTC.
 */
export const META = ['$seq', '$event_ms', '$received_ms', '$arm', '$version', '$score'] as const;
export const META_TYPES = ['BIGINT', 'BIGINT', 'BIGINT', 'VARCHAR', 'INTEGER', 'DOUBLE'] as const;

export type ColumnType = 'BOOLEAN' | 'BIGINT' | 'DOUBLE' | 'VARCHAR';

/** How a feature is kept, by the type that its model reads. */
export function columnType(datatype: Datatype | undefined): ColumnType | null {
  if (datatype === undefined) return null;
  if (datatype === 'BOOL') return 'BOOLEAN';
  if (datatype === 'BYTES') return 'VARCHAR';
  return datatype.startsWith('FP') || datatype === 'BF16' ? 'DOUBLE' : 'BIGINT';
}

/** The input of a feature: of a matrix x they are x[0], x[1], … */
export const inputOf = (feature: string): string => feature.replace(/\[\d+\]$/, '');

/**
 * The type that holds all the values: `wished` when they fit, else the first of BIGINT, DOUBLE, VARCHAR that does. Without
 * a wish it is what the values are.
 */
export function typeFor(values: Iterable<FeatureValue | undefined>, wished: ColumnType | null): ColumnType {
  let type = wished;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const own = typeOf(value);
    if (type === null || type === own) type = own;
    else if (type === 'VARCHAR' || own === 'VARCHAR' || type === 'BOOLEAN' || own === 'BOOLEAN')
      return 'VARCHAR';
    else type = 'DOUBLE';
  }
  return type ?? 'VARCHAR';
}

function typeOf(value: string | number | boolean): ColumnType {
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'BIGINT' : 'DOUBLE';
  return Object.hasOwn(NOT_FINITE, value) ? 'DOUBLE' : 'VARCHAR';
}

/** JSON has no such numbers: they are logged as text. */
const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The value as a column of that type has it; values of other types are kept as the text that JSON has of them. */
export function storedAs(value: FeatureValue | undefined, type: ColumnType): FeatureValue {
  if (value === null || value === undefined) return null;
  if (type === 'VARCHAR') return typeof value === 'string' ? value : JSON.stringify(value);
  return type === 'DOUBLE' && typeof value === 'string' ? (NOT_FINITE[value] ?? null) : value;
}

/**
 * The column of each feature: its name, unless another one differs in case only, which DuckDB would take for the same;
 * such columns carry their name's bytes as well.
 */
export function columnNames(features: readonly string[]): Map<string, string> {
  const seen = new Map<string, number>();
  for (const name of features) seen.set(name.toLowerCase(), (seen.get(name.toLowerCase()) ?? 0) + 1);
  return new Map(
    features.map((name) => [
      name,
      seen.get(name.toLowerCase()) === 1 ? name : `${name}$${Buffer.from(name).toString('hex')}`,
    ]),
  );
}

/** The feature that a column is of; null for a column of the log's own. */
export function featureOf(column: string): string | null {
  if (column.startsWith('$')) return null;
  const cut = column.lastIndexOf('$');
  if (cut < 0) return column;
  const name = column.slice(0, cut);
  return Buffer.from(name).toString('hex') === column.slice(cut + 1) ? name : column;
}

/** Which files go, oldest first: those past their days, then as many as are above the bytes. */
export function filesToDrop<File extends { receivedMs: number; bytes: number }>(
  files: readonly File[],
  settings: Pick<CaptureSettings, 'keepDays' | 'keepBytes'>,
  nowMs: number,
): File[] {
  const before = nowMs - settings.keepDays * 86_400_000;
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [...files]
    .sort((a, b) => a.receivedMs - b.receivedMs)
    .filter((file) => {
      if (file.receivedMs >= before && bytes <= settings.keepBytes) return false;
      bytes -= file.bytes;
      return true;
    });
}

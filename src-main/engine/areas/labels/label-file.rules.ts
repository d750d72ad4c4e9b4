/** Label files: which column is which, and what a cell says. Pure. */
import type { LabelPreview } from '../../../contract/labels.ts';

/** Names that people give such columns, lower case, without anything but letters and digits; first fit wins. */
const NAMES = {
  predictionId: ['predictionid', 'requestid', 'inferenceid', 'id'],
  entity: ['entity', 'unit', 'entityid', 'userid', 'customerid', 'key'],
  atMs: ['atms', 'at', 'labelledms', 'eventms', 'timestamp', 'time', 'observedat', 'date'],
  label: ['label', 'truth', 'actual', 'groundtruth', 'target', 'outcome', 'y'],
} as const;

export function guessColumns(columns: readonly string[]): LabelPreview['guess'] {
  const plain = columns.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const find = (names: readonly string[]): string | null => {
    for (const name of names) {
      const at = plain.indexOf(name);
      if (at >= 0) return columns[at] as string;
    }
    return null;
  };
  return {
    predictionId: find(NAMES.predictionId),
    entity: find(NAMES.entity),
    atMs: find(NAMES.atMs),
    label: find(NAMES.label),
  };
}

/** A cell as text; what is missing is ''. Times are milliseconds. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return String(value.getTime());
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value).trim();
}

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Milliseconds since 1970, or an ISO 8601 time (UTC where it names no zone); null for anything else. */
export function timeOf(cell: string): number | null {
  if (/^\d{1,16}(?:\.\d+)?$/.test(cell)) return Math.round(Number(cell));
  const found = ISO.exec(cell);
  if (!found) return null;
  const zoned = found[1] !== undefined || cell.length === 10 ? cell : `${cell}Z`;
  const ms = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}

/** The cells of one row; `row` counts from 1, without the header. */
export type LabelCells = { row: number; key: string; at: string; label: string };
export type LabelRow = { row: number; key: string; atMs: number | null; label: string };

const MOST_KEY = { id: 64, entity: 256 } as const;
const MOST_LABEL = 200;

/** What the row says, or why it says nothing. `at`: whether there is a column of times, which then has to have one. */
export function labelRow(
  { row, key, at, label }: LabelCells,
  by: 'id' | 'entity',
  timed: boolean,
): LabelRow | { row: number; reason: string } {
  const no = (reason: string) => ({ row, reason });
  if (key === '') return no(by === 'id' ? 'it has no prediction id' : 'it has no entity');
  if (key.length > MOST_KEY[by]) return no(`its ${by} has more than ${MOST_KEY[by]} characters`);
  if (label === '') return no('it has no label');
  if (label.length > MOST_LABEL) return no(`its label has more than ${MOST_LABEL} characters`);
  const atMs = timed ? timeOf(at) : null;
  if (timed && atMs === null)
    return no(`${JSON.stringify(at.slice(0, 40))} is no time (milliseconds since 1970, or ISO 8601)`);
  return { row, key, atMs, label };
}

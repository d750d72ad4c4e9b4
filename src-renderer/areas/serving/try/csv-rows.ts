/** Rows pasted as CSV, with or without a header, as a request of so many rows. Pure. */
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { parseCsv } from '../../../lib/csv.ts';
import {
  bodyText,
  type Draft,
  type InferInput,
  parseValue,
  rowWidth,
  unsendable,
  type Value,
  valueName,
  withUnit,
} from './request-body.ts';

export const MOST_ROWS = 1_000;
const MOST_COLUMNS = 4_096;

/** The columns that a row of the model has, in the order of the signature; null where a row's size is free. */
export function columnsOf(specs: readonly TensorSpec[]): string[] | null {
  const names: string[] = [];
  for (const spec of specs) {
    const width = rowWidth(spec);
    if (width === null || (spec.shape[0] ?? 0) >= 0 || names.length + width > MOST_COLUMNS) return null;
    for (let at = 0; at < width; at++) names.push(valueName(spec.name, at, width));
  }
  return names;
}

/** The character between values: the one that the first line has most of. */
export function separatorOf(text: string): string {
  const line = text.slice(0, text.search(/\r?\n|$/));
  const count = (sign: string) => line.split(sign).length;
  return ['\t', ';', ','].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
}

export function csvDraft(specs: readonly TensorSpec[], text: string, unit: string): Draft {
  const columns = columnsOf(specs);
  if (!columns)
    return { problem: 'A row of this model has no fixed number of values; use the form or JSON.' };
  for (const { name, datatype } of specs) {
    const cannot = unsendable(datatype);
    if (cannot) return { problem: `${name}: ${cannot}` };
  }
  const lines = parseCsv(text.trim(), separatorOf(text.trim()), MOST_ROWS + 2).filter((row) =>
    row.some((cell) => cell.trim() !== ''),
  );
  const [first] = lines;
  if (!first) return { problem: 'Paste a row: its values between commas, semicolons or tabs.' };
  const order = orderOf(first, columns);
  if ('problem' in order) return order;
  const rows = order.header ? lines.slice(1) : lines;
  if (rows.length === 0) return { problem: 'There is a header and no row under it.' };
  if (rows.length > MOST_ROWS) return { problem: `At most ${MOST_ROWS} rows are sent from here.` };
  const inputs: InferInput[] = [];
  let column = 0;
  for (const spec of specs) {
    const width = rowWidth(spec) ?? 1;
    const data: Value[] = [];
    for (const [at, row] of rows.entries())
      for (let offset = 0; offset < width; offset++) {
        const place = order.places[column + offset] ?? -1;
        const cell = row[place];
        const where = `Row ${at + 1}, ${columns[column + offset]}`;
        if (cell === undefined) return { problem: `${where}: the row has only ${row.length} values.` };
        const parsed = parseValue(spec.datatype, cell);
        if ('problem' in parsed) return { problem: `${where}: ${parsed.problem}` };
        data.push(parsed.value);
      }
    inputs.push({
      name: spec.name,
      shape: [rows.length, ...spec.shape.slice(1)],
      datatype: spec.datatype,
      data,
    });
    column += width;
  }
  return { text: bodyText(withUnit(inputs, unit)), rows: rows.length };
}

type Order = { header: boolean; places: number[] } | { problem: string };

/** A first line that names an input is a header, and columns that the model does not know are left out. */
function orderOf(first: readonly string[], columns: readonly string[]): Order {
  const given = first.map((cell) => cell.trim());
  if (!given.some((cell) => columns.includes(cell))) {
    if (given.length === columns.length) return { header: false, places: columns.map((_, at) => at) };
    return {
      problem: `Without a header a row needs ${columns.length} values in the order of the signature, and it has ${given.length}.`,
    };
  }
  const missing = columns.filter((name) => !given.includes(name));
  if (missing.length > 0) {
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    return { problem: `The header lacks ${missing.slice(0, 5).join(', ')}${more}.` };
  }
  return { header: true, places: columns.map((name) => given.indexOf(name)) };
}

/** Rows as CSV (RFC 4180), and back. Pure, but for saving. */
import { saveBlob } from './save.ts';

type Value = string | number | null;

/** For a file: with a byte order mark, so that spreadsheets read UTF-8. */
export const toCsv = (header: readonly string[], rows: readonly (readonly Value[])[]): string =>
  `\uFEFF${csvLines([header, ...rows])}`;

/** For the clipboard. */
export const csvLines = (rows: readonly (readonly Value[])[]): string =>
  rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');

/** The first rows of CSV text; `separator` is one character. Quotes may hold it, line ends and doubled quotes. */
export function parseCsv(text: string, separator: string, mostRows: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length && rows.length < mostRows) {
    let value = '';
    if (text[at] === '"') {
      for (at += 1; at < text.length; at++) {
        if (text[at] !== '"') value += text[at];
        else if (text[at + 1] === '"') value += text[at++];
        else break;
      }
      at += 1;
    }
    const begin = at;
    while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1;
    row.push(value + text.slice(begin, at));
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end is followed by one more, empty, value.
      if (at < text.length) continue;
      row.push('');
    }
    rows.push(row);
    row = [];
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
  }
  return rows;
}

function field(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=@\t\r]|^[+-](?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offers the text as a file; the person chooses where. */
export const saveText = (fileName: string, text: string, type = 'text/csv'): void =>
  saveBlob(fileName, new Blob([text], { type }));

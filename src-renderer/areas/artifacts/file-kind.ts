/** How a text is shown, by its name and what it holds. Pure. */
import { parseCsv } from '../../lib/csv.ts';

export type TextView =
  | { kind: 'text' }
  | { kind: 'patch' }
  | { kind: 'table'; header: string[]; rows: string[][]; moreRows: boolean; moreColumns: boolean }
  | { kind: 'json'; formatted: string };

const MOST_ROWS = 200;
const MOST_COLUMNS = 50;
/** Longer ones would hold up the page while they are written anew. */
const MOST_JSON = 256 * 1024;

export function viewOfText(path: string, text: string, isWhole: boolean): TextView {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (extension === 'patch' || extension === 'diff') return { kind: 'patch' };
  if (extension === 'csv' || extension === 'tsv') return tableOf(text, extension, isWhole);
  if (extension === 'json' && isWhole && text.length <= MOST_JSON) return jsonOf(text);
  return { kind: 'text' };
}

function tableOf(text: string, extension: string, isWhole: boolean): TextView {
  const firstLine = text.split('\n', 1)[0] ?? '';
  const separator =
    extension === 'tsv' ? '\t' : firstLine.includes(';') && !firstLine.includes(',') ? ';' : ',';
  const all = parseCsv(text, separator, MOST_ROWS + 2);
  const [header, ...rows] = all;
  if (!header || rows.length === 0) return { kind: 'text' };
  const shown = rows.slice(0, MOST_ROWS);
  // The end of a beginning may be half a row.
  if (!isWhole && shown.length === rows.length) shown.pop();
  return {
    kind: 'table',
    header: header.slice(0, MOST_COLUMNS),
    rows: shown.map((row) => row.slice(0, MOST_COLUMNS)),
    moreRows: !isWhole || rows.length > MOST_ROWS,
    moreColumns: header.length > MOST_COLUMNS,
  };
}

function jsonOf(text: string): TextView {
  try {
    const formatted = JSON.stringify(JSON.parse(text), null, 2);
    return formatted === text.trimEnd() ? { kind: 'text' } : { kind: 'json', formatted };
  } catch {
    return { kind: 'text' };
  }
}

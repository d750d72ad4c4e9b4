/** A model's input example as MLflow saves it, made ready to look at. Never throws. Pure. */
import type { InputExample } from '../../../contract/models.ts';

const MOST_ROWS = 20;
const MOST_COLUMNS = 200;
const MOST_TEXT = 20_000;

/** Tables as tables (pandas' `split` orientation, or a list of records), anything else as its text. */
export function readInputExample(text: string): InputExample {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return asText(text);
  }
  const table = splitTable(value) ?? recordTable(value);
  return table ?? asText(JSON.stringify(value, null, 2));
}

const asText = (text: string): InputExample => ({
  columns: [],
  rows: [],
  more: 0,
  text: text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)} …` : text,
});

const cell = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function splitTable(value: unknown): InputExample | null {
  const { columns, data } = (value ?? {}) as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return null;
  const shown = columns.slice(0, MOST_COLUMNS);
  return {
    columns: shown.map(cell),
    rows: data.slice(0, MOST_ROWS).map((row) => shown.map((_, at) => cell((row as unknown[])[at]))),
    more: Math.max(0, data.length - MOST_ROWS),
    text: null,
  };
}

function recordTable(value: unknown): InputExample | null {
  const isRecord = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return null;
  const records = value as Record<string, unknown>[];
  const names = [...new Set(records.slice(0, MOST_ROWS).flatMap(Object.keys))].slice(0, MOST_COLUMNS);
  return {
    columns: names,
    rows: records.slice(0, MOST_ROWS).map((record) => names.map((name) => cell(record[name]))),
    more: Math.max(0, records.length - MOST_ROWS),
    text: null,
  };
}

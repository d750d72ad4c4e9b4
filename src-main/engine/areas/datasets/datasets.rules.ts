/** What clients say of datasets, read as columns and facts. Never throws. Pure. */

import type { z } from 'zod';
import type { DatasetColumn } from '../../../contract/datasets.ts';

type Column = z.infer<typeof DatasetColumn>;
type Given = Record<string, unknown>;

const MOST_COLUMNS = 1_000;
const MOST_FACTS = 30;

function parse(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * MLflow writes columns as `mlflow_colspec` and arrays as `mlflow_tensorspec`; a training profile of Lathe lists
 * its features.
 */
export function columnsOf(schema: string | null, profile: string | null): Column[] {
  const given = parse(schema);
  if (isObject(given) && Array.isArray(given.mlflow_colspec)) return listed(given.mlflow_colspec);
  if (isObject(given) && isObject(given.mlflow_tensorspec)) return tensors(given.mlflow_tensorspec);
  const features = parse(profile);
  if (Array.isArray(features)) return listed(features);
  return [];
}

const listed = (columns: readonly unknown[]): Column[] =>
  columns
    .slice(0, MOST_COLUMNS)
    .filter(isObject)
    .map((column) => ({
      name: String(column.name ?? column.feature ?? ''),
      type: String(column.type ?? column.kind ?? ''),
    }));

function tensors(spec: Given): Column[] {
  const found: Column[] = [];
  for (const [role, value] of Object.entries(spec)) {
    const parts = typeof value === 'string' ? parse(value) : value;
    const named = Array.isArray(parts) ? parts : isObject(parts) ? Object.values(parts) : [];
    for (const part of named.flat().filter(isObject)) {
      const tensor = isObject(part['tensor-spec']) ? part['tensor-spec'] : {};
      const shape = Array.isArray(tensor.shape) ? ` [${tensor.shape.join(', ')}]` : '';
      found.push({
        name: String(part.name ?? role),
        type: `${String(tensor.dtype ?? part.type ?? '')}${shape}`,
      });
    }
  }
  return found.slice(0, MOST_COLUMNS);
}

const WORDS: Record<string, string> = {
  num_rows: 'Rows',
  num_elements: 'Elements',
  num_bytes: 'Bytes',
  num_files: 'Files',
};

/** The plain values of a profile, in words where they are known. */
export function profileFacts(profile: string | null): { label: string; value: string }[] {
  const given = parse(profile);
  if (!isObject(given)) return [];
  return Object.entries(given)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, MOST_FACTS)
    .map(([key, value]) => ({
      label: WORDS[key] ?? key,
      value: typeof value === 'number' ? value.toLocaleString('en') : String(value),
    }));
}

/** `{"uri": "data/a.parquet"}` is `data/a.parquet`; what is no such text stays as it is. */
export function sourceText(source: string): string {
  const given = parse(source);
  const place = isObject(given) ? (given.uri ?? given.path ?? given.url) : null;
  return typeof place === 'string' ? place : source;
}

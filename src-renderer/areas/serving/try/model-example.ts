/** The input example that came with a model, as the values of one row. Pure. */
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import type { InputExample } from '../../../../src-main/contract/models.ts';
import { type Features, rowWidth, valueName } from './request-body.ts';

/** Null when it does not speak of this model's inputs. */
export function exampleFeatures(example: InputExample | null, specs: readonly TensorSpec[]): Features | null {
  if (!example) return null;
  const [first] = example.rows;
  if (first && example.columns.length > 0) {
    const named = Object.fromEntries(example.columns.map((name, at) => [name, first[at] ?? null]));
    if (specs.some(({ name }) => name in named)) return named;
    const [only] = specs;
    // A table of numbered columns is the one matrix that the model takes.
    return only && specs.length === 1 && rowWidth(only) === first.length ? flat(only.name, first) : null;
  }
  const [only] = specs;
  if (example.text === null || !only || specs.length !== 1) return null;
  try {
    let row: unknown = JSON.parse(example.text);
    while (Array.isArray(row) && Array.isArray(row[0])) row = row[0];
    if (Array.isArray(row) && row.length === rowWidth(only)) return flat(only.name, row.map(String));
  } catch {
    // Cut off or no JSON: there is nothing to start from.
  }
  return null;
}

const flat = (name: string, values: readonly string[]): Features =>
  Object.fromEntries(values.map((value, at) => [valueName(name, at, values.length), value]));

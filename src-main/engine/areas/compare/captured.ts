/** What `lathe run` and MLflow's client say of the code and the machine, as rows with names for people. Pure. */
import { CAPTURED_TAGS, VARIABLE_TAG } from '../../../contract/captured-tags.ts';
import type { CompareRow, CompareSection } from '../../../contract/compare.ts';

export type Value = string | number | null;

type Place = readonly [CompareSection, string];

/** `tags` of all runs; `runs` is how many there are. */
export function capturedRows(
  tags: readonly { key: string; at: number; value: string }[],
  runs: number,
): CompareRow[] {
  const named = new Map<string, Value[]>();
  for (const { key, at, value } of tags) {
    const values = named.get(key) ?? new Array<Value>(runs).fill(null);
    values[at] = value;
    named.set(key, values);
  }
  const rows = new Map<string, { place: Place; values: Value[] }>();
  const add = (place: Place, values: readonly Value[]) => {
    const name = place.join('\n');
    const known = rows.get(name)?.values;
    rows.set(name, { place, values: values.map((value, at) => known?.[at] ?? value) });
  };
  for (const [tag, part, name] of CAPTURED_TAGS) {
    const values = named.get(tag);
    if (values) add([part, name], values);
  }
  for (const [key, values] of [...named].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (key.startsWith(VARIABLE_TAG)) add(['environment', key.slice(VARIABLE_TAG.length)], values);
  return [...rows.values()].map(({ place: [section, key], values }) => toRow(section, key, values));
}

/** A row of values by the runs' places. */
export function toRow(
  section: CompareSection,
  key: string,
  values: readonly Value[],
  unit: CompareRow['unit'] = null,
): CompareRow {
  const cells: Record<number, Value> = {};
  for (const [at, value] of values.entries()) if (value !== null) cells[at] = value;
  const differs = values.some((value) => value !== values[0]);
  return { section, key, unit, cells: JSON.stringify(cells), differs };
}

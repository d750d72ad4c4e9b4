/** What `lathe run` and MLflow's client say of the code and the machine, as rows with names for people. Pure. */
import type { CompareRow, CompareSection } from '../../../contract/compare.ts';

export type Value = string | number | null;

type Place = readonly [CompareSection, string];
/** In the order of the rows. Of two tags that say the same thing the first one that a run has counts. */
const TAGS: readonly (readonly [tag: string, place: Place])[] = [
  ['lathe.code.commit', ['code', 'Commit']],
  ['mlflow.source.git.commit', ['code', 'Commit']],
  ['lathe.code.branch', ['code', 'Branch']],
  ['mlflow.source.git.branch', ['code', 'Branch']],
  ['lathe.code.changes', ['code', 'Uncommitted changes']],
  ['lathe.code.missing', ['code', 'Not captured']],
  ['lathe.code.remote', ['code', 'Repository']],
  ['mlflow.source.git.repoURL', ['code', 'Repository']],
  ['mlflow.source.name', ['code', 'Entry point']],
  ['lathe.command', ['code', 'Command']],
  ['lathe.cwd', ['code', 'Folder']],
  ['lathe.exit', ['code', 'Exit']],
  ['lathe.interpreter', ['environment', 'Interpreter']],
  ['lathe.interpreter.path', ['environment', 'Interpreter path']],
  ['lathe.os', ['environment', 'System']],
  ['lathe.cpu', ['environment', 'CPU']],
  ['lathe.memory', ['environment', 'Memory']],
  ['lathe.gpu', ['environment', 'GPU']],
  ['lathe.gpu.driver', ['environment', 'GPU driver']],
  ['lathe.host', ['environment', 'Machine']],
];
const ENVIRONMENT = 'lathe.env.';

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
  for (const [tag, place] of TAGS) {
    const values = named.get(tag);
    if (values) add(place, values);
  }
  for (const [key, values] of [...named].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (key.startsWith(ENVIRONMENT)) add(['environment', key.slice(ENVIRONMENT.length)], values);
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

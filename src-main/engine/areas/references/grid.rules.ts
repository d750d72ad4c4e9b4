/**
 * Makes the grid that a model version is counted on, and counts a reference on it. Pure. Numeric features get at most
 * 256 cells of about the same number of rows; a value with more rows than a cell should have gets a cell of its own, an
 * atom [v, nextUp(v)). Categorical ones get their 255 commonest values. The form is profile.rules.ts's of monitoring.
 */

/** As ReferenceProfile of the monitoring area has them. */
export type NumericProfile = {
  kind: 'numeric';
  name: string;
  edges: number[];
  counts: number[];
  below: number;
  above: number;
  missing: number;
  mean: number | null;
};
export type CategoricalProfile = {
  kind: 'categorical';
  name: string;
  categories: [string, number][];
  other: number;
  missing: number;
  /** All values behind `other`; null when they are too many to be kept. */
  known: string[] | null;
};
export type FeatureProfile = NumericProfile | CategoricalProfile;
export type Profile = {
  schema: 1;
  rows: number;
  features: FeatureProfile[];
  predictionRows: number;
  prediction: NumericProfile | null;
};

export const MOST_CELLS = 256;
export const MOST_CATEGORIES = 255;
const KNOWN_CATEGORIES = 10_000;

/** `values`: ascending and finite, at least one. `missing`: rows without such a value. */
export function numericProfile(name: string, values: Float64Array, missing: number): NumericProfile {
  const edges = edgesOf(values);
  const { counts } = countOn(edges, values);
  return { kind: 'numeric', name, edges, counts, below: 0, above: 0, missing, mean: meanOf(values) };
}

/** The same values on the edges of another profile. */
export function recountNumeric(grid: NumericProfile, values: Float64Array, missing: number): NumericProfile {
  const { counts, below, above } = countOn(grid.edges, values);
  const { name, edges } = grid;
  return {
    kind: 'numeric',
    name,
    edges,
    counts,
    below,
    above,
    missing,
    mean: values.length === 0 ? null : meanOf(values),
  };
}

/** Rows by value, without the missing ones. */
export function categoricalProfile(
  name: string,
  rows: ReadonlyMap<string, number>,
  missing: number,
): CategoricalProfile {
  const sorted = [...rows].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const listed = sorted.slice(0, MOST_CATEGORIES);
  const rest = sorted.slice(MOST_CATEGORIES);
  return {
    kind: 'categorical',
    name,
    categories: listed,
    other: rest.reduce((sum, [, count]) => sum + count, 0),
    missing,
    known: rest.length > KNOWN_CATEGORIES ? null : rest.map(([value]) => value),
  };
}

export function recountCategorical(
  grid: CategoricalProfile,
  rows: ReadonlyMap<string, number>,
  missing: number,
): CategoricalProfile {
  const categories = grid.categories.map(([value]): [string, number] => [value, rows.get(value) ?? 0]);
  const all = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const listed = categories.reduce((sum, [, count]) => sum + count, 0);
  return { ...grid, categories, other: all - listed, missing };
}

function edgesOf(values: Float64Array): number[] {
  // Atoms stand between cells, so that a first try may give more cells than there may be.
  for (let cells = MOST_CELLS; ; cells = Math.ceil(cells * 0.8)) {
    const edges = cutInto(values, cells);
    if (edges.length - 1 <= MOST_CELLS) return edges;
  }
}

/** Edges of cells that hold about 1/cells of the values each; a value with at least that many has one of its own. */
function cutInto(values: Float64Array, cells: number): number[] {
  const n = values.length;
  const enough = n / cells;
  const edges: number[] = [];
  const cut = (at: number) => {
    if (edges.length === 0 || at > (edges.at(-1) as number)) edges.push(at);
  };
  cut(values[0] as number);
  let held = 0;
  for (let at = 0; at < n; ) {
    const value = values[at] as number;
    const end = endOfRun(values, at);
    const count = end - at;
    if (count >= enough) {
      cut(value);
      cut(nextUp(value));
      held = 0;
    } else {
      if (held >= enough) {
        cut(value);
        held = 0;
      }
      held += count;
    }
    at = end;
  }
  cut(values[n - 1] as number);
  // One value in all, too few to be an atom, cannot be; but a single edge is no cell.
  if (edges.length === 1) edges.push(nextUp(edges[0] as number));
  return edges;
}

function countOn(
  edges: readonly number[],
  values: Float64Array,
): { counts: number[]; below: number; above: number } {
  const k = edges.length - 1;
  const counts: number[] = Array(k).fill(0);
  const from = firstAtLeast(values, edges[0] as number);
  const to = firstAbove(values, edges[k] as number);
  let at = from;
  for (let cell = 0; cell < k; cell++) {
    const end = cell === k - 1 ? to : Math.min(to, firstAtLeast(values, edges[cell + 1] as number));
    counts[cell] = end - at;
    at = end;
  }
  return { counts, below: from, above: values.length - to };
}

function firstAtLeast(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
const firstAbove = (values: Float64Array, x: number): number => firstAtLeast(values, nextUp(x));

function endOfRun(values: Float64Array, at: number): number {
  const value = values[at] as number;
  let end = at + 1;
  while (end < values.length && values[end] === value) end += 1;
  return end;
}

function meanOf(values: Float64Array): number {
  let mean = 0;
  for (let at = 0; at < values.length; at++) mean += ((values[at] as number) - mean) / (at + 1);
  return mean;
}

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The next larger double (IEEE 754-2019 nextUp). */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  if (!Number.isFinite(x)) return x;
  float[0] = x;
  bits[0] = (bits[0] as bigint) + (x > 0 ? 1n : -1n);
  return float[0] as number;
}

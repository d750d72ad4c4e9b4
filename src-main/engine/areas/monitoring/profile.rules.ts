/**
 * The training reference and what live values are counted on: a frozen grid per feature. Because the grid
 * never moves, a window's state is a list of counts, and merging windows, arms or messages is addition.
 */
import { z } from 'zod';
import type { FeatureValue } from '../../../contract/common.ts';

const Count = z.int().nonnegative();
/** A profile has tens of thousands of these: parsed one by one they would hold the engine's thread for 20 ms. */
const listOf = (fits: (value: number) => boolean, what: string) =>
  z.custom<number[]>((list) => Array.isArray(list) && list.every(fits), `a list of ${what} is expected`);
const Edges = listOf(Number.isFinite, 'numbers');
const Counts = listOf((value) => Number.isSafeInteger(value) && value >= 0, 'counts');

const NumericProfile = z
  .object({
    kind: z.literal('numeric'),
    name: z.string(),
    /** k+1 strictly increasing edges of k cells [e_i, e_i+1), the last one closed. A heavy value v has [v, nextUp(v)). */
    edges: Edges,
    counts: Counts,
    below: Count,
    above: Count,
    missing: Count,
    mean: z.number().nullable().default(null),
  })
  .refine(({ counts }) => counts.length > 0, 'there must be a cell')
  .refine(({ edges, counts }) => edges.length === counts.length + 1, 'one more edge than cells')
  .refine(
    (profile) => profile.edges.every((edge, at) => at === 0 || edge > (profile.edges[at - 1] as number)),
    'edges must increase',
  );

/** Further values of a reference that are told apart from unseen ones. */
export const KNOWN_CATEGORIES = 10_000;

const CategoricalProfile = z.object({
  kind: z.literal('categorical'),
  name: z.string(),
  /** Values with their counts, most frequent first. */
  categories: z.array(z.tuple([z.string(), Count])),
  /** Reference rows with a value that is not listed. */
  other: Count,
  missing: Count,
  /** All values behind `other`; null where they are not known, or too many. */
  known: z.array(z.string()).max(KNOWN_CATEGORIES).nullable().default(null),
});

export type FeatureProfile = z.infer<typeof NumericProfile> | z.infer<typeof CategoricalProfile>;

/** What a model version stores as its reference: its inputs on training rows, its score on held-out rows. */
export const ReferenceProfile = z.object({
  schema: z.literal(1),
  rows: Count,
  features: z.array(z.discriminatedUnion('kind', [NumericProfile, CategoricalProfile])),
  predictionRows: Count,
  prediction: NumericProfile.nullable(),
});
export type ReferenceProfile = z.infer<typeof ReferenceProfile>;

/** The name under which a model's score is watched beside its inputs. No input can have it: `$` is not a name. */
export const PREDICTION_FEATURE = '$prediction';

/**
 * Cells of one feature. Numeric: 0 is below the grid, 1…k its cells, then above, missing, not finite (NaN, ±∞), wrong
 * type. Categorical: 0…k−1 the listed values, then other (of the reference, not listed), missing, unseen, wrong type.
 * The last two of either were added later: shorter counts read as if they had zeros there.
 */
export type Grid = NumericGrid | CategoricalGrid;

export type NumericGrid = {
  kind: 'numeric';
  edges: Float64Array;
  size: number;
  /** The model reads 32-bit floats, so values are rounded to what it really saw before counting. */
  single: boolean;
  missing: number;
  above: number;
  notFinite: number;
  wrongType: number;
  /** Squares are summed about this value, or those of a large mean would cancel out (Chan, Golub & LeVeque 1983). */
  origin: number;
  /** Buckets of equal width over the edges: the first and the last cell that a value in the bucket can be in. */
  scale: number;
  firstCell: Uint16Array;
  lastCell: Uint16Array;
};

export type CategoricalGrid = {
  kind: 'categorical';
  index: ReadonlyMap<string, number>;
  /** Values behind `other`; null where every value that is not listed is taken for one. */
  known: ReadonlySet<string> | null;
  /** Listed values that are numbers, or true and false: others than these types can be told to be wrong. */
  numbers: boolean;
  booleans: boolean;
  size: number;
  other: number;
  missing: number;
  unseen: number;
  wrongType: number;
};

const BUCKETS = 1024;

export function gridOf(profile: FeatureProfile, single: boolean): Grid {
  if (profile.kind === 'numeric') return numericGrid(Float64Array.from(profile.edges), single);
  const { categories, other, known } = profile;
  const index = new Map(categories.map(([value], at) => [value, at] as const));
  const k = categories.length;
  const texts = categories.map(([value]) => value);
  return {
    kind: 'categorical',
    index,
    known: other === 0 ? new Set() : known && new Set(known),
    numbers: texts.some((text) => text.trim() !== '' && Number.isFinite(Number(text))),
    booleans: texts.some((text) => /^(true|false|0|1)$/i.test(text)),
    ...{ size: k + 4, other: k, missing: k + 1, unseen: k + 2, wrongType: k + 3 },
  };
}

function numericGrid(edges: Float64Array, single: boolean): NumericGrid {
  const k = edges.length - 1;
  const low = edges[0] as number;
  const width = (edges[k] as number) - low;
  // A range beyond the largest double has one bucket.
  const scale = Number.isFinite(BUCKETS / width) && Number.isFinite(width) ? BUCKETS / width : 0;
  const grid: NumericGrid = {
    ...{ kind: 'numeric', edges, single, size: k + 5, scale },
    ...{ above: k + 1, missing: k + 2, notFinite: k + 3, wrongType: k + 4 },
    origin: edges[k >> 1] as number,
    firstCell: new Uint16Array(BUCKETS + 1),
    lastCell: new Uint16Array(BUCKETS + 1).fill(k - 1),
  };
  // bucketOf rises with x, so a value in bucket b lies at or above the last edge of a bucket before b.
  let first = 0;
  let last = 0;
  for (let bucket = 0; bucket <= BUCKETS; bucket++) {
    while (first < k - 1 && bucketOf(grid, edges[first + 1] as number) < bucket) first += 1;
    while (last < k - 1 && bucketOf(grid, edges[last + 1] as number) <= bucket) last += 1;
    grid.firstCell[bucket] = first;
    grid.lastCell[bucket] = last;
  }
  return grid;
}

/** Rises with x over the grid's range, from 0 to BUCKETS. */
const bucketOf = ({ edges, scale }: NumericGrid, x: number): number =>
  Math.min(((x - (edges[0] as number)) * scale) | 0, BUCKETS);

/** The cell of a number within the grid's range: edges[0] ≤ x ≤ edges[k]. */
export function innerCell(grid: NumericGrid, x: number): number {
  const { edges } = grid;
  const bucket = ((x - (edges[0] as number)) * grid.scale) | 0;
  let low = grid.firstCell[bucket] as number;
  let high = grid.lastCell[bucket] as number;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] as number) <= x) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** The cell of any number, rounded already where the grid is of single ones. */
export function numberCell(grid: NumericGrid, x: number): number {
  const { edges } = grid;
  if (x >= (edges[0] as number)) {
    if (x <= (edges[edges.length - 1] as number)) return innerCell(grid, x);
    return x === Number.POSITIVE_INFINITY ? grid.notFinite : grid.above;
  }
  return x > Number.NEGATIVE_INFINITY ? 0 : grid.notFinite;
}

/** The cell of a text in a categorical feature; `type` is what the value was before it was one. */
export function categoryCell(
  grid: CategoricalGrid,
  text: string,
  type: 'string' | 'number' | 'boolean',
): number {
  const listed = grid.index.get(text);
  if (listed !== undefined) return listed;
  if (grid.known?.has(text)) return grid.other;
  if (grid.index.size > 0 && type === 'number' && !grid.numbers) return grid.wrongType;
  if (grid.index.size > 0 && type === 'boolean' && !grid.booleans) return grid.wrongType;
  return grid.known === null ? grid.other : grid.unseen;
}

/** The cell of one value. Counting by columns (count.rules.ts) says the same, faster. */
export function cellOf(grid: Grid, value: FeatureValue | undefined): number {
  if (value === null || value === undefined) return grid.missing;
  if (grid.kind === 'numeric')
    return typeof value === 'number'
      ? numberCell(grid, grid.single ? Math.fround(value) : value)
      : grid.wrongType;
  // A categorical feature has no cell for what is not finite: it is no category, so it is missing.
  if (typeof value === 'number' && !Number.isFinite(value)) return grid.missing;
  return categoryCell(grid, String(value), typeof value as 'string' | 'number' | 'boolean');
}

/** The reference's own counts, in the grid's cell order. */
export function referenceCounts(profile: FeatureProfile): Uint32Array {
  return Uint32Array.from(
    profile.kind === 'numeric'
      ? [profile.below, ...profile.counts, profile.above, profile.missing, 0, 0]
      : [...profile.categories.map(([, count]) => count), profile.other, profile.missing, 0, 0],
  );
}

/**
 * The training reference and what live values are counted on: a frozen grid per feature. Because the grid
 * never moves, a window's state is a list of counts, and merging windows, arms or messages is addition.
 */
import { z } from 'zod';
import type { FeatureValue } from '../../../contract/common.ts';

const Count = z.int().nonnegative();

const NumericProfile = z
  .object({
    kind: z.literal('numeric'),
    name: z.string(),
    /** k+1 strictly increasing edges of k cells [e_i, e_i+1), the last one closed. */
    edges: z.array(z.number()).min(2),
    counts: z.array(Count).min(1),
    below: Count,
    above: Count,
    missing: Count,
    mean: z.number().nullable().default(null),
  })
  .refine((profile) => profile.edges.length === profile.counts.length + 1, 'one more edge than cells')
  .refine(
    (profile) => profile.edges.every((edge, at) => at === 0 || edge > (profile.edges[at - 1] as number)),
    'edges must increase',
  );
export type NumericProfile = z.infer<typeof NumericProfile>;

const CategoricalProfile = z.object({
  kind: z.literal('categorical'),
  name: z.string(),
  /** Values with their counts, most frequent first. */
  categories: z.array(z.tuple([z.string(), Count])),
  /** Reference rows with a value that is not listed. */
  other: Count,
  missing: Count,
});
export type CategoricalProfile = z.infer<typeof CategoricalProfile>;

export type FeatureProfile = NumericProfile | CategoricalProfile;

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
 * Cells of one feature. Numeric: 0 is below the grid, 1…k its cells, k+1 above, k+2 missing.
 * Categorical: 0…k−1 the listed values, k any other value, k+1 missing.
 */
export type Grid =
  | { kind: 'numeric'; edges: Float64Array; size: number; single: boolean }
  | { kind: 'categorical'; index: ReadonlyMap<string, number>; size: number };

/** `single`: the model reads 32-bit floats, so values are rounded to what it really saw before counting. */
export function gridOf(profile: FeatureProfile, single: boolean): Grid {
  if (profile.kind === 'numeric')
    return {
      kind: 'numeric',
      edges: Float64Array.from(profile.edges),
      size: profile.counts.length + 3,
      single,
    };
  const index = new Map(profile.categories.map(([value], at) => [value, at] as const));
  return { kind: 'categorical', index, size: profile.categories.length + 2 };
}

/** The cell a value falls into; what is not a finite number (numeric) or is null (categorical) is missing. */
export function cellOf(grid: Grid, value: FeatureValue | undefined): number {
  if (grid.kind === 'categorical') {
    if (value === null || value === undefined) return grid.size - 1;
    return grid.index.get(String(value)) ?? grid.size - 2;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return grid.size - 1;
  return numericCell(grid, grid.single ? Math.fround(value) : value);
}

function numericCell(grid: Extract<Grid, { kind: 'numeric' }>, x: number): number {
  const { edges } = grid;
  const last = edges.length - 1;
  if (x < (edges[0] as number)) return 0;
  if (x > (edges[last] as number)) return grid.size - 2;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= x) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Counts of one feature in one window; `sum` is over the present numbers, for the mean. */
export type Pane = { n: number; missing: number; sum: number; counts: Uint32Array };

export const emptyPane = (size: number): Pane => ({
  n: 0,
  missing: 0,
  sum: 0,
  counts: new Uint32Array(size),
});

export function addValue(pane: Pane, grid: Grid, value: FeatureValue | undefined): void {
  const cell = cellOf(grid, value);
  pane.counts[cell] = (pane.counts[cell] as number) + 1;
  pane.n += 1;
  if (cell === grid.size - 1) pane.missing += 1;
  else if (grid.kind === 'numeric') pane.sum += value as number;
}

/** Adds `other` into `pane`; both must be on the same grid. */
export function mergePane(pane: Pane, other: Pane): void {
  if (pane.counts.length !== other.counts.length)
    throw new Error('panes of different grids cannot be merged');
  pane.n += other.n;
  pane.missing += other.missing;
  pane.sum += other.sum;
  for (let cell = 0; cell < pane.counts.length; cell++)
    pane.counts[cell] = (pane.counts[cell] as number) + (other.counts[cell] as number);
}

/** Counts as stored: u32 little-endian, which is also every supported machine's own order. */
export const encodeCounts = (counts: Uint32Array): Buffer =>
  Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength);

export function decodeCounts(bytes: Buffer): Uint32Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new Uint32Array(copy.buffer);
}

/** The reference's own counts, in the grid's cell order. */
export function referencePane(profile: FeatureProfile): Pane {
  const counts =
    profile.kind === 'numeric'
      ? [profile.below, ...profile.counts, profile.above, profile.missing]
      : [...profile.categories.map(([, count]) => count), profile.other, profile.missing];
  const n = counts.reduce((total, count) => total + count, 0);
  const mean = profile.kind === 'numeric' ? (profile.mean ?? 0) : 0;
  return { n, missing: profile.missing, sum: mean * (n - profile.missing), counts: Uint32Array.from(counts) };
}

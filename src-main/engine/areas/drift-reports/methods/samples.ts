/** What the methods read: one column of one side, cleaned and in order, so that each of them is one walk over it. */

export type NumericSample = {
  kind: 'numeric';
  /** Ascending, without NaN and infinities. */
  values: Float64Array;
  /** Of an integer type and without missing values; it matters to the bins of more than 520,000 rows (bins.ts). */
  integer?: boolean;
};
export type CategoricalSample = {
  kind: 'categorical';
  /** Rows by value, each at least 1; missing ones are left out. */
  counts: ReadonlyMap<string, number>;
  /** The values are numbers, and have their order. */
  numbers?: boolean;
};
export type Sample = NumericSample | CategoricalSample;

/** Type of a column as a file or a table has it. */
export type SourceType = 'float' | 'integer' | 'text' | 'boolean';

/** An integer column with at most so many distinct values is read as categories. */
const FEW_INTEGERS = 10;

/**
 * How a column is read, by the rule of Evidently 0.7 (`infer_column_type`): floats are numbers, integers with few distinct
 * values are categories, and text of which more than half the values are distinct is prose, which none of our methods scores.
 * @param n values that are not missing, of the current side
 */
export function columnKind(
  type: SourceType,
  n: number,
  distinct: number,
): 'numeric' | 'categorical' | 'text' {
  if (type === 'float') return 'numeric';
  if (type === 'integer') return distinct <= FEW_INTEGERS ? 'categorical' : 'numeric';
  if (type === 'boolean') return 'categorical';
  return distinct > n * 0.5 ? 'text' : 'categorical';
}

/** Numbers as they come to a sample: NaN and infinities are left out, the rest sorted. The given array is not changed. */
export function numericSample(values: ArrayLike<number>, integer = false): NumericSample {
  const kept = new Float64Array(values.length);
  let n = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (value - value === 0) kept[n++] = value;
  }
  return { kind: 'numeric', values: kept.subarray(0, n).sort(), integer };
}

export function categoricalSample(values: Iterable<string>): CategoricalSample {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { kind: 'categorical', counts };
}

/** A numeric column that is to be read as categories. */
export function asCategories({ values }: NumericSample): CategoricalSample {
  const counts = new Map<string, number>();
  for (let at = 0; at < values.length; ) {
    const end = endOfRun(values, at);
    counts.set(String(values[at]), end - at);
    at = end;
  }
  return { kind: 'categorical', counts, numbers: true };
}

/** Rows of a sample. */
export function sizeOf(sample: Sample): number {
  if (sample.kind === 'numeric') return sample.values.length;
  let n = 0;
  for (const count of sample.counts.values()) n += count;
  return n;
}

/** Distinct values of one sorted list, or of two together; counting ends above `most`. */
export function distinctUpTo(most: number, one: Float64Array, two: Float64Array = NOTHING): number {
  let found = 0;
  let left = 0;
  let right = 0;
  while (found <= most && (left < one.length || right < two.length)) {
    const value = least(one, left, two, right);
    if (left < one.length && one[left] === value) left = endOfRun(one, left);
    if (right < two.length && two[right] === value) right = endOfRun(two, right);
    found += 1;
  }
  return found;
}
const NOTHING = new Float64Array(0);

/** The smaller of the next values of two sorted lists, of which at least one has one. */
export function least(one: Float64Array, left: number, two: Float64Array, right: number): number {
  if (left >= one.length) return two[right] as number;
  if (right >= two.length) return one[left] as number;
  return Math.min(one[left] as number, two[right] as number);
}

/** Where a run of equal values that begins at `at` ends. */
export function endOfRun(values: Float64Array, at: number): number {
  const value = values[at];
  let end = at + 1;
  while (end < values.length && values[end] === value) end++;
  return end;
}

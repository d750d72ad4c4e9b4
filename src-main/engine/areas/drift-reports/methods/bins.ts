/**
 * The bins that PSI, Jensen–Shannon and KL are taken over, as Evidently 0.7 has them (`get_binned_data`): for numbers with
 * more than 20 distinct values in the reference, numpy's Sturges bins over both sides together; else one bin for each
 * value that either side has. The bins of numbers move with the current side, so that scores of two windows are not on
 * one scale: that is what the scores on the frozen grid are for.
 */
import {
  type CategoricalSample,
  distinctUpTo,
  endOfRun,
  least,
  type NumericSample,
  type Sample,
  sizeOf,
} from './samples.ts';

/** Rows of either side by bin, in the same order. */
type Counts = { reference: Float64Array; current: Float64Array; referenceN: number; currentN: number };
export type Binned = Counts &
  (
    | { by: 'edges' /** One more than bins; the last bin holds its upper edge too. */; edges: Float64Array }
    | { by: 'values' /** Numbers ascending, or text by code point. */; values: readonly (string | number)[] }
  );

const FEW_DISTINCT = 20;

/** Both sides of one kind, neither empty. Null when the numbers lie too far apart for a width between them. */
export function binned(reference: Sample, current: Sample): Binned | null {
  if (reference.kind === 'categorical') return byCategory(reference, current as CategoricalSample);
  return distinctUpTo(FEW_DISTINCT, reference.values) > FEW_DISTINCT
    ? byEdges(reference, current as NumericSample)
    : byNumber(reference.values, (current as NumericSample).values);
}

/** One bin for each value of either side. */
export function byValue(reference: Sample, current: Sample): Binned & { by: 'values' } {
  return reference.kind === 'categorical'
    ? byCategory(reference, current as CategoricalSample)
    : byNumber(reference.values, (current as NumericSample).values);
}

function byCategory(reference: CategoricalSample, current: CategoricalSample): Binned & { by: 'values' } {
  const order = reference.numbers && current.numbers ? byNumberOf : byCodePoint;
  const values = [...new Set([...reference.counts.keys(), ...current.counts.keys()])].sort(order);
  return {
    by: 'values',
    values,
    reference: Float64Array.from(values, (value) => reference.counts.get(value) ?? 0),
    current: Float64Array.from(values, (value) => current.counts.get(value) ?? 0),
    referenceN: sizeOf(reference),
    currentN: sizeOf(current),
  };
}

function byNumber(one: Float64Array, two: Float64Array): Binned & { by: 'values' } {
  const values: number[] = [];
  const reference: number[] = [];
  const current: number[] = [];
  let left = 0;
  let right = 0;
  while (left < one.length || right < two.length) {
    const value = least(one, left, two, right);
    const leftEnd = left < one.length && one[left] === value ? endOfRun(one, left) : left;
    const rightEnd = right < two.length && two[right] === value ? endOfRun(two, right) : right;
    values.push(value);
    reference.push(leftEnd - left);
    current.push(rightEnd - right);
    left = leftEnd;
    right = rightEnd;
  }
  return {
    by: 'values',
    values,
    reference: Float64Array.from(reference),
    current: Float64Array.from(current),
    referenceN: one.length,
    currentN: two.length,
  };
}

function byEdges(one: NumericSample, two: NumericSample): Binned | null {
  const edges = sturgesEdges(one, two);
  if (edges === null) return null;
  return {
    by: 'edges',
    edges,
    reference: histogram(one.values, edges),
    current: histogram(two.values, edges),
    referenceN: one.values.length,
    currentN: two.values.length,
  };
}

/** numpy's `histogram_bin_edges(…, bins='sturges')` over both sides, each rounding step as there. */
function sturgesEdges(one: NumericSample, two: NumericSample): Float64Array | null {
  const low = Math.min(one.values[0] as number, two.values[0] as number);
  const high = Math.max(one.values.at(-1) as number, two.values.at(-1) as number);
  const range = high - low;
  if (!Number.isFinite(range)) return null;
  let width = range / (Math.log2(one.values.length + two.values.length) + 1);
  if (one.integer && two.integer && width < 1) width = 1;
  const bins = Math.ceil(range / width);
  const step = range / bins;
  // Below the smallest number that has all its digits, numpy divides before it multiplies.
  const edges = Float64Array.from({ length: bins + 1 }, (_, at) =>
    step === 0 ? (at / bins) * range + low : at * step + low,
  );
  edges[bins] = high;
  return edges;
}

/** Counts of a sorted list by [eₖ, eₖ₊₁), the last one closed. */
function histogram(values: Float64Array, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const counts = new Float64Array(bins);
  let from = 0;
  for (let bin = 0; bin < bins; bin++) {
    const to = bin === bins - 1 ? values.length : firstNotBelow(values, edges[bin + 1] as number, from);
    counts[bin] = to - from;
    from = to;
  }
  return counts;
}

function firstNotBelow(values: Float64Array, edge: number, from: number): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) < edge) low = middle + 1;
    else high = middle;
  }
  return low;
}

const byNumberOf = (one: string, two: string): number => Number(one) - Number(two);

/** Python's order of text: by code point, where JavaScript compares halves of surrogate pairs. */
function byCodePoint(one: string, two: string): number {
  const length = Math.min(one.length, two.length);
  for (let at = 0; at < length; at++) {
    const left = one.charCodeAt(at);
    const right = two.charCodeAt(at);
    if (left === right) continue;
    const leftHigh = isSurrogate(left);
    return leftHigh === isSurrogate(right) ? left - right : leftHigh ? 1 : -1;
  }
  return one.length - two.length;
}
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

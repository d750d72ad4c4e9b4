/**
 * A line with fewer points than were logged. Neighbours share one point, which keeps their least, greatest and last
 * value: a spike of a single point is seen at every zoom. Which neighbours share is a matter of their place in the
 * series alone, so that moving the window or logging more does not make the picture shimmer. Pure.
 */
import { packedLength } from '../../../contract/explore-lines.ts';

export type Line = {
  /** Points in the columns. */
  points: number;
  /** Points logged in the range. */
  logged: number;
  notFinite: number;
  x: Float64Array;
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
};

/** The least number of neighbours so that places `from` up to `to` make at most `most` groups of `unit * n` places. */
export function groupSize(from: number, to: number, most: number, unit = 1): number {
  let size = unit * Math.max(1, Math.ceil((to - from) / most / unit));
  while (to > from && Math.floor((to - 1) / size) - Math.floor(from / size) + 1 > most) size += unit;
  return size;
}

export function emptyLine(capacity: number): Line {
  const column = () => new Float64Array(capacity);
  return { points: 0, logged: 0, notFinite: 0, x: column(), last: column(), min: column(), max: column() };
}

/** Ascending `x`; places `from` up to `to` of it and `val` become at most `most` points. */
export function lineOf(x: Float64Array, val: Float64Array, from: number, to: number, most: number): Line {
  const size = groupSize(from, to, most);
  const line = emptyLine(Math.min(to - from, most));
  line.logged = to - from;
  let at = from;
  while (at < to) {
    const end = Math.min(to, (Math.floor(at / size) + 1) * size);
    let last = -1;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (; at < end; at++) {
      const value = val[at] as number;
      if (!Number.isFinite(value)) line.notFinite++;
      else {
        last = at;
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    if (last >= 0) add(line, x[last] as number, val[last] as number, min, max);
  }
  return line;
}

function add(line: Line, x: number, last: number, min: number, max: number): void {
  const at = line.points++;
  line.x[at] = x;
  line.last[at] = last;
  line.min[at] = min;
  line.max[at] = max;
}

/** First place whose x is not below `bound`; the length when there is none. `x` ascends. */
export function placeOf(x: Float64Array, bound: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First place whose x is above `bound`. */
export function placeAfter(x: Float64Array, bound: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lines as contract/explore-lines.ts has them. */
export function packLines(lines: readonly Line[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(lines.reduce((sum, { points }) => sum + packedLength(points), 0));
  let at = 0;
  for (const { points, x, last, min, max } of lines)
    for (const column of [x, last, min, max]) {
      new Float64Array(bytes.buffer, at, points).set(column.subarray(0, points));
      at += points * Float64Array.BYTES_PER_ELEMENT;
    }
  return bytes;
}

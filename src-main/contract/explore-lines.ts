/**
 * How `explore.lines` packs its points: for each series 4 little-endian float64 columns one after the other,
 * x, last, min, max, each as long as the series has points. A point that stands for itself has min = max = last.
 * Numbers as text would cost ten times as long to write and to read.
 */

export const COLUMNS = 4;
const BYTES = 8;

export type Line = {
  runId: string;
  /** Points logged in the range, of which the columns may be a summary. */
  logged: number;
  notFinite: number;
  /** Ascending. Where several points share a place, x is that of the last. */
  x: Float64Array;
  /** The value logged last in the place. */
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
};

type Packed = { runId: string; points: number; logged: number; notFinite: number };

/** Views of the packed columns; nothing is copied. `bytes` must start at a multiple of 8 in its buffer. */
export function linesOf(series: readonly Packed[], bytes: Uint8Array): Line[] {
  let at = bytes.byteOffset;
  const column = (points: number): Float64Array => {
    const found = new Float64Array(bytes.buffer, at, points);
    at += points * BYTES;
    return found;
  };
  return series.map(({ points, ...rest }) => ({
    ...rest,
    x: column(points),
    last: column(points),
    min: column(points),
    max: column(points),
  }));
}

/** Length of the packed columns in bytes. */
export const packedLength = (points: number): number => points * COLUMNS * BYTES;

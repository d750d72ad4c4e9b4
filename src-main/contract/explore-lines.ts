/**
 * How `explore.lines` packs its points: for each series its columns of little-endian float64 one after the other, each
 * as long as the series has points: x, last, min, max; or x and last alone where every point stands for itself
 * (`plain`). Numbers as text would cost ten times as long to write and to read.
 */

const COLUMNS = { plain: 2, summary: 4 };
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

type Packed = { runId: string; points: number; logged: number; notFinite: number; plain: boolean };

/** Views of the packed columns; nothing is copied. `bytes` must start at a multiple of 8 in its buffer. */
export function linesOf(series: readonly Packed[], bytes: Uint8Array): Line[] {
  let at = bytes.byteOffset;
  const column = (points: number): Float64Array => {
    const found = new Float64Array(bytes.buffer, at, points);
    at += points * BYTES;
    return found;
  };
  return series.map(({ points, plain, ...rest }) => {
    const [x, last] = [column(points), column(points)];
    return { ...rest, x, last, min: plain ? last : column(points), max: plain ? last : column(points) };
  });
}

/** Length of the packed columns in bytes. */
export const packedLength = (points: number, plain: boolean): number =>
  points * (plain ? COLUMNS.plain : COLUMNS.summary) * BYTES;

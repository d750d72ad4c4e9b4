/**
 * How `explore.lines` packs its points: for each series its columns x, last, min, max, or x and last alone where every
 * point stands for itself (`plain`), as packed-columns.ts has them, one series after the other.
 */
import { pack, unpackAll } from './packed-columns.ts';

const SUMMARY = 4;
const PLAIN = 2;

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

type Columns = Pick<Line, 'x' | 'last' | 'min' | 'max'>;
type Packed = { runId: string; points: number; logged: number; notFinite: number; plain: boolean };

/** The columns may be views of `bytes`, which must start at a multiple of 8 in its buffer. */
export function linesOf(series: readonly Packed[], bytes: Uint8Array): Line[] {
  let at = 0;
  return series.map(({ points: _, plain, ...rest }) => {
    const { columns, length } = unpackAll(bytes.subarray(at), plain ? PLAIN : SUMMARY);
    at += length;
    const [x, last, min, max] = columns as [Float64Array, Float64Array, Float64Array?, Float64Array?];
    return { ...rest, x, last, min: min ?? last, max: max ?? last };
  });
}

/** One series of them. */
export const packLine = ({ x, last, min, max }: Columns, plain: boolean): Uint8Array =>
  pack(plain ? [x, last] : [x, last, min, max]);

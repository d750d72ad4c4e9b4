/**
 * The strings of a BYTES tensor, looked at where they stand: each is UTF-8 without a NUL, and there are as many as the
 * shape says. There may be millions, so nothing is made for each, and the walk goes in stretches of about a millisecond.
 */
import { isUtf8 } from 'node:buffer';
import type { TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';

export type StringWalk = {
  /** It is over in no time. */
  isShort: boolean;
  /** One stretch; true once all is well. Throws LATHE_SERVING_INPUT_DATA. */
  step(): boolean;
  /** Where each row begins, and the end; null where the walk is short enough to be done again. Whole after the last step. */
  rowAt: Uint32Array | null;
};

/** Of a stretch, in about two nanoseconds: a byte of a short string costs one, a string eight more. */
const STRETCH = 1_000_000;
const STRING_COST = 8;
/** A walk that costs no more is done at once. */
const SHORT = 200_000;
/** Longer strings are left to Node's own code, which takes a sixteenth of the time a byte and so much for the call. */
const LONG_BYTES = 96;
const LONG_COST = 100;
const LONG_SHARE = 16;

export const NUL_REASON = ', at which ONNX Runtime would cut it';

export function walkStrings(spec: TensorSpec, rows: number, count: number, raw: Buffer): StringWalk {
  const { length } = raw;
  let at = 0;
  let found = 0;
  const isShort = count * STRING_COST + length <= SHORT;
  // Every string takes four bytes: nothing is allocated for more than there can be.
  const rowAt = isShort || rows < 2 || count * 4 > length ? null : new Uint32Array(rows + 1);
  const width = count / rows;
  let nextRow = 0;
  const wrong = (reason: string) => new LatheError('LATHE_SERVING_INPUT_DATA', { input: spec.name, reason });

  const check = (from: number, to: number) => {
    if (to - from > LONG_BYTES) {
      const text = raw.subarray(from, to);
      if (!isUtf8(text)) throw wrong(notText(found));
      if (text.includes(0)) throw wrong(withNul(found));
      return;
    }
    for (let byte = from; byte < to; ) {
      const value = raw[byte] as number;
      if (value === 0) throw wrong(withNul(found));
      const bytes = value < 0x80 ? 1 : sequence(raw, byte, to);
      if (bytes === 0) throw wrong(notText(found));
      byte += bytes;
    }
  };

  return {
    isShort,
    rowAt,
    step() {
      let left = STRETCH;
      while (at + 4 <= length) {
        if (rowAt && found === nextRow * width && nextRow < rows) rowAt[nextRow++] = at;
        const from = at + 4;
        const size =
          ((raw[at] as number) |
            ((raw[at + 1] as number) << 8) |
            ((raw[at + 2] as number) << 16) |
            ((raw[at + 3] as number) << 24)) >>>
          0;
        at = from + size;
        if (at > length) break;
        if (size > 0) check(from, at);
        found += 1;
        left -= STRING_COST + (size > LONG_BYTES ? LONG_COST + size / LONG_SHARE : size);
        if (left <= 0 && at < length) return false;
      }
      if (at !== length) throw wrong(`its last string needs more than the ${length} bytes given`);
      if (found !== count) throw wrong(`expected ${count} strings, got ${found}`);
      if (rowAt) rowAt[rows] = at;
      return true;
    },
  };
}

const notText = (element: number) => `element ${element} is not UTF-8 text, which ONNX strings are`;
const withNul = (element: number) => `element ${element} holds a NUL character${NUL_REASON}`;

/** Bytes of the character at `at`, of two or more; 0 where there is none (Unicode, table 3-7). */
export function sequence(raw: Uint8Array, at: number, end: number): number {
  const lead = raw[at] as number;
  const bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (bytes === 0 || at + bytes > end) return 0;
  const second = raw[at + 1] as number;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let next = 2; next < bytes; next++) if (((raw[at + next] as number) & 0xc0) !== 0x80) return 0;
  return bytes;
}

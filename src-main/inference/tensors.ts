/** Tensors as bytes: sizes, element counts, and the BYTES encoding. Little-endian, row-major, no padding. */
import type { Datatype } from '../contract/common.ts';

/** Bytes of one element; 0 for BYTES, whose elements are a u32le length and that many bytes. */
export const ELEMENT_BYTES: Record<Datatype, number> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BF16: 2,
  BYTES: 0,
};

/** Product of the dimensions; null when one is negative or not whole, or the product passes 2^53. */
export function elementCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) return null;
    count *= dim;
    if (count > Number.MAX_SAFE_INTEGER) return null;
  }
  return count;
}

export function encodeStrings(values: readonly string[]): Buffer {
  let total = 0;
  for (const value of values) total += 4 + value.length * 3;
  const out = Buffer.allocUnsafe(total);
  let at = 0;
  for (const value of values) at = writeString(out, at, value);
  return out.subarray(0, at);
}

/** Writes one BYTES element at `at` and returns where the next one begins. */
export function writeString(out: Buffer, at: number, value: string): number {
  const written = out.write(value, at + 4, 'utf8');
  out.writeUInt32LE(written, at);
  return at + 4 + written;
}

/** Exactly `count` elements, or null when the bytes are not that. Not UTF-8 becomes U+FFFD. */
export function decodeStrings(data: Buffer, count: number): string[] | null {
  // Every element takes 4 bytes at least: checked before anything is allocated for an announced count.
  if (count * 4 > data.length) return null;
  const values = new Array<string>(count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + 4 > data.length) return null;
    const end = at + 4 + data.readUInt32LE(at);
    if (end > data.length) return null;
    values[n] = data.toString('utf8', at + 4, end);
    at = end;
  }
  return at === data.length ? values : null;
}

/** The bytes at an address that a typed array of `size`-byte elements can stand on: copied only when needed. */
export function alignedBytes(data: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  if (data.byteOffset % size === 0 && data.buffer instanceof ArrayBuffer)
    return data as Uint8Array<ArrayBuffer>;
  const copy = new Uint8Array(data.byteLength);
  copy.set(data);
  return copy;
}

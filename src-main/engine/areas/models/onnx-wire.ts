/**
 * Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) out of a file piece by
 * piece, so that a model's structure can be read without its weights: what is skipped is never loaded.
 */
import type { FileHandle } from 'node:fs/promises';
import { nextTurn } from '../../turns.ts';

/** One field: its number, and either its value (varints) or where its bytes stand (length-delimited). */
export type Field = { no: number; value: number | null; start: number; end: number };

export class WireError extends Error {}

const WINDOW_BYTES = 256 * 1024;
/** After so many fields other work has its turn, also when the window holds the next ones. */
const FIELDS_A_TURN = 2_000;
/** More dimensions than this has no tensor. */
const MOST_PACKED = 64;
/** A name or a metadata value longer than this is no model's. */
const LONGEST_TEXT_BYTES = 4 * 1024 * 1024;

export type WireFile = {
  size: number;
  /** The fields of the message between two offsets. Throws WireError when the bytes are no message. */
  fields(start: number, end: number): AsyncGenerator<Field>;
  text(field: Field): Promise<string>;
  /** The numbers of a packed repeated field. */
  varints(field: Field): AsyncGenerator<number>;
};

export function wireFile(handle: FileHandle, size: number): WireFile {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = 0;
  let read = 0;

  /** Makes `bytes` at `at` readable in the window; the reads are what gives other work its turn. */
  async function load(at: number, bytes: number): Promise<void> {
    if (at >= windowStart && at + bytes <= windowStart + window.length) return;
    if (at + bytes > size) throw new WireError(`it ends in the middle of byte ${at}`);
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(bytes, WINDOW_BYTES), size - at));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, at + filled);
      if (bytesRead === 0) throw new WireError('it became shorter while it was read');
      filled += bytesRead;
    }
    window = buffer;
    windowStart = at;
  }

  /** Varints above 2^53 lose their low bits; no field that is read here is that large. */
  async function varint(at: number, end: number): Promise<{ value: number; next: number }> {
    await load(at, Math.min(10, end - at));
    let value = 0;
    for (let n = 0; n < 10 && at + n < end; n++) {
      const byte = window[at + n - windowStart] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * n);
      if (byte < 0x80) return { value, next: at + n + 1 };
    }
    throw new WireError(`there is no number at byte ${at}`);
  }

  async function* fields(start: number, end: number): AsyncGenerator<Field> {
    let at = start;
    while (at < end) {
      read += 1;
      if (read % FIELDS_A_TURN === 0) await nextTurn();
      const tag = await varint(at, end);
      const no = Math.floor(tag.value / 8);
      const wireType = tag.value % 8;
      if (no === 0) throw new WireError(`there is no field at byte ${at}`);
      if (wireType === 0) {
        const { value, next } = await varint(tag.next, end);
        yield { no, value, start: tag.next, end: next };
        at = next;
        continue;
      }
      let from = tag.next;
      let bytes = wireType === 1 ? 8 : 4;
      if (wireType === 2) {
        const length = await varint(tag.next, end);
        from = length.next;
        bytes = length.value;
      } else if (wireType !== 1 && wireType !== 5) throw new WireError(`byte ${at} is of no known kind`);
      if (from + bytes > end)
        throw new WireError(`it ends in the middle: ${from + bytes - end} bytes are missing`);
      yield { no, value: null, start: from, end: from + bytes };
      at = from + bytes;
    }
  }

  return {
    size,
    fields,
    async *varints({ start, end }) {
      for (let at = start, n = 0; at < end && n < MOST_PACKED; n++) {
        const { value, next } = await varint(at, end);
        yield value;
        at = next;
      }
    },
    async text(field) {
      const bytes = field.end - field.start;
      if (bytes > LONGEST_TEXT_BYTES) throw new WireError(`a text of ${bytes} bytes is too long`);
      await load(field.start, bytes);
      return window.toString('utf8', field.start - windowStart, field.end - windowStart);
    },
  };
}

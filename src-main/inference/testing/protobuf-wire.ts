/**
 * Protobuf's wire format by hand, for tests: messages are put together and taken apart by field number, without any
 * description of them, so that a test does not share the server's mistakes.
 */

/** One value of a field: a varint, or the bytes of anything else. */
type Value = bigint | Buffer;
export type Fields = ReadonlyMap<number, readonly Value[]>;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Negative numbers take ten bytes, as int32 and int64 do. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return Buffer.from(bytes);
}

export const integer = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([varint((field << 3) | VARINT), varint(value)]);

/** A string, bytes, a packed list, or the fields of a message. */
export function bytes(field: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | BYTES), varint(body.length), body]);
}

export const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

export const double = (field: number, value: number): Buffer =>
  Buffer.concat([varint((field << 3) | FIXED64), Buffer.from(Float64Array.of(value).buffer)]);

export function decode(message: Buffer): Fields {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('the message ends too early');
    at += length;
    return message.subarray(at - length, at);
  };
  const readValue = (wire: number): Value => {
    if (wire === VARINT) return readVarint();
    if (wire === BYTES) return take(Number(readVarint()));
    if (wire === FIXED64 || wire === FIXED32) return take(wire === FIXED64 ? 8 : 4);
    throw new RangeError(`wire type ${wire}`);
  };
  while (at < message.length) {
    const tag = Number(readVarint());
    const field = tag >>> 3;
    fields.set(field, [...(fields.get(field) ?? []), readValue(tag & 7)]);
  }
  return fields;
}

/** Every text of a field. */
export const texts = (fields: Fields, field: number): string[] =>
  (fields.get(field) ?? []).map((value) => (value as Buffer).toString());

/** The one text of a field, empty where it is absent. */
export const textAt = (fields: Fields, field: number): string => texts(fields, field).join();

/** The one number of a field, 0 where it is absent. */
export const numberAt = (fields: Fields, field: number): number => Number(fields.get(field)?.[0] ?? 0);

/** Signed numbers of a packed list. */
export function numbers(fields: Fields, field: number): number[] {
  const packed = Buffer.concat((fields.get(field) ?? []) as Buffer[]);
  const values: number[] = [];
  for (let at = 0; at < packed.length; ) {
    const end = at + packed.subarray(at).findIndex((byte) => byte < 0x80) + 1;
    let value = 0n;
    for (let index = end - 1; index >= at; index--)
      value = (value << 7n) | BigInt((packed[index] as number) & 0x7f);
    values.push(Number(BigInt.asIntN(64, value)));
    at = end;
  }
  return values;
}

/** Every message of a field. */
export const messages = (fields: Fields, field: number): Fields[] =>
  (fields.get(field) ?? []).map((value) => decode(value as Buffer));

/** The one message of a field, empty where it is absent. */
export const messageAt = (fields: Fields, field: number): Fields =>
  messages(fields, field)[0] ?? new Map<number, Value[]>();

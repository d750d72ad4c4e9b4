/** Batches as frame bodies for the runner, and the runner's outputs cut back into requests. */
import type { Datatype } from '../../contract/common.ts';
import type { TensorHeader } from '../../platform/link.ts';
import { alignedBytes, decodeStrings, ELEMENT_BYTES, elementCount, writeString } from '../tensors.ts';
import type { InferRequest, InputTensor, NumericArray, OutputTensor, Scalar } from './request.ts';

/**
 * Concatenates the rows of all requests (which share one shape key), one slab per input, in one buffer of those that
 * `take` gives. The last row is repeated until there are `paddedRows`.
 */
export function encodeBatch(
  requests: readonly InferRequest[],
  paddedRows = 0,
  take: (bytes: number) => Buffer = Buffer.allocUnsafe,
): { inputs: TensorHeader[]; body: Buffer } {
  const first = requests[0] as InferRequest;
  const last = requests.at(-1) as InferRequest;
  let capacity = 0;
  let given = 0;
  for (const request of requests) {
    given += request.rows;
    for (const input of request.inputs) capacity += byteBound(input);
  }
  const missing = Math.max(0, paddedRows - given);
  if (missing > 0) for (const input of last.inputs) capacity += missing * byteBound(input);
  const body = take(capacity);
  let at = 0;
  const inputs = first.inputs.map((input, index): TensorHeader => {
    const begin = at;
    let rows = 0;
    for (const request of requests) {
      const tensor = request.inputs[index] as InputTensor;
      at = writeTensor(body, at, tensor);
      rows += tensor.shape[0] ?? 1;
    }
    if (missing > 0) {
      at = repeatLastRow(body, at, last.inputs[index] as InputTensor, missing);
      rows += missing;
    }
    const alone = requests.length === 1 && missing === 0;
    const shape = alone ? input.shape : [rows, ...input.shape.slice(1)];
    return { name: input.name, datatype: input.datatype, shape, byteLength: at - begin };
  });
  return { inputs, body: body.subarray(0, at) };
}

/** Upper bound of the encoded bytes; strings take at most 3 bytes a UTF-16 unit. */
export function byteBound(input: InputTensor): number {
  if (input.raw) return input.raw.byteLength;
  if (input.datatype !== 'BYTES') return input.count * ELEMENT_BYTES[input.datatype];
  let total = 0;
  for (const value of input.values ?? []) total += 4 + (value as string).length * 3;
  return total;
}

/** `end` is where the tensor's bytes end in `out`; returns where the copies end. */
function repeatLastRow(out: Buffer, end: number, input: InputTensor, times: number): number {
  const rows = input.shape[0] ?? 1;
  const width = input.count / rows;
  const size = ELEMENT_BYTES[input.datatype];
  let begin = end - width * size;
  if (size === 0) {
    // Strings have no fixed size: the last row is found from the front of its tensor.
    begin = end - encodedBytes(input);
    const { rowAt } = input;
    if (rowAt) begin += rowAt[rows - 1] ?? 0;
    else for (let skip = (rows - 1) * width; skip > 0; skip--) begin += 4 + out.readUInt32LE(begin);
  }
  let at = end;
  for (let n = 0; n < times; n++) at += out.copy(out, at, begin, end);
  return at;
}

function encodedBytes(input: InputTensor): number {
  if (input.raw) return input.raw.byteLength;
  let total = 0;
  for (const value of input.values ?? []) total += 4 + Buffer.byteLength(value as string);
  return total;
}

function writeTensor(out: Buffer, at: number, input: InputTensor): number {
  if (input.raw) {
    input.raw.copy(out, at);
    return at + input.raw.byteLength;
  }
  const values = input.values ?? [];
  const size = ELEMENT_BYTES[input.datatype];
  const write = WRITERS[input.datatype];
  if (size === 0) {
    for (const value of values) at = writeString(out, at, value as string);
    return at;
  }
  for (const value of values) {
    write(out, value, at);
    at += size;
  }
  return at;
}

type Write = (out: Buffer, value: Scalar, at: number) => void;
/** A whole number beyond 2^53 comes as bigint where another input of the request needs it exact. */
const number = (value: Scalar): number => (value === null ? Number.NaN : Number(value));
/** Numbers go as two halves, which is several times faster than a BigInt for each. */
const writeInt64: Write = (out, value, at) => {
  if (typeof value === 'bigint') {
    out.writeBigInt64LE(BigInt.asIntN(64, value), at);
    return;
  }
  const whole = Number(value);
  out.writeUInt32LE(whole >>> 0, at);
  out.writeInt32LE(Math.floor(whole / 4_294_967_296) | 0, at + 4);
};
const unsupported: Write = () => {
  throw new TypeError('half-precision values travel as raw bytes only');
};
const WRITERS: Record<Datatype, Write> = {
  BOOL: (out, value, at) => out.writeUInt8(value ? 1 : 0, at),
  UINT8: (out, value, at) => out.writeUInt8(value as number, at),
  UINT16: (out, value, at) => out.writeUInt16LE(value as number, at),
  UINT32: (out, value, at) => out.writeUInt32LE(value as number, at),
  UINT64: writeInt64,
  INT8: (out, value, at) => out.writeInt8(value as number, at),
  INT16: (out, value, at) => out.writeInt16LE(value as number, at),
  INT32: (out, value, at) => out.writeInt32LE(value as number, at),
  INT64: writeInt64,
  FP16: unsupported,
  BF16: unsupported,
  FP32: (out, value, at) => out.writeFloatLE(number(value), at),
  FP64: (out, value, at) => out.writeDoubleLE(number(value), at),
  BYTES: unsupported,
};

export type BatchOutput = {
  name: string;
  datatype: Datatype;
  shape: number[];
  values: NumericArray | readonly string[];
};

/** Reads the runner's outputs; throws when the body is not what the headers say. */
export function decodeOutputs(headers: readonly TensorHeader[], body: Buffer): BatchOutput[] {
  let at = 0;
  return headers.map(({ name, datatype, shape, byteLength }) => {
    const data = body.subarray(at, at + byteLength);
    at += byteLength;
    const count = elementCount(shape);
    const values = count === null ? null : toValues(datatype, data, count);
    if (values === null) throw new TypeError(`output ${name} does not hold ${datatype} [${shape}]`);
    return { name, datatype, shape, values };
  });
}

/**
 * The outputs of each request, in the requests' order. Null when an output's first dimension is not the
 * number of rows that went in, so that it cannot be told which value belongs to whom. Of padded batches the
 * rows that nobody sent are left out.
 */
export function splitOutputs(
  outputs: readonly BatchOutput[],
  requests: readonly InferRequest[],
  paddedRows = 0,
): OutputTensor[][] | null {
  let total = 0;
  for (const request of requests) total += request.rows;
  if (requests.length === 1 && paddedRows <= total)
    return [outputs.map((output) => ({ ...output, from: 0, to: output.values.length }))];
  total = Math.max(total, paddedRows);
  if (outputs.some((output) => output.shape[0] !== total)) return null;
  const perRow = outputs.map((output) => output.values.length / total);
  let row = 0;
  return requests.map(({ rows }) => {
    const begin = row;
    row += rows;
    return outputs.map((output, index) => {
      const width = perRow[index] as number;
      const shape = output.shape.slice();
      shape[0] = rows;
      const { name, datatype, values } = output;
      return { name, datatype, shape, values, from: begin * width, to: row * width };
    });
  });
}

type View = new (buffer: ArrayBuffer, byteOffset: number, length: number) => NumericArray;
const VIEWS: Partial<Record<Datatype, View>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  // Half precision has no JavaScript numbers; its words pass through to raw answers.
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

/** The values of raw bytes in the protocol's form, or null when there are not exactly `count`. */
export function toValues(
  datatype: Datatype,
  data: Buffer,
  count: number,
): NumericArray | readonly string[] | null {
  const ViewOf = VIEWS[datatype];
  if (!ViewOf) return decodeStrings(data, count);
  const size = ELEMENT_BYTES[datatype];
  if (data.byteLength !== count * size) return null;
  const bytes = alignedBytes(data, size);
  return new ViewOf(bytes.buffer, bytes.byteOffset, count);
}

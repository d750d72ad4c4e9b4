/** Between the bytes of a frame and ONNX Runtime's tensors. */
import { Tensor } from 'onnxruntime-node';
import type { Datatype } from '../../contract/common.ts';
import type { TensorHeader } from '../../platform/link.ts';
import { alignedBytes, decodeStrings, ELEMENT_BYTES, elementCount, encodeStrings } from '../tensors.ts';

// onnxruntime-common makes half-precision tensors of Float16Array where the engine has it, and the native
// binding of 1.29 then reads them as empty. Without it, both use plain 16-bit words. This process only.
Reflect.deleteProperty(globalThis, 'Float16Array');

const DATATYPES: Partial<Record<Tensor.Type, Datatype>> = {
  float32: 'FP32',
  float64: 'FP64',
  float16: 'FP16',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  bool: 'BOOL',
  string: 'BYTES',
};
const ORT_TYPES = Object.fromEntries(
  Object.entries(DATATYPES).map(([type, datatype]) => [datatype, type]),
) as Partial<Record<Datatype, Tensor.Type>>;

type NumericArray = Exclude<Tensor.DataType, string[]>;
type NumericConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => NumericArray;
const ARRAYS: Partial<Record<Datatype, NumericConstructor>> = {
  FP32: Float32Array,
  FP64: Float64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  BOOL: Uint8Array,
};

/** The protocol's datatype of an ONNX Runtime type; null for those the protocol has no name for. */
export const datatypeOf = (type: Tensor.Type): Datatype | null => DATATYPES[type] ?? null;

/** A tensor over `data`; throws when the bytes are not what the header says. */
export function toOrt(header: TensorHeader, data: Buffer): Tensor {
  const count = elementCount(header.shape);
  const type = ORT_TYPES[header.datatype];
  if (count === null || type === undefined)
    throw new TypeError(`input ${header.name} (${header.datatype} [${header.shape}]) cannot be read`);
  if (type === 'string') {
    const strings = decodeStrings(data, count);
    if (!strings) throw new TypeError(`input ${header.name}: bytes do not hold ${count} strings`);
    return new Tensor('string', strings, header.shape);
  }
  const size = ELEMENT_BYTES[header.datatype];
  if (data.byteLength !== count * size)
    throw new TypeError(`input ${header.name}: ${data.byteLength} bytes instead of ${count * size}`);
  const aligned = alignedBytes(data, size);
  const Numbers = ARRAYS[header.datatype] ?? Uint16Array;
  const values = new Numbers(aligned.buffer, aligned.byteOffset, count);
  // The union of all typed arrays does not match one overload, so the pair is asserted.
  return new Tensor(type as 'float32', values as Float32Array, header.shape);
}

/** Header and bytes of an output; numeric bytes are a view of the tensor's own memory. */
export function fromOrt(name: string, tensor: Tensor): { header: TensorHeader; data: Uint8Array } {
  const datatype = datatypeOf(tensor.type);
  if (datatype === null) throw new TypeError(`output ${name} has the unsupported type ${tensor.type}`);
  const values = tensor.data;
  const data = Array.isArray(values)
    ? encodeStrings(values)
    : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { header: { name, datatype, shape: [...tensor.dims], byteLength: data.byteLength }, data };
}

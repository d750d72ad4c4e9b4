/**
 * Writes small ONNX models without Python, for tests and benches: just enough of the protobuf wire format
 * and of onnx.proto (field numbers from the ONNX specification, IR version 8).
 */

/** ONNX element types that the helpers below know (TensorProto.DataType). */
export const ONNX = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;

export type OnnxValue = { name: string; type: number; shape: (number | string)[] };
export type OnnxTensor = { name: string; shape: number[]; data: Float32Array | BigInt64Array };
export type OnnxAttribute =
  | { name: string; int: number }
  | { name: string; float: number }
  | { name: string; ints: number[] }
  | { name: string; graph: OnnxModel };
export type OnnxNode = {
  op: string;
  inputs: string[];
  outputs: string[];
  domain?: string;
  attributes?: OnnxAttribute[];
};
export type OnnxModel = {
  nodes: OnnxNode[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  initializers?: OnnxTensor[];
  /** Opset of the default domain. */
  opset?: number;
};

/** The bytes of a .onnx file. */
export function onnxFile(model: OnnxModel): Buffer {
  const domains = new Set(['', ...model.nodes.map((node) => node.domain ?? '')]);
  return message([
    integer(1, 8),
    text(2, 'lathe-test'),
    bytes(7, graphProto(model)),
    ...[...domains].map((domain) =>
      bytes(8, message([text(1, domain), integer(2, domain === '' ? (model.opset ?? 17) : 1)])),
    ),
  ]);
}

/** y = last(… relu(x·W1 + b1) …·Wn + bn): layer widths from input to output, weights from a fixed seed. */
export function mlpModel(
  widths: readonly number[],
  seed = 1,
  last: 'Sigmoid' | 'Softmax' = 'Sigmoid',
): OnnxModel {
  const random = seededRandom(seed);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  let from = 'x';
  for (let layer = 1; layer < widths.length; layer++) {
    const [rows, columns] = [widths[layer - 1] ?? 1, widths[layer] ?? 1];
    const scale = Math.sqrt(2 / rows);
    const weights = Float32Array.from({ length: rows * columns }, () => (random() - 0.5) * 2 * scale);
    initializers.push({ name: `w${layer}`, shape: [rows, columns], data: weights });
    initializers.push({ name: `b${layer}`, shape: [columns], data: new Float32Array(columns).fill(0.01) });
    nodes.push({ op: 'Gemm', inputs: [from, `w${layer}`, `b${layer}`], outputs: [`g${layer}`] });
    const isLast = layer === widths.length - 1;
    from = isLast ? 'y' : `h${layer}`;
    nodes.push({ op: isLast ? last : 'Relu', inputs: [`g${layer}`], outputs: [from] });
  }
  return {
    nodes,
    initializers,
    inputs: [{ name: 'x', type: ONNX.FP32, shape: ['N', widths[0] ?? 1] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N', widths.at(-1) ?? 1] }],
  };
}

function graphProto(graph: OnnxModel): Buffer {
  return message([
    ...graph.nodes.map((node) => bytes(1, nodeProto(node))),
    text(2, 'graph'),
    ...(graph.initializers ?? []).map((tensor) => bytes(5, tensorProto(tensor))),
    ...graph.inputs.map((value) => bytes(11, valueInfo(value))),
    ...graph.outputs.map((value) => bytes(12, valueInfo(value))),
  ]);
}

function nodeProto(node: OnnxNode): Buffer {
  return message([
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.op),
    ...(node.attributes ?? []).map((attribute) => bytes(5, attributeProto(attribute))),
    ...(node.domain ? [text(7, node.domain)] : []),
  ]);
}

function attributeProto(attribute: OnnxAttribute): Buffer {
  if ('int' in attribute)
    return message([text(1, attribute.name), integer(3, attribute.int), integer(20, 2)]);
  if ('float' in attribute)
    return message([text(1, attribute.name), float(2, attribute.float), integer(20, 1)]);
  if ('graph' in attribute)
    return message([text(1, attribute.name), bytes(6, graphProto(attribute.graph)), integer(20, 5)]);
  return message([
    text(1, attribute.name),
    ...attribute.ints.map((value) => integer(8, value)),
    integer(20, 7),
  ]);
}

function tensorProto(tensor: OnnxTensor): Buffer {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return message([
    ...tensor.shape.map((dim) => integer(1, dim)),
    integer(2, tensor.data instanceof Float32Array ? ONNX.FP32 : ONNX.INT64),
    text(8, tensor.name),
    bytes(9, Buffer.from(buffer, byteOffset, byteLength)),
  ]);
}

function valueInfo(value: OnnxValue): Buffer {
  const dims = value.shape.map((dim) =>
    bytes(1, typeof dim === 'number' ? message([integer(1, dim)]) : message([text(2, dim)])),
  );
  const tensorType = message([integer(1, value.type), bytes(2, message(dims))]);
  return message([text(1, value.name), bytes(2, message([bytes(1, tensorType)]))]);
}

const message = (fields: Buffer[]): Buffer => Buffer.concat(fields);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const float = (field: number, value: number): Buffer => {
  const fixed = Buffer.alloc(4);
  fixed.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), fixed]);
};
const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(out);
}

/** mulberry32: small, deterministic, good enough for weights. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * What an ONNX file says of itself: inputs, outputs, opset, producer, metadata, operators. The field numbers are
 * those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3. ONNX Runtime itself judges later, in the runner;
 * this reader tells a model from another file, and never loads weights.
 */
import { open } from 'node:fs/promises';
import type { Datatype, TensorSpec } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';
import { type Field, WireError, type WireFile, wireFile } from './onnx-wire.ts';

export type OnnxModel = {
  irVersion: number;
  /** Of the standard operators; null when the model uses none of them. */
  opset: number | null;
  producer: string;
  metadata: Record<string, string>;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
};

/** TensorProto.DataType by number, as the Open Inference Protocol names them. */
const DATATYPES: Record<number, Datatype> = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  10: 'FP16',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
  16: 'BF16',
};
const STANDARD_DOMAINS = new Set(['', 'ai.onnx']);
/** Domains that ONNX Runtime implements, or whose operators it is left to judge. */
const KNOWN_DOMAINS = /^($|ai\.onnx|com\.microsoft|com\.ms\.internal|org\.pytorch)/;
const DATA_IS_EXTERNAL = 1;

/** Throws LATHE_MODELS_NOT_ONNX, LATHE_MODELS_UNSUPPORTED_OPERATOR or LATHE_MODELS_LOAD_FAILED; `name` is for the message. */
export async function inspectOnnx(file: string, name: string): Promise<OnnxModel> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    return await readModel(wireFile(handle, size), name);
  } catch (thrown) {
    if (!(thrown instanceof WireError)) throw thrown;
    throw new LatheError('LATHE_MODELS_NOT_ONNX', { file: name, reason: thrown.message }, { cause: thrown });
  } finally {
    await handle.close();
  }
}

async function readModel(wire: WireFile, name: string): Promise<OnnxModel> {
  if (wire.size === 0) throw new WireError('it is empty');
  let irVersion = 0;
  let opset: number | null = null;
  let graphField: Field | null = null;
  const producer: string[] = [];
  const metadata: Record<string, string> = {};
  const ownDomains = new Set<string>();
  let opsets = 0;

  for await (const field of wire.fields(0, wire.size)) {
    if (field.no === 1) irVersion = field.value ?? 0;
    else if (field.no === 2 || field.no === 3) producer.push(await wire.text(field));
    else if (field.no === 7 && field.value === null) graphField = field;
    else if (field.no === 8) {
      const { domain, version } = await readOpset(wire, field);
      opsets += 1;
      if (STANDARD_DOMAINS.has(domain)) opset = version;
    } else if (field.no === 14) {
      const [key, value] = await readPair(wire, field);
      metadata[key] = value;
    } else if (field.no === 25) ownDomains.add(await textOf(wire, field, 10));
  }
  if (irVersion < 1 || irVersion > 1000 || opsets === 0 || !graphField)
    throw new WireError('it has no graph with an operator set');
  const { inputs, outputs } = await readGraph(wire, graphField, name, ownDomains);
  return { irVersion, opset, producer: producer.filter(Boolean).join(' '), metadata, inputs, outputs };
}

async function readGraph(
  wire: WireFile,
  graph: Field,
  name: string,
  ownDomains: ReadonlySet<string>,
): Promise<{ inputs: TensorSpec[]; outputs: TensorSpec[] }> {
  const inputs: TensorSpec[] = [];
  const outputs: TensorSpec[] = [];
  const weights = new Set<string>();
  for await (const field of wire.fields(graph.start, graph.end)) {
    if (field.no === 1) await checkNode(wire, field, name, ownDomains);
    else if (field.no === 5) weights.add(await readWeightName(wire, field, name));
    else if (field.no === 11) inputs.push(await readValue(wire, field, name));
    else if (field.no === 12) outputs.push(await readValue(wire, field, name));
  }
  if (outputs.length === 0) throw new WireError('its graph has no output');
  // Before IR 4 every weight was listed as an input as well.
  return { inputs: inputs.filter((input) => !weights.has(input.name)), outputs };
}

async function checkNode(wire: WireFile, node: Field, name: string, own: ReadonlySet<string>): Promise<void> {
  let operator = '';
  let domain = '';
  for await (const field of wire.fields(node.start, node.end)) {
    if (field.no === 4) operator = await wire.text(field);
    else if (field.no === 7) domain = await wire.text(field);
  }
  if (operator === '') throw new WireError('a node of its graph has no operator');
  if (!KNOWN_DOMAINS.test(domain) && !own.has(domain))
    throw new LatheError('LATHE_MODELS_UNSUPPORTED_OPERATOR', {
      file: name,
      operator: `${domain}.${operator}`,
    });
}

async function readWeightName(wire: WireFile, tensor: Field, name: string): Promise<string> {
  let weight = '';
  for await (const field of wire.fields(tensor.start, tensor.end)) {
    if (field.no === 8) weight = await wire.text(field);
    else if (field.no === 14 && field.value === DATA_IS_EXTERNAL)
      throw new LatheError('LATHE_MODELS_LOAD_FAILED', {
        file: name,
        reason: 'its weights are in a separate file; save it with the weights inside',
      });
  }
  return weight;
}

/** ValueInfoProto → TypeProto → Tensor → TensorShapeProto. A dimension without a number is -1. */
async function readValue(wire: WireFile, value: Field, file: string): Promise<TensorSpec> {
  let name = '';
  let type: Field | null = null;
  for await (const field of wire.fields(value.start, value.end)) {
    if (field.no === 1) name = await wire.text(field);
    else if (field.no === 2) type = field;
  }
  const tensor = type && (await child(wire, type, 1));
  if (!tensor)
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', {
      file,
      reason: `${name} is not a tensor (with skl2onnx, convert with the option zipmap=False)`,
    });
  let datatype: Datatype | undefined;
  const shape: number[] = [];
  for await (const field of wire.fields(tensor.start, tensor.end)) {
    if (field.no === 1) datatype = DATATYPES[field.value ?? 0];
    else if (field.no === 2)
      for await (const dim of wire.fields(field.start, field.end))
        if (dim.no === 1) shape.push(await readDimension(wire, dim));
  }
  if (!datatype)
    throw new LatheError('LATHE_MODELS_LOAD_FAILED', {
      file,
      reason: `${name} has a datatype that is not served`,
    });
  return { name, datatype, shape: shape.length > 0 ? shape : [-1] };
}

async function readDimension(wire: WireFile, dimension: Field): Promise<number> {
  for await (const field of wire.fields(dimension.start, dimension.end))
    if (field.no === 1 && field.value !== null && field.value > 0 && field.value < 2 ** 31)
      return field.value;
  return -1;
}

async function readOpset(wire: WireFile, opset: Field): Promise<{ domain: string; version: number }> {
  let domain = '';
  let version = 0;
  for await (const field of wire.fields(opset.start, opset.end)) {
    if (field.no === 1) domain = await wire.text(field);
    else if (field.no === 2) version = field.value ?? 0;
  }
  return { domain, version };
}

const readPair = async (wire: WireFile, pair: Field): Promise<[string, string]> => [
  await textOf(wire, pair, 1),
  await textOf(wire, pair, 2),
];

async function textOf(wire: WireFile, message: Field, no: number): Promise<string> {
  const field = await child(wire, message, no);
  return field ? wire.text(field) : '';
}

async function child(wire: WireFile, message: Field, no: number): Promise<Field | null> {
  for await (const field of wire.fields(message.start, message.end)) if (field.no === no) return field;
  return null;
}

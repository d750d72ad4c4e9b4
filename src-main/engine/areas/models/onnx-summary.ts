/**
 * What an ONNX model is made of: operators with counts, sizes of its weights. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3. Weights are never loaded; a file that is made to be
 * endless or deep is read to a limit, and the summary says so.
 */
import { open } from 'node:fs/promises';
import type { OnnxSummary } from '../../../contract/models.ts';
import { type Field, type WireFile, wireFile } from './onnx-wire.ts';

const LIMITS = { nodes: 200_000, operators: 1_000, weights: 200_000, opsets: 100, depth: 8, nameLength: 200 };
/** The operators whose attributes hold graphs of their own. */
const WITH_GRAPHS = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

type Sums = {
  operators: Map<string, number>;
  nodes: number;
  weights: number;
  parameters: number;
  whole: boolean;
};

/** Throws WireError for what is no ONNX file; such files are not registered. */
export async function summariseOnnx(file: string): Promise<OnnxSummary> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    return await summarise(wireFile(handle, size));
  } finally {
    await handle.close();
  }
}

async function summarise(wire: WireFile): Promise<OnnxSummary> {
  const sums: Sums = { operators: new Map(), nodes: 0, weights: 0, parameters: 0, whole: true };
  const opsets: { domain: string; version: number }[] = [];
  let irVersion = 0;
  for await (const field of wire.fields(0, wire.size)) {
    if (field.no === 1) irVersion = field.value ?? 0;
    else if (field.no === 7 && field.value === null) await readGraph(wire, field, sums, 0);
    else if (field.no === 8 && opsets.length < LIMITS.opsets) opsets.push(await readOpset(wire, field));
  }
  return {
    irVersion,
    opsets,
    nodes: sums.nodes,
    operators: [...sums.operators]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    weights: sums.weights,
    parameters: Math.min(sums.parameters, Number.MAX_SAFE_INTEGER),
    whole: sums.whole,
  };
}

async function readGraph(wire: WireFile, graph: Field, sums: Sums, depth: number): Promise<void> {
  for await (const field of wire.fields(graph.start, graph.end)) {
    if (sums.nodes >= LIMITS.nodes || sums.weights >= LIMITS.weights) {
      sums.whole = false;
      return;
    }
    if (field.no === 1) await readNode(wire, field, sums, depth);
    else if (field.no === 5) {
      sums.weights += 1;
      sums.parameters += await elementsOf(wire, field);
    }
  }
}

async function readNode(wire: WireFile, node: Field, sums: Sums, depth: number): Promise<void> {
  let operator = '';
  let domain = '';
  const attributes: Field[] = [];
  for await (const field of wire.fields(node.start, node.end)) {
    if (field.no === 4) operator = (await wire.text(field)).slice(0, LIMITS.nameLength);
    else if (field.no === 7) domain = (await wire.text(field)).slice(0, LIMITS.nameLength);
    else if (field.no === 5 && WITH_GRAPHS.has(operator)) attributes.push(field);
  }
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  sums.nodes += 1;
  const known = sums.operators.get(name);
  if (known !== undefined || sums.operators.size < LIMITS.operators)
    sums.operators.set(name, (known ?? 0) + 1);
  else sums.whole = false;
  for (const attribute of attributes)
    for await (const field of wire.fields(attribute.start, attribute.end)) {
      if (field.no !== 6 && field.no !== 11) continue;
      if (depth >= LIMITS.depth) sums.whole = false;
      else await readGraph(wire, field, sums, depth + 1);
    }
}

/** Product of a tensor's dimensions; they come packed into one field or one by one. */
async function elementsOf(wire: WireFile, tensor: Field): Promise<number> {
  let elements = 1;
  for await (const field of wire.fields(tensor.start, tensor.end)) {
    if (field.no !== 1) continue;
    if (field.value !== null) elements *= field.value;
    else for await (const dimension of wire.varints(field)) elements *= dimension;
  }
  return elements;
}

async function readOpset(wire: WireFile, opset: Field): Promise<{ domain: string; version: number }> {
  let domain = '';
  let version = 0;
  for await (const field of wire.fields(opset.start, opset.end)) {
    if (field.no === 1) domain = (await wire.text(field)).slice(0, LIMITS.nameLength);
    else if (field.no === 2) version = field.value ?? 0;
  }
  return { domain: domain || 'ai.onnx', version: Math.min(version, 2 ** 31) };
}

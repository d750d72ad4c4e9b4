/**
 * Requests with more rows than a batch may have: cut into parts that run as any other request, so that they
 * neither block the device for others nor wait for a batch of their own, and joined again from their answers.
 */
import { ELEMENT_BYTES } from '../tensors.ts';
import type { InferRequest, InputTensor, NumericArray, OutputTensor } from './request.ts';
import { byteBound } from './tensor-frames.ts';

/** More parts than these cost more than they are good for: beyond, they have more rows. */
const MOST_PARTS = 4_096;

/** Parts of at most so many rows each, in order, unless they would be too many; the request itself when it fits. */
export function splitRequest(request: InferRequest, rowsAPart: number): InferRequest[] {
  const { rows } = request;
  if (rows <= rowsAPart) return [request];
  const most = Math.max(rowsAPart, Math.ceil(rows / MOST_PARTS));
  const columns = request.inputs.map((input) => ({ input, at: rowOffsets(input) }));
  return Array.from({ length: Math.ceil(rows / most) }, (_, part) => {
    const [from, to] = [part * most, Math.min(rows, (part + 1) * most)];
    const inputs = columns.map(({ input, at }) => slice(input, at, from, to));
    let bytes = 0;
    for (const input of inputs) bytes += byteBound(input);
    return { ...request, inputs, rows: to - from, bytes };
  });
}

/**
 * The outputs of the whole request from those of its parts. Null when a part's output has another first dimension
 * than the part had rows: then the model does not answer row by row, and must see the request whole.
 */
export function joinOutputs(
  parts: readonly InferRequest[],
  outputs: readonly (readonly OutputTensor[])[],
): OutputTensor[] | null {
  const rowWise = parts.every(({ rows }, part) => outputs[part]?.every(({ shape }) => shape[0] === rows));
  if (!rowWise) return null;
  return (outputs[0] ?? []).map((first, index) => {
    const pieces = outputs.map((each) => each[index] as OutputTensor);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const values = concat(pieces);
    return { ...first, shape: [rows, ...first.shape.slice(1)], values, from: 0, to: values.length };
  });
}

/** Where rows begin in the raw bytes; null where it follows from the width. */
function rowOffsets(input: InputTensor): ArrayLike<number> | null {
  const { raw, datatype, count, rowAt } = input;
  if (!raw || ELEMENT_BYTES[datatype] > 0) return null;
  if (rowAt) return rowAt;
  const rows = input.shape[0] ?? 1;
  const width = count / rows;
  const offsets: number[] = [];
  let at = 0;
  for (let element = 0; element < count; element++) {
    if (element % width === 0) offsets.push(at);
    at += 4 + raw.readUInt32LE(at);
  }
  return [...offsets, at];
}

function slice(input: InputTensor, offsets: ArrayLike<number> | null, from: number, to: number): InputTensor {
  const width = input.count / (input.shape[0] ?? 1);
  const step = width * ELEMENT_BYTES[input.datatype];
  const [begin, end] = offsets ? [offsets[from], offsets[to]] : [from * step, to * step];
  return {
    ...input,
    shape: [to - from, ...input.shape.slice(1)],
    count: (to - from) * width,
    values: input.values?.slice(from * width, to * width) ?? null,
    raw: input.raw?.subarray(begin, end) ?? null,
    ...(input.rowAt && { rowAt: null }),
  };
}

function concat(pieces: readonly OutputTensor[]): OutputTensor['values'] {
  const first = pieces[0]?.values ?? [];
  if (!ArrayBuffer.isView(first)) {
    return pieces.flatMap(({ values, from, to }) => (values as readonly string[]).slice(from, to));
  }
  let total = 0;
  for (const { from, to } of pieces) total += to - from;
  const whole = new (first.constructor as new (length: number) => NumericArray)(total);
  let at = 0;
  for (const { values, from, to } of pieces) {
    // All parts come from one model, so their arrays are of one kind; the union of kinds does not say so.
    whole.set((values as NumericArray).subarray(from, to) as never, at);
    at += to - from;
  }
  return whole;
}

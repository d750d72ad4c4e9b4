/** The checks that a request passes whatever protocol it came by. `name` is what the client called the model. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { ELEMENT_BYTES } from '../tensors.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor } from './request.ts';
import { walkStrings } from './string-walk.ts';
import { byteBound } from './tensor-frames.ts';

/** The request from its checked parts; throws LATHE_SERVING_INPUT_SHAPE when the inputs disagree on the rows. */
export function assemble(
  plan: ModelPlan,
  name: string,
  id: string | null,
  inputs: InputTensor[],
  outputs: number[] | null,
): InferRequest {
  const rows = plan.batchable ? commonRows(name, inputs) : 1;
  let bytes = 0;
  let shapeKey = '';
  for (let at = 0; at < inputs.length; at++) {
    const { shape } = inputs[at] as InputTensor;
    bytes += byteBound(inputs[at] as InputTensor);
    const spec = (plan.inputs[at] as TensorSpec).shape;
    // Dimensions that the model fixes are the same for everyone; the others decide who can share a batch.
    for (let axis = plan.batchable ? 1 : 0; axis < shape.length; axis++)
      if (spec[axis] === undefined || spec[axis] === -1) shapeKey += `${at}.${axis}=${shape[axis]} `;
  }
  return { id, inputs, rows, shapeKey, bytes, outputs };
}

/** Throws LATHE_SERVING_INPUT_MISSING when not every input is there. */
export function complete(
  plan: ModelPlan,
  name: string,
  found: readonly (InputTensor | undefined)[],
): InputTensor[] {
  return plan.inputs.map((spec, index) => {
    const tensor = found[index];
    if (tensor) return tensor;
    throw new LatheError('LATHE_SERVING_INPUT_MISSING', { name, input: spec.name });
  });
}

export function checkDatatype(name: string, spec: TensorSpec, found: unknown): void {
  if (found === spec.datatype) return;
  throw new LatheError('LATHE_SERVING_INPUT_TYPE', {
    input: spec.name,
    name,
    found: typeof found === 'string' ? brief(found) : 'none',
    expected: spec.datatype,
  });
}

/** Most dimensions of any tensor. */
const MAX_RANK = 16;

/** The shape as it was found, with its number of values, of which there is at least one. */
export function checkShape(
  name: string,
  spec: TensorSpec,
  found: unknown,
): { shape: number[]; count: number } {
  const expected = spec.shape;
  // Rank 0 in the metadata is a scalar, or a shape that the exporter did not write down.
  let fits =
    Array.isArray(found) &&
    (found.length === expected.length || (expected.length === 0 && found.length <= MAX_RANK));
  const shape = found as number[];
  let count = 1;
  for (let axis = 0; fits && axis < shape.length; axis++) {
    const dim = shape[axis] as number;
    const free = expected[axis] === undefined || expected[axis] === -1;
    count *= dim;
    fits =
      Number.isSafeInteger(count) && dim > 0 && Number.isInteger(dim) && (free || expected[axis] === dim);
  }
  if (fits) return { shape, count };
  throw new LatheError('LATHE_SERVING_INPUT_SHAPE', {
    input: spec.name,
    name,
    found: brief(JSON.stringify(found) ?? 'none'),
    expected: JSON.stringify(expected),
  });
}

/**
 * A tensor over bytes in the protocol's raw form: little-endian, row-major, no padding; BOOL one byte of 0 or
 * 1; BYTES elements as a u32le length and that many bytes of UTF-8. The bytes stay where they are. Very many strings
 * are not looked at here, but left as the tensor's `unchecked`.
 */
export function rawTensor(spec: TensorSpec, shape: number[], count: number, raw: Buffer): InputTensor {
  const { name, datatype } = spec;
  if (datatype === 'BYTES') {
    const walk = walkStrings(spec, shape[0] ?? 1, count, raw);
    const unchecked = walk.isShort && walk.step() ? undefined : walk;
    return { name, datatype, shape, count, values: null, raw, rowAt: walk.rowAt, unchecked };
  }
  const expected = count * ELEMENT_BYTES[datatype];
  if (raw.length !== expected) {
    const what = `${count} values of ${datatype} take ${expected} bytes`;
    throw dataError(spec, `unexpected total byte size ${raw.length}: ${what}`);
  }
  if (datatype === 'BOOL' && !isBool(raw)) throw dataError(spec, 'BOOL is one byte of 0 or 1 a value');
  return { name, datatype, shape, count, values: null, raw };
}

/** Four values at a time: there may be as many as a body has bytes. */
function isBool(raw: Buffer): boolean {
  const { buffer, byteOffset, length } = raw;
  const lead = Math.min(length, (4 - (byteOffset % 4)) % 4);
  const words = (length - lead) >> 2;
  let bits = 0;
  for (let at = 0; at < lead; at++) bits |= raw[at] as number;
  if (words > 0) {
    const view = new Uint32Array(buffer, byteOffset + lead, words);
    for (let at = 0; at < words; at++) bits |= view[at] as number;
  }
  for (let at = lead + words * 4; at < length; at++) bits |= raw[at] as number;
  return (bits & 0xfefefefe) === 0;
}

/** What the small integer types hold. */
export const WHOLE_RANGES: Partial<Record<Datatype, readonly [low: number, high: number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
};

/** The number of rows that all inputs must share. */
function commonRows(name: string, tensors: readonly InputTensor[]): number {
  const rows = tensors[0]?.shape[0] ?? 1;
  for (const tensor of tensors) {
    if (tensor.shape[0] === rows) continue;
    throw new LatheError('LATHE_SERVING_INPUT_SHAPE', {
      input: tensor.name,
      name,
      found: JSON.stringify(tensor.shape),
      expected: JSON.stringify([rows, ...tensor.shape.slice(1)]),
    });
  }
  return rows;
}

export function outputIndex(plan: ModelPlan, name: string, output: unknown): number {
  const index = typeof output === 'string' ? plan.outputIndex.get(output) : undefined;
  if (index === undefined) throw invalid(`${name} has no output named ${brief(String(output))}`);
  return index;
}

export const brief = (text: string, limit = 120): string =>
  text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
export const invalid = (reason: string) => new LatheError('LATHE_INPUT_INVALID', { reason });
export const unsupported = (what: string) => new LatheError('LATHE_SERVING_UNSUPPORTED', { what });
export const dataError = (spec: TensorSpec, reason: string) =>
  new LatheError('LATHE_SERVING_INPUT_DATA', { input: spec.name, reason });

/** The checks that a request passes whatever protocol it came by. `name` is what the client called the model. */
import type { TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { elementCount } from '../tensors.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor } from './request.ts';
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
  for (const tensor of inputs) {
    bytes += byteBound(tensor);
    const rest = plan.batchable ? tensor.shape.slice(1) : tensor.shape;
    if (rest.length > 1 || (rest.length === 1 && rest[0] !== 1)) shapeKey += `${tensor.name}[${rest}]`;
    else shapeKey += rest.length;
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

export function checkShape(
  name: string,
  spec: TensorSpec,
  found: unknown,
): { shape: number[]; count: number } {
  const count = isNumbers(found) ? elementCount(found) : null;
  if (isNumbers(found) && count !== null && count > 0) {
    // Rank 0 in the metadata is a scalar, or a shape that the exporter did not write down.
    const fits =
      spec.shape.length === 0 ||
      (found.length === spec.shape.length &&
        spec.shape.every((expected, at) => expected === -1 || expected === found[at]));
    if (fits) return { shape: found, count };
  }
  throw new LatheError('LATHE_SERVING_INPUT_SHAPE', {
    input: spec.name,
    name,
    found: brief(JSON.stringify(found) ?? 'none'),
    expected: JSON.stringify(spec.shape),
  });
}

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

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 16 && value.every((dim) => typeof dim === 'number');

export const brief = (text: string, limit = 120): string =>
  text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
export const invalid = (reason: string) => new LatheError('LATHE_INPUT_INVALID', { reason });
export const dataError = (spec: TensorSpec, reason: string) =>
  new LatheError('LATHE_SERVING_INPUT_DATA', { input: spec.name, reason });

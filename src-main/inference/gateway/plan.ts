/** What a loaded model version expects and gives, prepared for checking requests quickly. */
import type { TensorSpec } from '../../contract/common.ts';

export type ModelPlan = {
  /** "<model>@<version>" */
  key: string;
  version: string;
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  inputIndex: ReadonlyMap<string, number>;
  outputIndex: ReadonlyMap<string, number>;
  /** The first dimension of every tensor is free, so rows of several requests can run together. */
  batchable: boolean;
  /** Whole numbers beyond 2^53 must be read from the text itself. */
  wideIntegers: boolean;
};

export function planOf(
  key: string,
  version: string,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): ModelPlan {
  return {
    key,
    version,
    inputs,
    outputs,
    inputIndex: new Map(inputs.map((spec, at) => [spec.name, at])),
    outputIndex: new Map(outputs.map((spec, at) => [spec.name, at])),
    // An output of rank 0 is often one whose shape the exporter did not write down; the split tells.
    batchable:
      inputs.length > 0 &&
      inputs.every((spec) => spec.shape[0] === -1) &&
      outputs.every((spec) => spec.shape.length === 0 || spec.shape[0] === -1),
    wideIntegers: inputs.some((spec) => spec.datatype === 'INT64' || spec.datatype === 'UINT64'),
  };
}

/** Requests that were checked against one may run on the other. */
export const sameSignature = (left: ModelPlan, right: ModelPlan): boolean =>
  JSON.stringify([left.inputs, left.outputs]) === JSON.stringify([right.inputs, right.outputs]);

/** A gRPC inference request checked against the model, and an answer as a gRPC message. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import {
  assemble,
  brief,
  checkDatatype,
  checkShape,
  complete,
  dataError,
  invalid,
  outputIndex,
  rawTensor,
  unsupported,
  WHOLE_RANGES,
} from './checks.ts';
import type {
  GrpcContents,
  GrpcInferRequest,
  GrpcInferResponse,
  GrpcParameter,
  GrpcParameters,
} from './grpc-protocol.ts';
import { type Answer, rawOutput } from './http-answer.ts';
import { readOptions, unsupportedIn } from './options.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor, RequestOptions, Scalar } from './request.ts';

/** Parameters of these names are numbers, which arrive as text where they are 64 bits wide. */
const NUMBERS = ['lathe_event_ms', 'priority', 'timeout'] as const;

export function grpcOptions(parameters: GrpcParameters): RequestOptions {
  const values: Record<string, unknown> = {};
  const unit = chosen(parameters.lathe_unit);
  if (unit !== undefined) values.lathe_unit = String(unit);
  for (const name of NUMBERS) {
    const value = chosen(parameters[name]);
    if (value !== undefined) values[name] = typeof value === 'string' ? Number(value) : value;
  }
  return readOptions(values);
}

/** Raw contents belong to the inputs in order; with any of them there may be no typed contents. */
export function readGrpcRequest(plan: ModelPlan, name: string, message: GrpcInferRequest): InferRequest {
  const raws = message.raw_input_contents;
  if (raws.length > 0 && raws.length !== message.inputs.length)
    throw invalid(
      `expected number of raw input contents ${raws.length} to be equal to number of inputs ${message.inputs.length}`,
    );
  const found = new Array<InputTensor | undefined>(plan.inputs.length);
  message.inputs.forEach((given, at) => {
    const index = plan.inputIndex.get(given.name);
    if (index === undefined)
      throw new LatheError('LATHE_SERVING_INPUT_UNKNOWN', { name, input: brief(given.name) });
    if (found[index]) throw invalid(`input ${given.name} is there twice`);
    refuseUnsupported(given.parameters);
    const spec = plan.inputs[index] as TensorSpec;
    checkDatatype(name, spec, given.datatype);
    const { shape, count } = checkShape(name, spec, given.shape.map(Number));
    const raw = raws[at];
    if (raw && given.contents) throw dataError(spec, 'it has both raw and typed contents');
    found[index] = raw ? rawTensor(spec, shape, count, raw) : fromTyped(spec, shape, count, given.contents);
  });
  const inputs = complete(plan, name, found);
  const wanted = message.outputs.map((output) => {
    refuseUnsupported(output.parameters);
    return outputIndex(plan, name, output.name);
  });
  const id = message.id === '' ? null : message.id;
  return assemble(plan, name, id, inputs, wanted.length > 0 ? wanted : null);
}

/** Outputs always travel raw, as inference servers commonly do: it is the one form that every datatype has. */
export function grpcAnswer(answer: Answer): GrpcInferResponse {
  return {
    model_name: answer.name,
    model_version: answer.version,
    id: answer.id,
    parameters: { lathe_arm: { string_param: answer.arm, parameter_choice: 'string_param' } },
    outputs: answer.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: answer.outputs.map(rawOutput),
  };
}

function refuseUnsupported(parameters: GrpcParameters): void {
  const missing = unsupportedIn(parameters);
  if (missing) throw unsupported(missing);
}

function fromTyped(
  spec: TensorSpec,
  shape: number[],
  count: number,
  contents: GrpcContents | null,
): InputTensor {
  const { name, datatype } = spec;
  const key = CONTENTS[datatype];
  if (!key) throw dataError(spec, `${datatype} is given as raw_input_contents only`);
  const given = contents?.[key] ?? [];
  if (given.length !== count)
    throw dataError(spec, `its shape needs ${count} values and ${key} has ${given.length}`);
  if (datatype === 'BYTES') {
    const texts = given as Buffer[];
    let size = 0;
    for (const { length } of texts) size += 4 + length;
    const raw = Buffer.allocUnsafe(size);
    let end = 0;
    for (const text of texts) {
      raw.writeUInt32LE(text.length, end);
      raw.set(text, end + 4);
      end += 4 + text.length;
    }
    return rawTensor(spec, shape, count, raw);
  }
  const values: readonly Scalar[] =
    datatype === 'INT64' || datatype === 'UINT64'
      ? (given as string[]).map((value) => BigInt(value))
      : (given as number[] | boolean[]);
  const [low, high] = WHOLE_RANGES[datatype] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  // Small integers travel in 32-bit fields, which hold more than they may.
  for (const value of values)
    if (typeof value === 'number' && (value < low || value > high))
      throw dataError(spec, `${value} is not ${datatype}`);
  return { name, datatype, shape, count, values, raw: null };
}

const CONTENTS: Partial<Record<Datatype, keyof GrpcContents>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

const chosen = (parameter: GrpcParameter | undefined): string | number | boolean | undefined =>
  parameter?.parameter_choice && parameter[parameter.parameter_choice];

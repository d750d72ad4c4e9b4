/** A gRPC inference request checked against the model, and an answer as a gRPC message. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { decodeStrings, ELEMENT_BYTES, encodeStrings } from '../tensors.ts';
import {
  assemble,
  brief,
  checkDatatype,
  checkShape,
  complete,
  dataError,
  invalid,
  outputIndex,
} from './checks.ts';
import type { GrpcContents, GrpcInferRequest, GrpcInferResponse, GrpcParameter } from './grpc-protocol.ts';
import type { Answer } from './json-response.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor, OutputTensor, RoutingHints, Scalar } from './request.ts';

export function grpcHints(parameters: Record<string, GrpcParameter>): RoutingHints {
  const unit = parameterValue(parameters.lathe_unit);
  const eventMs = parameterValue(parameters.lathe_event_ms);
  if (eventMs !== null && !(Number.isSafeInteger(Number(eventMs)) && Number(eventMs) >= 0))
    throw invalid('parameters.lathe_event_ms must be a whole number of milliseconds since 1970');
  return { unit: unit === null ? null : String(unit), eventMs: eventMs === null ? null : Number(eventMs) };
}

/** Raw contents belong to the inputs in order; with any of them there may be no typed contents. */
export function readGrpcRequest(plan: ModelPlan, name: string, message: GrpcInferRequest): InferRequest {
  const raws = message.raw_input_contents;
  if (raws.length > 0 && raws.length !== message.inputs.length)
    throw invalid(`raw_input_contents has ${raws.length} entries for ${message.inputs.length} inputs`);
  const found = new Array<InputTensor | undefined>(plan.inputs.length);
  message.inputs.forEach((given, at) => {
    const index = plan.inputIndex.get(given.name);
    if (index === undefined)
      throw new LatheError('LATHE_SERVING_INPUT_UNKNOWN', { name, input: brief(given.name) });
    if (found[index]) throw invalid(`input ${given.name} is there twice`);
    const spec = plan.inputs[index] as TensorSpec;
    checkDatatype(name, spec, given.datatype);
    const { shape, count } = checkShape(name, spec, given.shape.map(Number));
    const raw = raws[at];
    if (raw && given.contents) throw dataError(spec, 'it has both raw and typed contents');
    found[index] = raw ? fromRaw(spec, shape, count, raw) : fromTyped(spec, shape, count, given.contents);
  });
  const inputs = complete(plan, name, found);
  const wanted = message.outputs.map((output) => outputIndex(plan, name, output.name));
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
    raw_output_contents: answer.outputs.map(rawOf),
  };
}

function rawOf(output: OutputTensor): Buffer {
  const { values, from, to } = output;
  if (!ArrayBuffer.isView(values)) return encodeStrings(values.slice(from, to));
  const size = values.BYTES_PER_ELEMENT;
  return Buffer.from(values.buffer, values.byteOffset + from * size, (to - from) * size);
}

function fromRaw(spec: TensorSpec, shape: number[], count: number, raw: Buffer): InputTensor {
  const size = ELEMENT_BYTES[spec.datatype];
  const fits = size === 0 ? decodeStrings(raw, count) !== null : raw.length === count * size;
  if (!fits) throw dataError(spec, `${raw.length} raw bytes are not ${count} values of ${spec.datatype}`);
  return { name: spec.name, datatype: spec.datatype, shape, count, values: null, raw };
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
    const parts = (given as Buffer[]).flatMap((value) => {
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32LE(value.length);
      return [length, value];
    });
    return { name, datatype, shape, count, values: null, raw: Buffer.concat(parts) };
  }
  const values: readonly Scalar[] =
    datatype === 'INT64' || datatype === 'UINT64'
      ? (given as string[]).map((value) => BigInt(value))
      : (given as number[] | boolean[]);
  const [low, high] = RANGES[datatype] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
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

/** Small integers travel in 32-bit fields, which hold more than they may. */
const RANGES: Partial<Record<Datatype, [low: number, high: number]>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
};

function parameterValue(parameter: GrpcParameter | undefined): string | number | boolean | null {
  const choice = parameter?.parameter_choice;
  return (choice && parameter[choice]) ?? null;
}

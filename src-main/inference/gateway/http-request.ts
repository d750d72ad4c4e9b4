/**
 * An Open Inference Protocol request over HTTP: JSON, with the tensors in it or as binary data after it, or
 * bare bytes. Checked against the model before anything is allocated for what it announces.
 *
 * Choices where the protocol is silent: `data` may be flat or nested; null in FP32 and FP64 data is NaN (JSON
 * has no NaN, and missing values are common); whole numbers beyond 2^53 are read exactly for INT64 and UINT64.
 */
import type { TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { ELEMENT_BYTES } from '../tensors.ts';
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
} from './checks.ts';
import { type JsonObject, parseExactly, parseJsonBody } from './json-text.ts';
import { jsonTensor } from './json-values.ts';
import { NO_OPTIONS, readOptions, unsupportedIn } from './options.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor, RequestOptions } from './request.ts';

/** Which outputs travel as bytes: `each` where the request lists outputs, in its order, else `all`. */
export type BinaryOutputs = { all: boolean; each: readonly boolean[] | null };

/** A body taken apart, before it is known which model it is for. */
export type HttpBody = {
  /** Null for a bare body of bytes. */
  json: JsonObject | null;
  options: RequestOptions;
  binaryOutput: boolean;
  /** Null where no number is left in it. */
  text: Buffer | null;
  tail: Buffer;
};

/** The JSON of a body and the tensors after it; `text` is null where there is no JSON. */
export type BodyParts = { text: Buffer | null; tail: Buffer };

/**
 * `headerLength` is the value of Inference-Header-Content-Length: how much of the body is JSON, the rest being
 * tensors. Undefined: all of it. "0": none, the body is the only input's bytes.
 */
export function splitBody(body: Buffer, headerLength: string | undefined): BodyParts {
  if (headerLength === undefined) return { text: body, tail: NOTHING };
  const length = headerBytes(headerLength, body.length);
  return length === 0
    ? { text: null, tail: body }
    : { text: body.subarray(0, length), tail: body.subarray(length) };
}

const NOTHING = Buffer.alloc(0);

export function readBodyParts({ text, tail }: BodyParts): HttpBody {
  if (text === null) return { json: null, options: NO_OPTIONS, binaryOutput: true, text: tail, tail };
  if (tail.length === 0 || text.length > MOST_KEPT_BYTES) return readJson(parseJsonBody(text), text, tail);
  if (!kept?.text.equals(text)) kept = { text: Buffer.from(text), json: parseJsonBody(text) };
  return readJson(kept.json, text, tail);
}

/** Beside tensors as bytes the JSON is often that of the request before, byte for byte. It is only read. */
let kept: { text: Buffer; json: JsonObject } | null = null;
const MOST_KEPT_BYTES = 1024;

/** The same for JSON that was parsed already. */
export function readJson(json: JsonObject, text: Buffer | null, tail: Buffer): HttpBody {
  const { parameters } = json;
  const given = parameters === undefined || parameters === null ? null : asParameters(parameters);
  const binary = given?.binary_data_output;
  if (binary !== undefined && typeof binary !== 'boolean')
    throw invalid('parameters.binary_data_output must be true or false');
  const options = given === null ? NO_OPTIONS : readOptions(given);
  return { json, options, binaryOutput: binary === true, text, tail };
}

function headerBytes(text: string, available: number): number {
  const length = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (length <= available) return length;
  throw invalid(
    `Inference-Header-Content-Length must be in range (0, ${available}), got: ${brief(text, 40)}`,
  );
}

/** The input alone, without the request's id and parameters: what the same input has in common. */
export const inputBytes = ({ json, tail }: HttpBody): Uint8Array[] =>
  json === null ? [tail] : [Buffer.from(JSON.stringify(json.inputs) ?? ''), tail];

/** Checks the body against the model. `name` is what the client called it. */
export function readHttpRequest(
  plan: ModelPlan,
  name: string,
  body: HttpBody,
): { request: InferRequest; binary: BinaryOutputs } {
  if (body.json === null) {
    const input = readBare(plan, name, body.tail);
    return { request: assemble(plan, name, null, [input], null), binary: { all: true, each: null } };
  }
  const json = (plan.wideIntegers && body.text && parseExactly(body.text)) || body.json;
  const id = json.id ?? null;
  if (id !== null && typeof id !== 'string') throw invalid('id must be a string');
  if (!Array.isArray(json.inputs)) throw invalid('inputs must be a list of tensors');
  const inputs = readInputs(plan, name, json.inputs, body.tail);
  const { outputs, each } = readOutputs(plan, name, json.outputs, body.binaryOutput);
  return { request: assemble(plan, name, id, inputs, outputs), binary: { all: body.binaryOutput, each } };
}

function readInputs(plan: ModelPlan, name: string, list: readonly unknown[], tail: Buffer): InputTensor[] {
  const found = new Array<InputTensor | undefined>(plan.inputs.length);
  let taken = 0;
  for (const given of list) {
    if (typeof given !== 'object' || given === null) throw invalid('each input must be an object');
    const { name: input, shape, datatype, data, parameters } = given as JsonObject;
    if (typeof input !== 'string') throw invalid('each input needs a name');
    const index = plan.inputIndex.get(input);
    if (index === undefined)
      throw new LatheError('LATHE_SERVING_INPUT_UNKNOWN', { name, input: brief(input) });
    if (found[index]) throw invalid(`input ${brief(input)} is there twice`);
    const spec = plan.inputs[index] as TensorSpec;
    checkDatatype(name, spec, datatype);
    const dims = checkShape(name, spec, shape);
    const size = parameters === undefined ? null : binarySize(spec, parameters);
    if (size === null) found[index] = jsonTensor(spec, dims.shape, dims.count, data);
    else {
      if (data !== undefined) throw dataError(spec, 'it has both data and binary_data_size');
      const end = taken + size;
      if (end > tail.length) {
        const reason = `expecting ${end - tail.length} additional bytes of binary data`;
        throw dataError(spec, reason);
      }
      found[index] = rawTensor(spec, dims.shape, dims.count, tail.subarray(taken, end));
      taken = end;
    }
  }
  if (taken < tail.length)
    throw invalid(`unexpected additional input data: ${tail.length - taken} bytes after the last tensor`);
  return complete(plan, name, found);
}

/** The value of binary_data_size, or null when the tensor is in the JSON. */
function binarySize(spec: TensorSpec, parameters: unknown): number | null {
  const given = asParameters(parameters);
  const missing = unsupportedIn(given);
  if (missing) throw unsupported(missing);
  const size = given.binary_data_size;
  if (size === undefined) return null;
  if (Number.isSafeInteger(size) && (size as number) >= 0) return size as number;
  throw dataError(spec, 'binary_data_size must be a whole number of bytes');
}

function readOutputs(
  plan: ModelPlan,
  name: string,
  wanted: unknown,
  binaryOutput: boolean,
): { outputs: number[] | null; each: boolean[] | null } {
  if (wanted === undefined || wanted === null) return { outputs: null, each: null };
  if (!Array.isArray(wanted)) throw invalid('outputs must be a list');
  if (wanted.length === 0) return { outputs: null, each: null };
  const each: boolean[] = [];
  const outputs = wanted.map((entry: unknown) => {
    const { name: output, parameters } = (entry ?? {}) as JsonObject;
    const given = parameters === undefined ? {} : asParameters(parameters);
    const missing = unsupportedIn(given);
    if (missing) throw unsupported(missing);
    const { binary_data: binary = binaryOutput } = given;
    if (typeof binary !== 'boolean') throw invalid('binary_data must be true or false');
    each.push(binary);
    return outputIndex(plan, name, output);
  });
  return { outputs, each };
}

/**
 * A bare body is one row of a model's only input, whose shape follows from the number of bytes: at most one
 * of its dimensions may be free. A BYTES input takes the body as its one string.
 */
function readBare(plan: ModelPlan, name: string, body: Buffer): InputTensor {
  const spec = plan.inputs[0];
  if (spec === undefined || plan.inputs.length !== 1)
    throw invalid(`a raw request needs a model with one input, and ${name} has ${plan.inputs.length}`);
  const shape = plan.batchable ? [1, ...spec.shape.slice(1)] : [...spec.shape];
  const free = shape.filter((dim) => dim < 0).length;
  if (free > 1) throw dataError(spec, 'its shape cannot be deduced: more than one dimension is free');
  const fixed = shape.reduce((product, dim) => (dim < 0 ? product : product * dim), 1);
  if (spec.datatype === 'BYTES') {
    if (fixed !== 1) throw dataError(spec, `a raw request carries one string, and its shape has ${fixed}`);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(body.length);
    return rawTensor(spec, shape.map(Math.abs), 1, Buffer.concat([length, body]));
  }
  const values = body.length / ELEMENT_BYTES[spec.datatype];
  const deduced = free === 0 ? fixed : Math.max(1, Math.floor(values / fixed)) * fixed;
  return rawTensor(
    spec,
    shape.map((dim) => (dim < 0 ? deduced / fixed : dim)),
    deduced,
    body,
  );
}

function asParameters(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid('parameters must be an object');
}

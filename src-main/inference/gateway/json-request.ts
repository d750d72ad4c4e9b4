/**
 * The JSON form of an Open Inference Protocol request: parsed and checked against the model before anything
 * is allocated for what it announces.
 *
 * Choices where the protocol is silent: `data` may be flat or nested; null in FP32 and FP64 data is NaN (JSON
 * has no NaN, and missing values are common); whole numbers beyond 2^53 are read exactly for INT64 and
 * UINT64; FP16 and BF16 are refused, as the protocol says.
 */
import { isUtf8 } from 'node:buffer';
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
} from './checks.ts';
import type { ModelPlan } from './plan.ts';
import type { InferRequest, InputTensor, RoutingHints, Scalar } from './request.ts';

export type JsonRequest = Record<string, unknown>;

/** The body as an object; throws LATHE_SERVING_BODY_MALFORMED. */
export function parseJsonBody(body: Buffer): JsonRequest {
  if (!isUtf8(body)) throw malformed('it is not UTF-8 text');
  return asRequest(parse(body.toString('utf8')));
}

/** What routes the request; throws LATHE_INPUT_INVALID for parameters of the wrong type. */
export function routingHints(json: JsonRequest): RoutingHints {
  const parameters = json.parameters;
  if (parameters === undefined || parameters === null) return { unit: null, eventMs: null };
  if (typeof parameters !== 'object' || Array.isArray(parameters))
    throw invalid('parameters must be an object');
  const { lathe_unit: unit, lathe_event_ms: eventMs } = parameters as Record<string, unknown>;
  if (unit !== undefined && typeof unit !== 'string' && typeof unit !== 'number')
    throw invalid('parameters.lathe_unit must be a string');
  if (eventMs !== undefined && !(Number.isSafeInteger(eventMs) && (eventMs as number) >= 0))
    throw invalid('parameters.lathe_event_ms must be a whole number of milliseconds since 1970');
  return { unit: unit === undefined ? null : String(unit), eventMs: (eventMs as number | undefined) ?? null };
}

/** Checks the request against the model. `name` is what the client called it; `body` the text it came from. */
export function readJsonRequest(
  plan: ModelPlan,
  name: string,
  json: JsonRequest,
  body: Buffer,
): InferRequest {
  let request = json;
  if (plan.wideIntegers) {
    const text = body.toString('latin1');
    if (/\d{16}/.test(text)) request = asRequest(parse(body.toString('utf8'), exactIntegers));
  }
  const id = request.id ?? null;
  if (id !== null && typeof id !== 'string') throw invalid('id must be a string');
  if (!Array.isArray(request.inputs)) throw invalid('inputs must be a list of tensors');
  const tensors = readInputs(plan, name, request.inputs);
  return assemble(plan, name, id, tensors, readOutputs(plan, name, request.outputs));
}

function readInputs(plan: ModelPlan, name: string, list: readonly unknown[]): InputTensor[] {
  const found = new Array<InputTensor | undefined>(plan.inputs.length);
  for (const given of list) {
    if (typeof given !== 'object' || given === null) throw invalid('each input must be an object');
    const { name: input, shape, datatype, data, parameters } = given as Record<string, unknown>;
    if (typeof input !== 'string') throw invalid('each input needs a name');
    const index = plan.inputIndex.get(input);
    if (index === undefined)
      throw new LatheError('LATHE_SERVING_INPUT_UNKNOWN', { name, input: brief(input) });
    if (found[index]) throw invalid(`input ${brief(input)} is there twice`);
    const spec = plan.inputs[index] as TensorSpec;
    checkDatatype(name, spec, datatype);
    const dims = checkShape(name, spec, shape);
    if (parameters !== undefined && data === undefined && isBinary(parameters))
      throw dataError(spec, 'binary data is not read over HTTP; send a JSON list, or use gRPC');
    found[index] = readTensor(spec, dims.shape, dims.count, data);
  }
  return complete(plan, name, found);
}

function readTensor(spec: TensorSpec, shape: number[], count: number, data: unknown): InputTensor {
  if (!Array.isArray(data)) throw dataError(spec, 'data must be a list');
  const values = Array.isArray(data[0]) ? flatten(spec, data, shape) : data;
  if (values.length !== count)
    throw dataError(spec, `its shape needs ${count} values and data has ${values.length}`);
  const ok = VALID[spec.datatype];
  for (let at = 0; at < values.length; at++)
    if (!ok(values[at]))
      throw dataError(spec, `value ${at} (${describeValue(values[at])}) is not ${spec.datatype}`);
  return { name: spec.name, datatype: spec.datatype, shape, count, values: values as Scalar[], raw: null };
}

/** Nested lists must follow the shape exactly; the depth of the recursion is the rank. */
function flatten(spec: TensorSpec, data: readonly unknown[], shape: readonly number[]): unknown[] {
  const values: unknown[] = [];
  const walk = (level: unknown, axis: number) => {
    if (axis === shape.length) {
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis])
      throw dataError(spec, `the nested lists do not follow the shape [${shape}]`);
    for (const part of level) walk(part, axis + 1);
  };
  walk(data, 0);
  return values;
}

const whole =
  (low: number, high: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
const wide =
  (low: bigint, high: bigint) =>
  (value: unknown): boolean =>
    (typeof value === 'bigint' && value >= low && value <= high) ||
    (Number.isSafeInteger(value) && (low < 0n || (value as number) >= 0));
const floating = (value: unknown): boolean => typeof value === 'number' || value === null;
const never = (): boolean => false;

const VALID: Record<Datatype, (value: unknown) => boolean> = {
  BOOL: (value) => typeof value === 'boolean' || value === 0 || value === 1,
  UINT8: whole(0, 255),
  UINT16: whole(0, 65_535),
  UINT32: whole(0, 4_294_967_295),
  UINT64: wide(0n, 2n ** 64n - 1n),
  INT8: whole(-128, 127),
  INT16: whole(-32_768, 32_767),
  INT32: whole(-2_147_483_648, 2_147_483_647),
  INT64: wide(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: never,
  BF16: never,
  FP32: floating,
  FP64: floating,
  BYTES: (value) => typeof value === 'string',
};

function readOutputs(plan: ModelPlan, name: string, wanted: unknown): number[] | null {
  if (wanted === undefined || wanted === null) return null;
  if (!Array.isArray(wanted)) throw invalid('outputs must be a list');
  if (wanted.length === 0) return null;
  return wanted.map((entry: unknown) => {
    const { name: output, parameters } = (entry ?? {}) as Record<string, unknown>;
    if (isBinary(parameters)) throw invalid('binary outputs are given over gRPC only');
    return outputIndex(plan, name, output);
  });
}

const isBinary = (parameters: unknown): boolean =>
  typeof parameters === 'object' &&
  parameters !== null &&
  ('binary_data_size' in parameters || (parameters as { binary_data?: unknown }).binary_data === true);

function parse(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch (thrown) {
    throw malformed(brief(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

/** ECMAScript's source text access gives the digits as they were written. */
type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;
const exactIntegers: Reviver = (_key, value, context) => {
  const source = context?.source;
  const lossy = typeof value === 'number' && !Number.isSafeInteger(value);
  return lossy && source && /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
};

function asRequest(value: unknown): JsonRequest {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRequest;
  throw malformed('it is not a JSON object');
}

const describeValue = (value: unknown): string =>
  typeof value === 'bigint' ? String(value) : brief(JSON.stringify(value) ?? String(value), 40);
const malformed = (reason: string) => new LatheError('LATHE_SERVING_BODY_MALFORMED', { reason });

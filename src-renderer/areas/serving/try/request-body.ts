/** An Open Inference Protocol request as JSON: made, written, and checked against a model's signature. Pure. */
import type { Datatype, FeatureValue, TensorSpec } from '../../../../src-main/contract/common.ts';
import { jsonErrorAt, placeIn } from './json-place.ts';

export type Value = number | string | boolean | null;
export type InferInput = { name: string; shape: number[]; datatype: Datatype; data: Value[] };
export type InferBody = { inputs: InferInput[]; parameters?: Record<string, string> };
export type Features = Readonly<Record<string, FeatureValue>>;

/** A request to send, or why there is none yet. */
export type Draft = { text: string; rows: number } | { problem: string };

export const isReady = (draft: Draft): draft is { text: string; rows: number } => 'text' in draft;

/** Values of one row of an input; null while a dimension besides the batch is free. */
export function rowWidth({ shape }: TensorSpec): number | null {
  const inner = shape.slice(1);
  return inner.some((size) => size < 0) ? null : inner.reduce((product, size) => product * size, 1);
}

/** One row's shape: the batch is 1 where it is free. */
export const oneRow = ({ shape }: TensorSpec): number[] =>
  shape.map((size, axis) => (axis === 0 && size < 0 ? 1 : size));

/** How the values of a row are called in logs, in columns and in the form: x, or x[0], x[1], … */
export const valueName = (input: string, at: number, width: number): string =>
  width === 1 ? input : `${input}[${at}]`;

export const isFloat = (datatype: Datatype): boolean => datatype === 'FP32' || datatype === 'FP64';

const WHOLE: Partial<Record<Datatype, readonly [number, number]>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
};

/** Why this datatype cannot be sent from here, or null. */
export const unsendable = (datatype: Datatype): string | null =>
  datatype === 'FP16' || datatype === 'BF16'
    ? `${datatype} cannot be written in JSON; send it as binary data from a program.`
    : null;

/** One typed value: what it is, or what is wrong with it. An empty float is a missing value. */
export function parseValue(datatype: Datatype, text: string): { value: Value } | { problem: string } {
  const word = text.trim();
  if (datatype === 'BYTES') return { value: text };
  if (datatype === 'BOOL') {
    if (/^(true|1|yes)$/i.test(word)) return { value: true };
    if (/^(false|0|no)$/i.test(word)) return { value: false };
    return { problem: 'Write true or false.' };
  }
  if (isFloat(datatype) && /^(|nan|null|na|none)$/i.test(word)) return { value: null };
  const number = word === '' ? Number.NaN : Number(word);
  if (!Number.isFinite(number))
    return { problem: word === '' ? 'Write a number.' : `“${word}” is no number.` };
  const range = WHOLE[datatype];
  if (!range) return { value: number };
  if (!Number.isInteger(number)) return { problem: `${datatype} takes whole numbers.` };
  if (number < range[0] || number > range[1])
    return { problem: `${datatype} goes from ${range[0]} to ${range[1]} here.` };
  return { value: number };
}

/** A value as it is written into a field; '' for a missing one. */
export function valueText(datatype: Datatype, value: FeatureValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (datatype === 'BYTES') return String(value);
  if (datatype === 'BOOL') return String(value === true || value === 1 || value === 'true');
  const number = Number(value);
  if (!Number.isFinite(number)) return '';
  if (isFloat(datatype)) return String(datatype === 'FP32' ? Number(number.toPrecision(7)) : number);
  return String(Math.trunc(number));
}

/** What a field holds before anything is known of it. */
export const blankText = (datatype: Datatype): string =>
  datatype === 'BYTES' ? 'text' : datatype === 'BOOL' ? 'false' : '0';

/** One input a line: short enough to read, plain JSON to every parser. */
export function bodyText(body: InferBody): string {
  const inputs = body.inputs.map((input) => `    ${JSON.stringify(input)}`).join(',\n');
  const parameters = body.parameters ? `  "parameters": ${JSON.stringify(body.parameters)},\n` : '';
  return `{\n${parameters}  "inputs": [\n${inputs}\n  ]\n}`;
}

export const withUnit = (inputs: InferInput[], unit: string): InferBody =>
  unit.trim() === '' ? { inputs } : { parameters: { lathe_unit: unit.trim() }, inputs };

const SHOWN_PROBLEMS = 5;

/** What the server would refuse in a hand-written body, in the order of the text; empty when nothing. */
export function bodyProblems(text: string, specs: readonly TensorSpec[]): string[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [`Not valid JSON from ${placeIn(text, jsonErrorAt(text) ?? text.length)} on.`];
  }
  if (!isObject(body)) return ['The body must be an object.'];
  if (!Array.isArray(body.inputs)) return ['The body needs "inputs", a list of tensors.'];
  const problems: string[] = [];
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const seen = new Set<string>();
  const batches = new Set<number>();
  for (const input of body.inputs) {
    const name = isObject(input) ? input.name : undefined;
    if (!isObject(input) || typeof name !== 'string') {
      problems.push('Each input must be an object with a "name".');
      continue;
    }
    const spec = known.get(name);
    if (!spec) problems.push(`The model has no input “${name}”.`);
    else if (seen.has(name)) problems.push(`The input “${name}” is there twice.`);
    else problems.push(...tensorProblems(input, spec, batches));
    seen.add(name);
  }
  for (const { name } of specs) if (!seen.has(name)) problems.push(`The input “${name}” is missing.`);
  if (batches.size > 1) problems.push(`The inputs differ in their rows: ${[...batches].join(', ')}.`);
  return problems.slice(0, SHOWN_PROBLEMS);
}

function tensorProblems(input: Record<string, unknown>, spec: TensorSpec, batches: Set<number>): string[] {
  const { name } = spec;
  const { datatype, shape, data } = input;
  if (datatype !== spec.datatype) return [`${name}: the datatype is ${spec.datatype}.`];
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0))
    return [`${name}: "shape" must be a list of whole numbers.`];
  const fits =
    shape.length === spec.shape.length && spec.shape.every((size, axis) => size < 0 || shape[axis] === size);
  if (!fits) return [`${name}: the shape [${shape.join(', ')}] does not fit [${spec.shape.join(', ')}].`];
  if ((spec.shape[0] ?? 0) < 0) batches.add(Number(shape[0]));
  if (!Array.isArray(data)) return [`${name}: "data" must be a list.`];
  const needed = shape.reduce((product: number, size) => product * Number(size), 1);
  const values = Array.isArray(data[0]) ? data.flat(shape.length - 1) : data;
  return values.length === needed
    ? []
    : [`${name}: its shape needs ${needed} values, and data has ${values.length}.`];
}

/** Rows of a body, as far as it says; 1 when it does not. */
export function rowsIn(text: string): number {
  try {
    const first = (JSON.parse(text) as InferBody).inputs[0]?.shape[0];
    return typeof first === 'number' && first > 0 ? first : 1;
  } catch {
    return 1;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

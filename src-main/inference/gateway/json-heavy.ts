/**
 * The JSON work that is too long for the thread that answers: of a large request, tensors out of its text into
 * binary data; of a large answer, its text. Both without the model, so that any thread can do them.
 */
import type { Datatype } from '../../contract/common.ts';
import { ELEMENT_BYTES } from '../tensors.ts';
import { checkShape } from './checks.ts';
import { type Answer, type EncodedAnswer, encodeAnswer } from './http-answer.ts';
import type { BinaryOutputs } from './http-request.ts';
import { type JsonObject, parseExactly, parseJsonBody } from './json-text.ts';
import { jsonTensor } from './json-values.ts';
import { encodeBatch } from './tensor-frames.ts';

/** A request's JSON without `data`, and the bytes that its binary_data_size announce. */
export type Lightened = { json: JsonObject; tail: Uint8Array };

/**
 * The same request with every tensor as binary data, in its order. What is wrong about a tensor's values is
 * thrown as it would be on the answering thread; what is wrong about anything else is left for it to find.
 */
export function lighten(name: string, text: Buffer, tail: Buffer): Lightened {
  let json = parseJsonBody(text);
  const wide = (input: unknown) => /INT64$/.test(String((input as JsonObject | null)?.datatype));
  if (Array.isArray(json.inputs) && json.inputs.some(wide)) json = parseExactly(text) ?? json;
  if (!Array.isArray(json.inputs)) return { json, tail };
  const parts: Uint8Array[] = [];
  let taken = 0;
  for (const input of json.inputs as (JsonObject | null)[]) {
    const given = input?.parameters as JsonObject | undefined;
    const size = given?.binary_data_size;
    if (typeof size === 'number') {
      parts.push(tail.subarray(taken, taken + size));
      taken += size;
    } else if (input) {
      const bytes = bytesOf(name, input);
      if (!bytes) continue;
      parts.push(bytes);
      delete input.data;
      input.parameters = { ...given, binary_data_size: bytes.length };
    }
  }
  parts.push(tail.subarray(taken));
  return { json, tail: Buffer.concat(parts) };
}

function bytesOf(name: string, input: JsonObject): Buffer | null {
  const { datatype } = input;
  if (!Array.isArray(input.data) || !isDatatype(datatype)) return null;
  const spec = { name: String(input.name), datatype, shape: [] };
  const { shape, count } = checkShape(name, spec, input.shape);
  const tensor = jsonTensor(spec, shape, count, input.data);
  return encodeBatch([{ id: null, inputs: [tensor], rows: 1, shapeKey: '', bytes: 0, outputs: null }]).body;
}

const isDatatype = (value: unknown): value is Datatype =>
  typeof value === 'string' && Object.hasOwn(ELEMENT_BYTES, value);

/** The answer's text as bytes. */
export function encodeHeavy(answer: Answer, binary: BinaryOutputs): EncodedAnswer<Buffer> {
  const { text, parts } = encodeAnswer(answer, binary);
  return { text: Buffer.from(text), parts };
}

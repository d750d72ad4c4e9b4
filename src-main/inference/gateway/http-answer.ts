/**
 * Answers over HTTP: JSON, with outputs in it or as binary data after it. The JSON is written by hand rather
 * than through JSON.stringify, because the values stand in typed arrays that are windows of a batch. NaN and
 * the infinities become null: JSON has none of them, and binary data keeps them.
 */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import { encodeStrings } from '../tensors.ts';
import type { BinaryOutputs } from './http-request.ts';
import type { OutputTensor } from './request.ts';

export type Answer = {
  /** What the client called the model. */
  name: string;
  version: string;
  arm: string;
  id: string;
  outputs: readonly OutputTensor[];
};

/** `parts` are the binary outputs that follow the text, in its order. */
export type EncodedAnswer<Text = string> = { text: Text; parts: readonly Uint8Array[] };

const NO_PARTS: readonly Uint8Array[] = [];

/** Throws LATHE_INPUT_INVALID for half-precision outputs in JSON, which the protocol forbids. */
export function encodeAnswer(answer: Answer, binary: BinaryOutputs): EncodedAnswer {
  let text = `{"model_name":${quote(answer.name)},"model_version":"${answer.version}","id":${quote(answer.id)},"parameters":{"lathe_arm":"${answer.arm}"},"outputs":[`;
  let parts: Uint8Array[] | null = null;
  const { outputs } = answer;
  for (let at = 0; at < outputs.length; at++) {
    const output = outputs[at] as OutputTensor;
    text += `${at > 0 ? ',' : ''}{"name":${quote(output.name)},"datatype":"${output.datatype}","shape":[${output.shape}],`;
    if (binary.each ? binary.each[at] : binary.all) {
      const bytes = rawOutput(output);
      parts ??= [];
      parts.push(bytes);
      text += `"parameters":{"binary_data_size":${bytes.byteLength}}}`;
    } else text += `"data":[${encodeValues(output)}]}`;
  }
  return { text: `${text}]}`, parts: parts ?? NO_PARTS };
}

/** The bytes of an output in the protocol's raw form: a view, but for strings. */
export function rawOutput(output: OutputTensor): Uint8Array {
  const { values, from, to } = output;
  if (!ArrayBuffer.isView(values)) return encodeStrings(values.slice(from, to));
  const size = values.BYTES_PER_ELEMENT;
  return Buffer.from(values.buffer, values.byteOffset + from * size, (to - from) * size);
}

export const encodeError = (report: ErrorReport): string =>
  JSON.stringify({
    error: `${report.cause} ${report.remedy}`,
    code: report.code,
    cause: report.cause,
    remedy: report.remedy,
  });

function encodeValues(output: OutputTensor): string {
  const { values, from, to, datatype } = output;
  if (datatype === 'FP16' || datatype === 'BF16') {
    const reason = `output ${output.name} is ${datatype}, which JSON cannot carry; ask for binary data`;
    throw new LatheError('LATHE_INPUT_INVALID', { reason });
  }
  let text = '';
  if (datatype === 'BYTES') {
    for (let at = from; at < to; at++) text += (at > from ? ',' : '') + quote(values[at] as string);
    return text;
  }
  if (datatype === 'BOOL') {
    for (let at = from; at < to; at++) text += (at > from ? ',' : '') + (values[at] ? 'true' : 'false');
    return text;
  }
  const floats = datatype === 'FP32' || datatype === 'FP64';
  for (let at = from; at < to; at++) {
    const value = values[at] as number | bigint;
    if (at > from) text += ',';
    text += floats && !Number.isFinite(value) ? 'null' : value;
  }
  return text;
}

/** Names and ids are mostly plain; only the others need JSON's escapes. */
const PLAIN = /^[\w .:@#/-]*$/;
const quote = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value));

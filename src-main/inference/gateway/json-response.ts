/**
 * The JSON form of answers. Written by hand rather than through JSON.stringify, because the values stand in
 * typed arrays that are windows of a batch. NaN and the infinities become null: JSON has none of them.
 */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { OutputTensor } from './request.ts';

export type Answer = {
  /** What the client called the model. */
  name: string;
  version: string;
  arm: string;
  id: string;
  outputs: readonly OutputTensor[];
};

/** Throws LATHE_INPUT_INVALID for half-precision outputs, which the protocol forbids in JSON. */
export function encodeAnswer(answer: Answer): string {
  let text = `{"model_name":${quote(answer.name)},"model_version":"${answer.version}","id":${quote(answer.id)},"parameters":{"lathe_arm":"${answer.arm}"},"outputs":[`;
  let first = true;
  for (const output of answer.outputs) {
    if (!first) text += ',';
    first = false;
    text += `{"name":${quote(output.name)},"datatype":"${output.datatype}","shape":[${output.shape}],"data":[${encodeValues(output)}]}`;
  }
  return `${text}]}`;
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
    const reason = `output ${output.name} is ${datatype}, which JSON cannot carry; ask over gRPC`;
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

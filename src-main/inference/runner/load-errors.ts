/**
 * What ONNX Runtime's load failures mean. It gives text only, so the text is matched; the wordings are
 * those of 1.29, and anything else is a plain load failure with the first line of its message.
 */
import { LatheError } from '../../contract/errors.ts';
import { briefReason } from '../../platform/devices/ort-message.ts';

const NOT_ONNX = /protobuf parsing failed|does not have a graph/i;
const BFLOAT16 = /Unsupported data type: 16\b/;
const UNKNOWN_OPERATOR = [
  /Fatal error: (\S+)\(-?\d+\) is not a registered function\/op/,
  /No Op registered for (\S+)/,
  /Could not find an implementation for (\S+?)\(/,
];

/** `file` is what the user calls the model; the path of the blob says nothing to them. */
export function loadFailure(file: string, thrown: unknown): LatheError {
  if (thrown instanceof LatheError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (NOT_ONNX.test(text)) {
    const reason = /graph/.test(text)
      ? 'it holds no model graph'
      : 'it cannot be parsed, so it is damaged, cut short, or of another format';
    return new LatheError('LATHE_MODELS_NOT_ONNX', { file, reason }, { cause: thrown });
  }
  for (const pattern of UNKNOWN_OPERATOR) {
    const operator = pattern.exec(text)?.[1];
    if (operator)
      return new LatheError('LATHE_MODELS_UNSUPPORTED_OPERATOR', { file, operator }, { cause: thrown });
  }
  const reason = BFLOAT16.test(text)
    ? 'an input or output is BF16, for which its JavaScript binding has no tensors'
    : briefReason(text);
  return new LatheError('LATHE_MODELS_LOAD_FAILED', { file, reason }, { cause: thrown });
}

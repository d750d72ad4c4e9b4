/**
 * What ONNX Runtime's load failures mean. It gives text only, so the text is matched; the wordings are
 * those of 1.29, and anything else is a plain load failure with the first line of its message.
 */
import { LatheError } from '../../contract/errors.ts';

const NOT_ONNX = /protobuf parsing failed|does not have a graph/i;
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
  return new LatheError('LATHE_MODELS_LOAD_FAILED', { file, reason: briefReason(text) }, { cause: thrown });
}

/** ONNX Runtime's message without its source locations and file paths, at most 300 characters. */
export function briefReason(text: string): string {
  const line = (text.split('\n').find((part) => part.trim() !== '') ?? 'no reason given')
    .replace(/^Load model from .*? failed:\s*/, '')
    .replace(/^\/onnxruntime_src\/\S+ .*?\) (?=[A-Z])/, '')
    .trim()
    .replace(/\.$/, '');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

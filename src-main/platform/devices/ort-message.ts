/** ONNX Runtime's message without its source locations, signatures and file paths, at most 300 characters. */
export function briefReason(text: string): string {
  const cuda = /CUDA failure \d+: [^;]+/.exec(text)?.[0];
  const line = (cuda ?? text.split('\n').find((part) => part.trim() !== '') ?? 'no reason given')
    .replace(/^Load model from .*? failed:\s*/, '')
    .replace(/^\/onnxruntime_src\/\S+ .* was false\. /, '')
    .replace(/^\/onnxruntime_src\/\S+ .*?\) (?=[A-Z])/, '')
    .trim()
    .replace(/\.$/, '');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

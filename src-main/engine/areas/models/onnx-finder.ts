/** The ONNX model among a version's artifacts, if there is one that can be served. */
import { LatheError } from '../../../contract/errors.ts';
import type { NewVersion } from './models.store.ts';
import { inspectOnnx } from './onnx.ts';

export type FoundOnnx = Pick<
  NewVersion,
  'sha256' | 'size' | 'notServable' | 'inputs' | 'outputs' | 'opset' | 'producer' | 'metadata'
>;
type File = { path: string; sha256: string; size: number };
export type OnnxFinder = {
  /** All files below a folder of the artifacts, or null when there are more than `most`. */
  filesBelow(folder: string, most: number): File[] | null;
  /** Where the bytes lie. */
  fileOf(sha256: string): string;
  /** Loads the file in the runner and lets it go again; throws a LATHE_MODELS_* error when that fails. */
  verify(path: string, sha256: string): Promise<void>;
};

const MOST_FILES = 10_000;
const OURS = 'mlflow-artifacts:/';

/** Never throws for what the files hold: why nothing can be served is part of the answer. */
export async function findOnnx(location: string, finder: OnnxFinder): Promise<FoundOnnx> {
  if (!location.startsWith(OURS))
    return none(
      location === '' ? 'It is a prompt.' : `Its files are kept at ${location}, not in this workspace.`,
    );
  const files = finder.filesBelow(location.slice(OURS.length).replace(/^\/+/, ''), MOST_FILES);
  if (!files) return none(`It has more than ${MOST_FILES} files.`);
  const candidates = files.filter(({ path }) => path.toLowerCase().endsWith('.onnx'));
  const file =
    candidates.length > 1 ? candidates.find(({ path }) => path.endsWith('/model.onnx')) : candidates[0];
  if (!file)
    return none(
      candidates.length > 1
        ? `It has ${candidates.length} ONNX files, and none is named model.onnx.`
        : 'It holds no ONNX file. Log the model with mlflow.onnx.log_model to serve it here.',
    );
  try {
    const path = finder.fileOf(file.sha256);
    const model = await inspectOnnx(path, file.path.split('/').at(-1) ?? file.path);
    await finder.verify(path, file.sha256);
    const { inputs, outputs, opset, producer, metadata } = model;
    return {
      sha256: file.sha256,
      size: file.size,
      notServable: null,
      inputs,
      outputs,
      opset,
      producer,
      metadata,
    };
  } catch (thrown) {
    if (thrown instanceof LatheError && thrown.status < 500) return none(thrown.message);
    throw thrown;
  }
}

const none = (notServable: string): FoundOnnx => ({
  sha256: null,
  size: null,
  notServable,
  inputs: [],
  outputs: [],
  opset: null,
  producer: '',
  metadata: {},
});

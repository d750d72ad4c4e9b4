/** What the files of a version say: the ONNX model's structure, MLflow's MLmodel, the input example. */
import { readFile } from 'node:fs/promises';
import type { VersionFiles } from '../../../contract/models.ts';
import type { AreaContext } from '../../context.ts';
import { readInputExample } from './input-example.ts';
import { parseMlmodel } from './mlmodel.ts';
import type { OnnxFinder } from './onnx-finder.ts';
import { summariseOnnx } from './onnx-summary.ts';

type File = { path: string; sha256: string; size: number };
export type InspectFiles = (location: string, sha256: string | null) => Promise<VersionFiles>;

const OURS = 'mlflow-artifacts:/';
const MOST_FILES = 10_000;
const MOST_TEXT_BYTES = 2 * 1024 * 1024;
/** Summaries of the models looked at last; a hash never changes what it stands for. */
const KEPT_SUMMARIES = 50;

/** `location`: where the version's files lie; `sha256`: its ONNX file. */
export function createFileInspector(
  { blobs }: Pick<AreaContext, 'blobs'>,
  filesBelow: OnnxFinder['filesBelow'],
): InspectFiles {
  const summaries = new Map<string, VersionFiles['onnx']>();

  async function onnxOf(sha256: string | null): Promise<VersionFiles['onnx']> {
    if (sha256 === null || !blobs.has(sha256)) return null;
    const known = summaries.get(sha256);
    if (known) return known;
    const summary = await summariseOnnx(blobs.path(sha256));
    const [oldest] = summaries.keys();
    if (summaries.size >= KEPT_SUMMARIES && oldest !== undefined) summaries.delete(oldest);
    summaries.set(sha256, summary);
    return summary;
  }
  const textOf = async (file: File | undefined): Promise<string | null> =>
    file && file.size <= MOST_TEXT_BYTES ? readFile(blobs.path(file.sha256), 'utf8') : null;

  return async (location, sha256) => {
    const folder = location.startsWith(OURS) ? location.slice(OURS.length).replace(/^\/+/, '') : null;
    const files = folder ? (filesBelow(folder, MOST_FILES) ?? []) : [];
    const at = (path: string) => files.find((file) => file.path === `${folder}/${path}`);
    const mlmodel = await textOf(at('MLmodel'));
    const parsed = mlmodel === null ? null : parseMlmodel(mlmodel);
    const example = await textOf(at(parsed?.examplePath ?? 'input_example.json'));
    const { examplePath: _, ...mlflow } = parsed ?? { examplePath: null };
    return {
      onnx: await onnxOf(sha256),
      mlflow: parsed === null ? null : (mlflow as VersionFiles['mlflow']),
      example: example === null ? null : readInputExample(example),
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
    };
  };
}

/** Puts runs side by side: names, values, code, packages and files. */
import { readFile } from 'node:fs/promises';
import type { CompareRow, Comparison } from '../../../contract/compare.ts';
import type { AreaContext } from '../../context.ts';
import { comparedRows, comparedRuns, type Run, toRow } from './compare.query.ts';
import { parseRequirements } from './packages.ts';

type File = { path: string; sha256: string; size: number };
export type CompareDeps = {
  /** All files below a folder of the artifacts, or null when there are more than `most`. */
  filesBelow(folder: string, most: number): File[] | null;
};

const OURS = 'mlflow-artifacts:/';
/** Of one run: more files than these are not listed one by one. */
const MOST_FILES = 500;
const MOST_REQUIREMENTS_BYTES = 1024 * 1024;
/** Where `lathe run` keeps what it captured. */
const PATCH = 'lathe/code.patch';
const LOCK = 'lathe/requirements.txt';

type Compare = { runs(runIds: readonly string[], all: boolean): Promise<Comparison> };

export function createCompareService(
  { readers, blobs }: Pick<AreaContext, 'readers' | 'blobs'>,
  { filesBelow }: CompareDeps,
): Compare {
  function filesOf({ root }: Run): File[] {
    if (!root.startsWith(OURS)) return [];
    const folder = root.slice(OURS.length).replace(/^\/+/, '');
    const found = filesBelow(folder, MOST_FILES) ?? [];
    return found.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
  }
  /** The lock that `lathe run` took, else the requirements that were logged with a model. */
  async function packagesOf(files: readonly File[]): Promise<Map<string, string>> {
    const lock =
      files.find(({ path }) => path === LOCK) ??
      files.find(({ path }) => /(^|\/)requirements\.txt$/.test(path));
    if (!lock || lock.size > MOST_REQUIREMENTS_BYTES) return new Map();
    return parseRequirements(await readFile(blobs.path(lock.sha256), 'utf8'));
  }

  return {
    async runs(runIds, all) {
      const runs = await comparedRuns(readers, [...new Set(runIds)]);
      const files = runs.map(filesOf);
      const packages = await Promise.all(files.map(packagesOf));
      const rows = [...(await comparedRows(readers, runs)), ...packageRows(packages), ...artifactRows(files)];
      const alike: Record<string, number> = {};
      for (const { section, differs } of rows) if (!differs) alike[section] = (alike[section] ?? 0) + 1;
      return {
        runs: runs.map(({ id, name, status, experiment, startedMs }, at) => ({
          id,
          name,
          status,
          experiment,
          startedMs,
          hasPatch: files[at]?.some(({ path }) => path === PATCH) ?? false,
        })),
        rows: all ? rows : rows.filter(({ differs }) => differs),
        alike,
      };
    },
  };
}

function packageRows(packages: readonly Map<string, string>[]): CompareRow[] {
  const names = [...new Set(packages.flatMap((one) => [...one.keys()]))].sort();
  return names.map((name) =>
    toRow(
      'package',
      name,
      packages.map((one) => one.get(name) ?? null),
    ),
  );
}

/** Files are alike when their bytes are; the first twelve digits of the hash stand for them. */
function artifactRows(files: readonly File[][]): CompareRow[] {
  const byPath = files.map((list) => new Map(list.map((file) => [file.path, file])));
  const paths = [...new Set(files.flatMap((list) => list.map(({ path }) => path)))].sort();
  return paths.map((path) =>
    toRow(
      'artifact',
      path,
      byPath.map((found) => {
        const file = found.get(path);
        return file ? `${file.sha256.slice(0, 12)} ${file.size}` : null;
      }),
    ),
  );
}

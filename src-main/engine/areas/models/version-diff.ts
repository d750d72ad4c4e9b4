/** Any two versions side by side: their files, and the runs that they came from. */
import type { Comparison } from '../../../contract/compare.ts';
import type { ModelVersion, VersionDiffRow } from '../../../contract/models.ts';
import { diffVersions, rowsOfRuns } from './version-diff.rules.ts';
import type { InspectFiles } from './version-files.ts';

type Named = { name: string; version: string };
export type VersionDiffDeps = {
  version(name: string, version: string): ModelVersion;
  /** Where its files lie. */
  location(name: string, version: string): string;
  inspect: InspectFiles;
  /** All rows, those that are alike too. */
  compareRuns(runIds: readonly string[]): Promise<Pick<Comparison, 'rows'> & { runs: { id: string }[] }>;
};
export type DiffVersions = (
  a: Named,
  b: Named,
) => Promise<{ rows: VersionDiffRow[]; runs: (string | null)[] }>;

export function createVersionDiff({
  version,
  location,
  inspect,
  compareRuns,
}: VersionDiffDeps): DiffVersions {
  async function side({ name, version: number }: Named) {
    const found = version(name, number);
    return { version: found, files: await inspect(location(name, number), found.sha256) };
  }
  return async (first, second) => {
    const [a, b] = await Promise.all([side(first), side(second)]);
    const runs = [a.version.runId, b.version.runId];
    const rows = diffVersions(a, b);
    const ids = runs.filter((id) => id !== null);
    if (ids.length === 0) return { rows, runs };
    const comparison = await compareRuns(ids);
    const here = new Set(comparison.runs.map(({ id }) => id));
    const present = [a, b].map((one) => one.version.runId !== null && here.has(one.version.runId));
    // Both of one run: the comparison names it once.
    const same = runs[0] === runs[1];
    const made = rowsOfRuns(comparison, [present[0] ?? false, (present[1] ?? false) && !same]);
    const whole = same
      ? made.map((row) => ({
          ...row,
          values: [row.values[0] ?? null, row.values[0] ?? null],
          differs: false,
        }))
      : made;
    return { rows: [...rows, ...whole], runs };
  };
}

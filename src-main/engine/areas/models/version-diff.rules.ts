/** Two versions side by side, row by row. Pure. */
import type { Comparison } from '../../../contract/compare.ts';
import type {
  ModelVersion,
  VersionDiffRow,
  VersionDiffSection,
  VersionFiles,
} from '../../../contract/models.ts';

type Value = string | number | null;
type Pair = readonly [Value, Value];
type Side = { version: ModelVersion; files: VersionFiles };

const row = (section: VersionDiffSection, key: string, values: Pair): VersionDiffRow => ({
  section,
  key,
  values: [...values],
  differs: values[0] !== values[1],
});

/** Every key that either side has, in the order in which they come. */
function rows(
  section: VersionDiffSection,
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
): VersionDiffRow[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.map((key) => row(section, key, [a[key] ?? null, b[key] ?? null]));
}

export function diffVersions(a: Side, b: Side): VersionDiffRow[] {
  const both = <T>(of: (side: Side) => T): [T, T] => [of(a), of(b)];
  const [factsA, factsB] = both(factsOf);
  const [portsA, portsB] = both(portsOf);
  const [opsA, opsB] = both(operatorsOf);
  return [
    ...rows('version', factsA, factsB),
    ...rows('metric', a.version.metrics, b.version.metrics),
    ...rows('signature', portsA, portsB),
    ...rows('operator', opsA, opsB),
    ...rows('tag', a.version.tags, b.version.tags),
    ...rows('metadata', a.version.metadata, b.version.metadata),
  ];
}

function factsOf({ version, files }: Side): Record<string, Value> {
  const { onnx, mlflow } = files;
  return {
    Description: version.description || null,
    Aliases: version.aliases.map((alias) => `@${alias}`).join(' ') || null,
    Stage: version.stage === 'None' ? null : version.stage,
    Size: version.sizeBytes,
    'SHA-256': version.sha256,
    'Made with': version.producer || null,
    Opsets: onnx?.opsets.map((one) => `${one.domain} ${one.version}`).join(', ') ?? null,
    'IR version': onnx?.irVersion ?? null,
    Nodes: onnx?.nodes ?? null,
    Parameters: onnx?.parameters ?? null,
    Flavors: mlflow?.flavors.join(', ') ?? null,
    'MLflow version': mlflow?.mlflowVersion || null,
  };
}

function portsOf({ version, files }: Side): Record<string, Value> {
  const onnx = [
    ...version.inputs.map((port) => ['input', port] as const),
    ...version.outputs.map((port) => ['output', port] as const),
  ].map(([role, { name, datatype, shape }]) => [`${role} ${name}`, `${datatype} [${shape.join(', ')}]`]);
  const mlflow = (['inputs', 'outputs', 'params'] as const).flatMap((role) =>
    (files.mlflow?.[role] ?? []).map(({ name, type, shape, required }, at) => [
      `MLflow ${role.slice(0, -1)} ${name || at + 1}`,
      `${type}${shape ? ` [${shape.join(', ')}]` : ''}${required ? '' : ', optional'}`,
    ]),
  );
  return Object.fromEntries([...onnx, ...mlflow]) as Record<string, Value>;
}

const operatorsOf = ({ files }: Side): Record<string, Value> =>
  Object.fromEntries((files.onnx?.operators ?? []).map(({ name, count }) => [name, count]));

/** What of a comparison of their runs is about the versions: how each was made. */
const FROM_RUNS = ['param', 'code', 'environment', 'dataset', 'package'] as const;

/** `at`: which side has a run, when only one has. */
export function rowsOfRuns(
  comparison: Pick<Comparison, 'rows'>,
  runs: readonly [boolean, boolean],
): VersionDiffRow[] {
  return comparison.rows.flatMap((one) => {
    const section = FROM_RUNS.find((name) => name === one.section);
    if (!section) return [];
    const found = cellsOf(one, runs.filter(Boolean).length);
    const values: Pair = [runs[0] ? (found.shift() ?? null) : null, runs[1] ? (found.shift() ?? null) : null];
    return [row(section, one.key, values)];
  });
}

/** The values of a row of the comparison, run by run; `runs` of them. */
function cellsOf({ cells }: Comparison['rows'][number], runs: number): Value[] {
  const values = JSON.parse(cells) as Record<string, Value>;
  return Array.from({ length: runs }, (_, at) => values[at] ?? null);
}

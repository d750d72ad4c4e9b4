/** Pure parts of the registry: which output is the prediction, and how lineage is drawn from facts. */
import type { TensorSpec } from '../../../contract/common.ts';
import type { Lineage, PredictionSpec } from '../../../contract/models.ts';

const NUMBERS = new Set(['FP16', 'FP32', 'FP64', 'BF16']);

/**
 * The convention of scikit-learn's converters: `probabilities` of two columns and `label` is a binary classifier,
 * the second column being the positive class. One number a row is a regression. Anything else is only served.
 */
export function guessPrediction(outputs: readonly TensorSpec[]): PredictionSpec {
  const label = outputs.find((output) => output.name === 'label' || output.name === 'output_label');
  const scores = outputs.find(
    ({ name, datatype, shape }) =>
      (name === 'probabilities' || name === 'output_probability') &&
      NUMBERS.has(datatype) &&
      shape.length === 2 &&
      shape[1] === 2,
  );
  if (scores)
    return {
      task: 'binary-classification',
      label: label?.name ?? null,
      score: { output: scores.name, index: 1 },
      threshold: 0.5,
    };
  const [only, ...others] = outputs;
  const isOneNumber =
    only && others.length === 0 && NUMBERS.has(only.datatype) && only.shape.slice(1).every((d) => d === 1);
  return {
    task: isOneNumber ? 'regression' : 'other',
    label: isOneNumber ? only.name : null,
    score: null,
    threshold: 0.5,
  };
}

export type LineageFacts = {
  model: string;
  versions: { version: string; createdMs: number; runId: string | null; aliases: string[] }[];
  runs: { id: string; name: string; status: string; experimentName: string }[];
  datasets: { id: string; name: string; rows: number | null; runId: string; context: string }[];
  endpoints: { name: string; arms: { key: string; version: string; weight: number }[] }[];
};

/** datasets → runs → versions → endpoints; a thing appears once however many ways lead to it. */
export function drawLineage(facts: LineageFacts): Lineage {
  const nodes = new Map<string, Lineage['nodes'][number]>();
  const edges: Lineage['edges'] = [];
  const versionId = (version: string) => `version:${facts.model}@${version}`;

  for (const { id, name, rows } of facts.datasets) {
    const subtitle = rows === null ? 'dataset' : `${rows.toLocaleString('en')} rows`;
    nodes.set(`dataset:${id}`, { id: `dataset:${id}`, kind: 'dataset', title: name, subtitle, href: null });
  }
  for (const { id, name, experimentName } of facts.runs)
    nodes.set(`run:${id}`, {
      id: `run:${id}`,
      kind: 'run',
      title: name,
      subtitle: experimentName,
      href: `/runs/${id}`,
    });
  for (const { version, aliases } of facts.versions) {
    const subtitle = aliases.length > 0 ? aliases.map((alias) => `@${alias}`).join(' ') : facts.model;
    const href = `/models/${encodeURIComponent(facts.model)}`;
    const id = versionId(version);
    nodes.set(id, { id, kind: 'version', title: `Version ${version}`, subtitle, href });
  }
  for (const { name, arms } of facts.endpoints) {
    const subtitle = arms.length === 1 ? 'one version' : `${arms.length} arms`;
    nodes.set(`endpoint:${name}`, {
      id: `endpoint:${name}`,
      kind: 'endpoint',
      title: name,
      subtitle,
      href: `/serving/${name}`,
    });
  }

  for (const { id, runId, context } of facts.datasets)
    edges.push({ from: `dataset:${id}`, to: `run:${runId}`, label: context });
  for (const { version, runId } of facts.versions)
    if (runId !== null) edges.push({ from: `run:${runId}`, to: versionId(version), label: 'produced' });
  for (const { name, arms } of facts.endpoints)
    for (const { key, version, weight } of arms)
      edges.push({ from: versionId(version), to: `endpoint:${name}`, label: `${key} ${weight / 100} %` });
  return {
    nodes: [...nodes.values()],
    edges: edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to)),
  };
}

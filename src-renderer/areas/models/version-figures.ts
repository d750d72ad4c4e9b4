/** How versions compare: metrics that are shown, and differences to the champion. Pure. */
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { pathTo } from '../../lib/router.ts';

/** The version others are compared with: the champion alias, else the one in service, else the first. */
export function baselineOf(model: RegisteredModel, versions: readonly ModelVersion[]): ModelVersion | null {
  const champion = model.aliases.champion;
  return (
    versions.find(({ version }) => version === champion) ??
    versions.find(({ servedBy }) => servedBy.length > 0) ??
    [...versions].sort((a, b) => Number(a.version) - Number(b.version))[0] ??
    null
  );
}

/** Metrics of any version: with a known direction first, then those that most versions have. */
export function metricNames(versions: readonly ModelVersion[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of versions)
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rank = (name: string) => (directionOf(name) === null ? 0 : 1_000_000) + (counts.get(name) ?? 0);
  return [...counts.keys()].sort((a, b) => rank(b) - rank(a));
}

export type Difference = { by: number; better: boolean | null };

/** A metric minus the baseline's; null for the baseline itself, or where either has none. */
export function differenceTo(
  baseline: ModelVersion | null,
  version: ModelVersion,
  metric: string,
): Difference | null {
  const own = version.metrics[metric];
  const theirs = baseline?.metrics[metric];
  if (!baseline || baseline.version === version.version || own === undefined || theirs === undefined)
    return null;
  const by = own - theirs;
  if (!Number.isFinite(by)) return null;
  const direction = directionOf(metric);
  const better = by === 0 || direction === null ? null : direction === 'higher' ? by > 0 : by < 0;
  return { by, better };
}

/** `+0.0213`, `−0.0021`, `±0`. */
export function signedText(by: number): string {
  if (by === 0) return '±0';
  const size = Math.abs(by);
  return `${by < 0 ? '−' : '+'}${size >= 0.001 ? size.toFixed(size >= 10 ? 1 : 4) : size.toExponential(1)}`;
}

/** The page on which two versions of a model stand side by side, the older one first. */
export function diffPath(model: string, versions: Iterable<string>): string {
  const [from = '', to = ''] = [...versions].sort((a, b) => Number(a) - Number(b));
  return `${pathTo('models', model)}?diff=${from}..${to}`;
}

/** `[N, 3, ?]`: the first free dimension is the batch. */
export const shapeText = (shape: readonly number[]): string =>
  `[${shape.map((size, i) => (size >= 0 ? String(size) : i === 0 ? 'N' : '?')).join(', ')}]`;

/** A model's name from its file's: `Delay model (v2).onnx` → `Delay-model-v2`. */
export function nameFromFile(fileName: string): string {
  const stem = fileName.replace(/\.onnx$/i, '');
  return stem
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 128);
}

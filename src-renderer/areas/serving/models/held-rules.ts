/** What is in memory, by model, and how a model's tuning reads in words. Pure. */
import type { Endpoint, Held, ModelTuning, VersionPolicy } from '../../../../src-main/contract/serving.ts';
import { formatNumber, plural } from '../../../lib/format.ts';

export type HeldVersion = Held['models'][number];
export type ServedModel = {
  model: string;
  endpoints: string[];
  versions: HeldVersion[];
  memoryBytes: number;
};

/** Models that an endpoint serves or that are held, by name; versions newest first. */
export function servedModels(
  held: Held,
  endpoints: readonly Pick<Endpoint, 'name' | 'model'>[],
): ServedModel[] {
  const names = new Set([...endpoints.map(({ model }) => model), ...held.models.map(({ model }) => model)]);
  return [...names]
    .sort((a, b) => a.localeCompare(b))
    .map((model) => {
      const versions = held.models
        .filter((one) => one.model === model)
        .sort((a, b) => Number(b.version) - Number(a.version));
      return {
        model,
        endpoints: endpoints.filter((one) => one.model === model).map(({ name }) => name),
        versions,
        memoryBytes: versions.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      };
    });
}

/** Ready, yet not in memory: others needed the room, and its next request brings it back. */
export const isResting = ({ state, memoryBytes, loadMs }: HeldVersion): boolean =>
  state === 'ready' && memoryBytes === 0 && loadMs !== null;

const twoDigits = (ms: number): string => formatNumber(Number(ms.toPrecision(2)), 6);

/** What a batch costs: a start, and so much for every row. */
export const costText = ({ baseMs, rowMs }: NonNullable<HeldVersion['estimate']>): string =>
  `${twoDigits(baseMs)} + ${twoDigits(rowMs)}·n ms`;

export function policyText(policy: VersionPolicy): string {
  switch (policy.kind) {
    case 'routed':
      return 'the versions that endpoints route to';
    case 'latest':
      return `those, and the newest ${policy.count === 1 ? 'one' : policy.count}`;
    case 'all':
      return 'every version';
    case 'specific':
      return `those, and ${plural(policy.versions.length, 'version')}: ${policy.versions.join(', ')}`;
  }
}

/** What differs from what Lathe would choose; empty when nothing does. */
export function tuningWords(tuning: ModelTuning): string[] {
  const { versions, maxBatchRows, sloMs, maxQueueRows, priority, weight, padded, threads, provider } = tuning;
  return [
    versions.kind === 'routed' ? null : `keeps ${policyText(versions)}`,
    provider === null ? null : `runs on ${provider}`,
    maxBatchRows === null ? null : `batches up to ${plural(maxBatchRows, 'row')}`,
    sloMs === null ? null : `answers within ${formatNumber(sloMs)} ms`,
    maxQueueRows === null ? null : `up to ${plural(maxQueueRows, 'row')} wait`,
    priority === null ? null : `priority ${priority}`,
    weight === null ? null : `weight ${formatNumber(weight, 3)}`,
    threads === null ? null : `runs on ${plural(threads, 'thread')}`,
    padded === null ? null : padded ? 'batches filled up' : 'batches as they are',
  ].filter((word) => word !== null);
}

/** A field that may stay empty: the number, null for empty, or what is wrong with it. */
export function optionalNumber(
  text: string,
  { min, max, integer }: { min: number; max: number; integer: boolean },
): { value: number | null } | { problem: string } {
  if (text.trim() === '') return { value: null };
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: 'Write a number, or leave it empty.' };
  if (integer && !Number.isInteger(value)) return { problem: 'Write a whole number.' };
  if (value < min || value > max) return { problem: `From ${min} to ${max}.` };
  return { value };
}

/** Version numbers between commas or spaces. */
export function versionList(text: string): { versions: string[] } | { problem: string } {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const wrong = words.find((word) => !/^[1-9]\d{0,8}$/.test(word));
  if (wrong !== undefined) return { problem: `“${wrong}” is no version number.` };
  return words.length === 0 ? { problem: 'Name at least one version.' } : { versions: [...new Set(words)] };
}

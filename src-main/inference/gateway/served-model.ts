/** One model version in the gateway: how far it has come, and how it is to be treated. */
import type { Provider } from '../../contract/devices.ts';
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { DesiredState, ModelSpec } from '../../platform/link.ts';
import { DEFAULT_SETTINGS, type QueueSettings } from './batch-policy.ts';
import { type ModelPlan, planOf } from './plan.ts';

export type ModelState = 'loading' | 'ready' | 'failed' | 'unloading' | 'unavailable';

export type ServedModel = {
  spec: ModelSpec;
  state: ModelState;
  /** It should be served; false after an unload. */
  wanted: boolean;
  error: ErrorReport | null;
  loadMs: number | null;
  /** What runs it, and why not what was to; null until it was loaded. */
  provider: Provider | null;
  fallback: string | null;
  /** From the loaded file itself, or from the spec until it is loaded. */
  plan: ModelPlan;
  /** The runner's name for it while it is in memory there. A ready model without one rests: see model-table. */
  session: string | null;
  /** Another file for the same version, to take its place once it is loaded. */
  next: ModelSpec | null;
  /** The last file that was to take its place and did not load. */
  rejected: { session: string; error: ErrorReport } | null;
  /** A session that ended the runner while it was made on a device; it is made on the CPU instead, and why. */
  shunned: { session: string; reason: string } | null;
  /** It rests, and a request waits for it. */
  called: boolean;
  /** Memory it was measured to take, or takes at least. */
  footprintBytes: number;
  /** Monotonic. */
  lastUsedMs: number;
  loadedAtMs: number;
  /** Its outputs were found to be of no use row by row. */
  unbatchable: boolean;
  /** How often the runner died while it loaded this; while it ran this, without an answer since; hung. */
  deaths: number;
  crashes: number;
  hangs: number;
};

export type Limits = DesiredState['limits'];

export function servedModel(spec: ModelSpec, wanted: boolean, connected: boolean): ServedModel {
  return {
    spec,
    state: connected && wanted ? 'loading' : 'unavailable',
    wanted,
    error: null,
    loadMs: null,
    provider: null,
    fallback: null,
    plan: planOf(spec.key, spec.version, spec.inputs, spec.outputs),
    session: null,
    next: null,
    rejected: null,
    shunned: null,
    called: false,
    footprintBytes: 0,
    lastUsedMs: 0,
    loadedAtMs: 0,
    unbatchable: false,
    deaths: 0,
    crashes: 0,
    hangs: 0,
  };
}

/** Most rows that wait for one model, in batches of the largest size, where nothing is configured. */
const QUEUED_BATCHES = 16;

/** What is configured for the model, else for all, else what suits the device. */
/** `provider` is what runs it, or is about to. */
export function settingsOf(
  model: ServedModel,
  limits: Limits,
  provider: Provider | null = model.provider,
): QueueSettings {
  const { tuning = {} } = model.spec;
  const maxBatchRows = tuning.maxBatchRows ?? limits.maxBatchRows;
  return {
    batchable: model.plan.batchable && !model.unbatchable,
    maxBatchRows,
    sloMs: tuning.sloMs ?? (limits.sloMs || null),
    maxQueueRows:
      tuning.maxQueueRows ?? Math.max(DEFAULT_SETTINGS.maxQueueRows, QUEUED_BATCHES * maxBatchRows),
    priority: tuning.priority ?? DEFAULT_SETTINGS.priority,
    weight: tuning.weight ?? DEFAULT_SETTINGS.weight,
    // The CPU plans nothing by size; other devices search for the best way at each new one.
    padded: tuning.padded ?? (provider !== null && provider !== 'cpu'),
  };
}

/** It was loaded, so its requests may be queued, also while its runner is away or it rests. */
export const canAnswer = ({ state, loadMs, wanted }: ServedModel): boolean =>
  state !== 'failed' && loadMs !== null && wanted;

/** Why a model cannot answer now, as one of the catalogue's errors. */
export function unavailable(name: string, version: string, model: ServedModel | undefined): LatheError {
  return new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', { name, version, reason: reasonOf(model) });
}

function reasonOf(model: ServedModel | undefined): string {
  if (model === undefined) return 'it is not part of what is served';
  if (model.state === 'failed') return model.error?.cause.replace(/\.$/, '') ?? 'loading it failed';
  if (!model.wanted) return 'it was unloaded';
  if (model.state === 'loading') return 'it is being loaded';
  return 'the process that runs it is being started';
}

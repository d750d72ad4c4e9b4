/** Pure parts of serving: what a split must be, what the gateway should do, and how what it says is shown. */

import type { z } from 'zod';
import type { TensorSpec } from '../../../contract/common.ts';
import { type ErrorReport, LatheError } from '../../../contract/errors.ts';
import type { Endpoint, Held, LiveSample, ModelTuning, VersionPolicy } from '../../../contract/serving.ts';
import type { Arm, ArmState, CanaryState, Route } from '../../../contract/serving-route.ts';
import type { Settings } from '../../../contract/settings.ts';
import type {
  ArmCounters,
  DesiredState,
  DeviceOrder,
  GatewayToEngine,
  ModelSpec,
} from '../../../platform/link.ts';

/** An endpoint as it is stored: what should be, not what is observed. */
export type EndpointRecord = Route & {
  id: number;
  name: string;
  model: string;
  salt: string;
  /** Null in every mode but canary. */
  canary: CanaryState | null;
  /** The last arms that were loaded as a whole, while the present ones are not: they answer meanwhile. */
  former: Arm[] | null;
  logging: boolean;
  enabled: boolean;
  revision: number;
  createdMs: number;
  updatedMs: number;
};

/** A registered version as serving needs it. */
export type ServableVersion = {
  sha256: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  prediction: ModelSpec['prediction'];
};

/** A version as it is registered: `sha256` is null when it has no file to serve, and `notServable` says why. */
export type FoundVersion = Omit<ServableVersion, 'sha256'> & {
  sha256: string | null;
  notServable: string | null;
};

export type GatewayStatus = Extract<GatewayToEngine, { type: 'status' }>;
export type GatewayStats = Extract<GatewayToEngine, { type: 'stats' }>;

const FULL = 10_000;

export const modelKey = (model: string, version: string): string => `${model}@${version}`;

/** Throws LATHE_SERVING_SPLIT_INVALID, or returns the arms in the order that owns the hash ranges. */
export function checkedArms(arms: readonly Arm[], exists: (version: string) => boolean): Arm[] {
  const refuse = (reason: string): never => {
    throw new LatheError('LATHE_SERVING_SPLIT_INVALID', { reason });
  };
  if (arms.length === 0) refuse('it has no arm');
  const keys = new Set<string>();
  let sum = 0;
  for (const arm of arms) {
    if (keys.has(arm.key)) refuse(`the arm ${arm.key} is there twice`);
    keys.add(arm.key);
    if (!exists(arm.version)) refuse(`arm ${arm.key} names version ${arm.version}, which does not exist`);
    sum += arm.weight;
  }
  if (sum !== FULL) refuse(`the weights add up to ${sum / 100} %`);
  return arms.map(({ key, version, weight }) => ({ key, version, weight }));
}

/**
 * Versions of one endpoint answer the same requests: equal inputs, in any order. Throws
 * LATHE_SERVING_SPLIT_INVALID naming the first difference.
 */
export function checkSameInputs(versions: ReadonlyMap<string, Pick<ServableVersion, 'inputs'>>): void {
  const text = (inputs: readonly TensorSpec[]) =>
    new Map(inputs.map((input) => [input.name, `${input.datatype} [${input.shape.slice(1).join(',')}]`]));
  const [first, ...others] = [...versions];
  if (!first) return;
  const expected = text(first[1].inputs);
  for (const [version, { inputs }] of others) {
    const found = text(inputs);
    for (const name of new Set([...expected.keys(), ...found.keys()]))
      if (expected.get(name) !== found.get(name))
        throw new LatheError('LATHE_SERVING_SPLIT_INVALID', {
          reason: `versions ${first[0]} and ${version} take different inputs (${name})`,
        });
  }
}

/** Where the desired state finds what it needs. */
export type Registry = {
  /** Null for a version that is gone. */
  versionOf(model: string, version: string): (ServableVersion & { path: string }) | null;
  /** Every version of a model, in any order. */
  versionsOf(model: string): readonly string[];
  tuningOf(model: string): ModelTuning;
  deviceFor(tuning: Pick<ModelTuning, 'provider' | 'threads'>): DeviceOrder;
};

/** Everything the gateway should be doing. */
export function desiredState(
  revision: number,
  endpoints: readonly EndpointRecord[],
  registry: Registry,
  temporary: readonly ModelSpec[],
  network: { httpPort: number; grpcPort: number; limits: Settings['serving'] },
): DesiredState {
  const models = new Map<string, ModelSpec>();
  const served = endpoints.filter((endpoint) => endpoint.enabled);
  for (const { model, arms, former, shadow } of served) {
    const { loaded, versions, provider, threads, ...tuning } = registry.tuningOf(model);
    const device = registry.deviceFor({ provider, threads });
    const routed = [...arms, ...(former ?? []), ...(shadow ? [shadow] : [])].map(({ version }) => version);
    for (const version of new Set([...routed, ...chosen(versions, () => registry.versionsOf(model))])) {
      const key = modelKey(model, version);
      const found = models.has(key) ? null : registry.versionOf(model, version);
      if (!found) continue;
      const { path, sha256, inputs, outputs, prediction } = found;
      const file = { path, sha256, inputs, outputs, prediction };
      models.set(key, { key, model, version, ...file, loaded, tuning, device });
    }
  }
  for (const spec of temporary) models.set(spec.key, spec);
  return {
    revision,
    listen: { host: '127.0.0.1', httpPort: network.httpPort, grpcPort: network.grpcPort },
    limits: network.limits,
    models: [...models.values()],
    endpoints: served.map(({ name, model, salt, revision, arms, former, sticky, shadow, logging }) => ({
      ...{ name, model, salt, revision, arms, former, sticky, shadow, logging },
    })),
  };
}

/** Versions that a policy keeps in memory besides the routed ones. */
function chosen(policy: VersionPolicy, versions: () => readonly string[]): readonly string[] {
  if (policy.kind === 'routed') return [];
  if (policy.kind === 'specific') return policy.versions;
  const newestFirst = versions().toSorted((left, right) => Number(right) - Number(left));
  return policy.kind === 'all' ? newestFirst : newestFirst.slice(0, policy.count);
}

/** What the gateway says it holds, without the files that are only tried. */
export function heldModels(
  status: GatewayStatus | null,
  estimates: GatewayStats['estimates'],
  isTrial: (key: string) => boolean,
): Held {
  if (!status) return { memory: null, models: [] };
  const models = status.models
    .filter(({ key }) => !isTrial(key))
    .map(({ key, ...rest }) => {
      const at = key.lastIndexOf('@');
      const estimate = estimates[key] ?? null;
      return { model: key.slice(0, at), version: key.slice(at + 1), ...rest, estimate };
    });
  return { memory: status.memory, models };
}

/** What is observed of one arm. Without a gateway nothing answers; a model it has not named yet is on its way. */
export function armState(
  status: GatewayStatus | null,
  endpoint: Pick<EndpointRecord, 'model' | 'enabled'>,
  version: string,
): { state: z.infer<typeof ArmState>; error: ErrorReport | null } {
  if (!status || !endpoint.enabled) return { state: 'unavailable', error: null };
  const model = status.models.find(({ key }) => key === modelKey(endpoint.model, version));
  return model ? { state: model.state, error: model.error } : { state: 'loading', error: null };
}

export function endpointView(
  record: EndpointRecord,
  status: GatewayStatus | null,
  httpUrl: string | null,
): Endpoint {
  const { id: _id, salt: _salt, former: _former, arms, shadow, ...rest } = record;
  return {
    ...rest,
    arms: arms.map((arm) => {
      const observed = armState(status, record, arm.version);
      return { ...arm, ...observed, serving: servingVersion(status, record, arm, observed.state) };
    }),
    shadow: shadow && { ...shadow, ...armState(status, record, shadow.version) },
    url: httpUrl === null || !record.enabled ? null : `${httpUrl}/v2/models/${record.name}/infer`,
  };
}

/** As the gateway decides it: the arm's own version once it is loaded, before that what its units had before. */
function servingVersion(
  status: GatewayStatus | null,
  record: EndpointRecord,
  arm: Arm,
  state: z.infer<typeof ArmState>,
): string | null {
  if (state === 'ready') return arm.version;
  const before = record.former && armAt(record.former, startOf(record.arms, arm.key));
  return before && armState(status, record, before.version).state === 'ready' ? before.version : null;
}

/** The first bucket of an arm's range. */
function startOf(arms: readonly Arm[], key: string): number {
  let from = 0;
  for (const arm of arms) {
    if (arm.key === key) break;
    from += arm.weight;
  }
  return from;
}

function armAt(arms: readonly Arm[], bucket: number): Arm | undefined {
  let upTo = 0;
  return arms.find(({ weight }) => {
    upTo += weight;
    return bucket < upTo;
  });
}

/** Whether every unit is answered by the version that its arm names. */
export const isSettled = (status: GatewayStatus, record: EndpointRecord): boolean =>
  record.arms.every(
    ({ weight, version }) => weight === 0 || armState(status, record, version).state === 'ready',
  );

/** One endpoint's share of a second's counters, an idle arm as zeros, so that its line does not break. */
export function liveSample(endpoint: EndpointRecord, stats: GatewayStats): LiveSample {
  const counted = new Map<string, ArmCounters>();
  for (const arm of stats.arms)
    if (arm.endpoint === endpoint.name) counted.set(modelKey(arm.arm, arm.version), arm);
  for (const { key, version } of endpoint.arms)
    if (!counted.has(modelKey(key, version)))
      counted.set(modelKey(key, version), idleArm(endpoint.name, key, version));
  return {
    endpoint: endpoint.name,
    atMs: stats.atMs,
    queued: queuedRows(endpoint, stats.queued),
    arms: [...counted.values()].map(({ endpoint: _endpoint, rowTimes: _times, batchRows, ...arm }) => ({
      ...arm,
      meanBatch: arm.batches === 0 ? 0 : batchRows / arm.batches,
    })),
  };
}

/** Queues belong to models: the gateway names them by model key. */
function queuedRows(endpoint: EndpointRecord, queued: Record<string, number>): number {
  const keys = new Set(endpoint.arms.map(({ version }) => modelKey(endpoint.model, version)));
  let rows = 0;
  for (const key of keys) rows += queued[key] ?? 0;
  return rows;
}

const idleArm = (endpoint: string, arm: string, version: string): ArmCounters => ({
  endpoint,
  arm,
  version,
  requests: 0,
  rows: 0,
  errors: 0,
  refused: { queueFull: 0, late: 0, expired: 0, unavailable: 0 },
  invalid: 0,
  batches: 0,
  batchRows: 0,
  batchSizes: [],
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  queueMs: null,
  rowTimes: [],
});

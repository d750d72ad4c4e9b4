/** What the protocols tell of a model version: its signature, its configuration, its statistics. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import type { Provider } from '../../contract/devices.ts';
import { type Limits, type ServedModel, settingsOf } from './served-model.ts';
import type { Service } from './service.ts';
import type { Stats, VersionTotals } from './stats.ts';

/** The extensions that are there, under the names that clients look for. */
export const EXTENSIONS = [
  'model_repository',
  'model_repository(unload_dependents)',
  'schedule_policy',
  'model_configuration',
  'binary_tensor_data',
  'parameters',
  'statistics',
] as const;

const PLATFORM = 'onnxruntime_onnx';

/** The version that was asked for, or the one that the endpoint's first arm serves. */
function versionAt(service: Service, name: string, version: string | null): ServedModel {
  const endpoint = service.endpoint(name);
  return service.version(endpoint, version ?? endpoint.arms[0]?.version ?? '');
}

const versionsOf = (service: Service, name: string): string[] => [
  ...new Set(service.endpoint(name).arms.map((arm) => arm.version)),
];

/** Inputs, outputs, and the versions that the endpoint routes to. The first dimension is the batch, -1. */
export function modelMetadata(service: Service, name: string, version: string | null) {
  const { inputs, outputs } = versionAt(service, name, version).plan;
  return { name, versions: versionsOf(service, name), platform: PLATFORM, inputs, outputs };
}

/**
 * The configuration in the names and values of the protocol's ModelConfig, as far as it means something here.
 * A model that batches has max_batch_size above 0, and its `dims` leave the batch dimension out.
 */
export function modelConfig(service: Service, name: string, version: string | null, limits: Limits) {
  const model = versionAt(service, name, version);
  const { batchable, maxBatchRows, maxQueueRows, priority } = settingsOf(model, limits);
  const { inputs, outputs } = model.plan;
  const tensor = (spec: TensorSpec) => ({
    name: spec.name,
    data_type: dataType(spec.datatype),
    ...dimensions(batchable ? spec.shape.slice(1) : spec.shape),
  });
  const batching = {
    preferred_batch_size: [],
    max_queue_delay_microseconds: limits.maxQueueDelayUs,
    preserve_ordering: false,
    default_priority_level: priority,
    default_queue_policy: {
      timeout_action: 'REJECT',
      default_timeout_microseconds: limits.requestTimeoutMs * 1000,
      allow_timeout_override: true,
      max_queue_size: maxQueueRows,
    },
  };
  return {
    name,
    platform: PLATFORM,
    backend: 'onnxruntime',
    version_policy: { specific: { versions: versionsOf(service, name).map(Number) } },
    max_batch_size: batchable ? maxBatchRows : 0,
    input: inputs.map((spec) => ({ ...tensor(spec), format: 'FORMAT_NONE', optional: false })),
    output: outputs.map(tensor),
    instance_group: [{ name, count: 1, ...placeOf(model.provider) }],
    default_model_filename: 'model.onnx',
    ...(batchable ? { dynamic_batching: batching } : {}),
  };
}

/** Lathe uses the first GPU; which one WebGPU takes is not told. */
const placeOf = (provider: Provider | null) => ({
  kind: provider === null || provider === 'cpu' ? 'KIND_CPU' : 'KIND_GPU',
  gpus: provider === 'cuda' ? [0] : [],
});

/** A configuration knows no tensor without dimensions: one value a row is [1], reshaped to none. */
const dimensions = (shape: readonly number[]) =>
  shape.length > 0 ? { dims: shape } : { dims: [1], reshape: { shape: [] } };

const dataType = (datatype: Datatype): string => `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`;

export type StatisticDuration = { count: number; ns: number };

/**
 * Statistics of the versions of one endpoint, or of one version, or (name null) of all. They count what the
 * version did since the gateway started, under whatever endpoint it was asked. Durations are summed over
 * requests: a batch of 8 that ran 10 ms adds 80 ms.
 */
export function modelStatistics(service: Service, stats: Stats, name: string | null, version: string | null) {
  const rows = name === null ? service.repository.index() : service.repository.status(name);
  // Throws when the version is not served.
  if (name !== null && version !== null) service.version(service.endpoint(name), version);
  return rows
    .filter((row) => version === null || row.version === version)
    .map((row) => {
      const model = service.find(service.endpoint(row.name), row.version);
      const totals = model && stats.allTotals().get(model.spec.key);
      return { name: row.name, version: row.version, ...statisticsOf(totals), ...memoryOf(model) };
    });
}

function statisticsOf(totals: VersionTotals | undefined) {
  const duration = (count = 0, us = 0): StatisticDuration => ({ count, ns: Math.round(us * 1000) });
  const { success, failure } = totals ?? {};
  const batches = [...(totals?.batches ?? [])].sort(([left], [right]) => left - right);
  return {
    last_inference: totals?.lastInferenceMs ?? 0,
    inference_count: totals?.inferences ?? 0,
    execution_count: totals?.executions ?? 0,
    inference_stats: {
      success: duration(success, totals?.successUs),
      fail: duration(failure, totals?.failureUs),
      queue: duration(success, totals?.queueUs),
      compute_input: duration(success, totals?.computeInputUs),
      compute_infer: duration(success, totals?.computeUs),
      compute_output: duration(success, totals?.computeOutputUs),
      cache_hit: duration(),
      cache_miss: duration(),
    },
    batch_stats: batches.map(([size, { count, inputUs, inferUs, outputUs }]) => ({
      batch_size: size,
      compute_input: duration(count, inputUs),
      compute_infer: duration(count, inferUs),
      compute_output: duration(count, outputUs),
    })),
    response_stats: {},
  };
}

/** What it was measured to take while it is in memory. */
const memoryOf = (model: ServedModel | undefined) => ({
  memory_usage:
    model && model.session !== null ? [{ type: 'CPU', id: 0, byte_size: model.footprintBytes }] : [],
});

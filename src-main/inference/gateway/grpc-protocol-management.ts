/** Messages of the gRPC protocol but for inference: metadata, configuration, statistics, repository, and the rest. */
type Field = { type: string; id: number; rule?: 'repeated'; keyType?: string };
export const field = (type: string, id: number): Field => ({ type, id });
export const list = (type: string, id: number): Field => ({ type, id, rule: 'repeated' });
export const map = (type: string, id: number, keyType = 'string'): Field => ({ keyType, type, id });
export const unary = (name: string) => ({
  requestType: `${name}Request`,
  responseType: `${name}Response`,
});

const none = { fields: {} };
const named = { fields: { name: field('string', 1), version: field('string', 2) } };
const server = {
  ServerLiveRequest: none,
  ServerLiveResponse: { fields: { live: field('bool', 1) } },
  ServerReadyRequest: none,
  ServerReadyResponse: { fields: { ready: field('bool', 1) } },
  ModelReadyRequest: named,
  ModelReadyResponse: { fields: { ready: field('bool', 1) } },
  ServerMetadataRequest: none,
  ServerMetadataResponse: {
    fields: { name: field('string', 1), version: field('string', 2), extensions: list('string', 3) },
  },
  ModelMetadataRequest: named,
  ModelMetadataResponse: {
    fields: {
      name: field('string', 1),
      versions: list('string', 2),
      platform: field('string', 3),
      inputs: list('TensorMetadata', 4),
      outputs: list('TensorMetadata', 5),
    },
    nested: {
      TensorMetadata: {
        fields: { name: field('string', 1), datatype: field('string', 2), shape: list('int64', 3) },
      },
    },
  },
};

/** The parts of a model's configuration that mean something here; what is left out is absent on the wire. */
const configuration = {
  ModelConfigRequest: named,
  ModelConfigResponse: { fields: { config: field('ModelConfig', 1) } },
  DataType: {
    values: {
      TYPE_INVALID: 0,
      TYPE_BOOL: 1,
      TYPE_UINT8: 2,
      TYPE_UINT16: 3,
      TYPE_UINT32: 4,
      TYPE_UINT64: 5,
      TYPE_INT8: 6,
      TYPE_INT16: 7,
      TYPE_INT32: 8,
      TYPE_INT64: 9,
      TYPE_FP16: 10,
      TYPE_FP32: 11,
      TYPE_FP64: 12,
      TYPE_STRING: 13,
      TYPE_BF16: 14,
    },
  },
  ModelTensorReshape: { fields: { shape: list('int64', 1) } },
  ModelInput: {
    fields: {
      name: field('string', 1),
      data_type: field('DataType', 2),
      format: field('Format', 3),
      dims: list('int64', 4),
      reshape: field('ModelTensorReshape', 5),
      optional: field('bool', 8),
    },
    nested: { Format: { values: { FORMAT_NONE: 0, FORMAT_NHWC: 1, FORMAT_NCHW: 2 } } },
  },
  ModelOutput: {
    fields: {
      name: field('string', 1),
      data_type: field('DataType', 2),
      dims: list('int64', 3),
      reshape: field('ModelTensorReshape', 5),
    },
  },
  ModelInstanceGroup: {
    fields: {
      name: field('string', 1),
      count: field('int32', 2),
      gpus: list('int32', 3),
      kind: field('Kind', 4),
    },
    nested: { Kind: { values: { KIND_AUTO: 0, KIND_GPU: 1, KIND_CPU: 2, KIND_MODEL: 3 } } },
  },
  ModelVersionPolicy: {
    fields: { specific: field('Specific', 3) },
    nested: { Specific: { fields: { versions: list('int64', 1) } } },
  },
  ModelQueuePolicy: {
    fields: {
      timeout_action: field('TimeoutAction', 1),
      default_timeout_microseconds: field('uint64', 2),
      allow_timeout_override: field('bool', 3),
      max_queue_size: field('uint32', 4),
    },
    nested: { TimeoutAction: { values: { REJECT: 0, DELAY: 1 } } },
  },
  ModelDynamicBatching: {
    fields: {
      preferred_batch_size: list('int32', 1),
      max_queue_delay_microseconds: field('uint64', 2),
      preserve_ordering: field('bool', 3),
      default_priority_level: field('uint64', 5),
      default_queue_policy: field('ModelQueuePolicy', 6),
    },
  },
  ModelConfig: {
    fields: {
      name: field('string', 1),
      platform: field('string', 2),
      version_policy: field('ModelVersionPolicy', 3),
      max_batch_size: field('int32', 4),
      input: list('ModelInput', 5),
      output: list('ModelOutput', 6),
      instance_group: list('ModelInstanceGroup', 7),
      default_model_filename: field('string', 8),
      dynamic_batching: field('ModelDynamicBatching', 11),
      backend: field('string', 17),
    },
  },
};

const duration = (id: number) => field('StatisticDuration', id);
const statistics = {
  ModelStatisticsRequest: named,
  ModelStatisticsResponse: { fields: { model_stats: list('ModelStatistics', 1) } },
  StatisticDuration: { fields: { count: field('uint64', 1), ns: field('uint64', 2) } },
  InferStatistics: {
    fields: {
      success: duration(1),
      fail: duration(2),
      queue: duration(3),
      compute_input: duration(4),
      compute_infer: duration(5),
      compute_output: duration(6),
      cache_hit: duration(7),
      cache_miss: duration(8),
    },
  },
  InferBatchStatistics: {
    fields: {
      batch_size: field('uint64', 1),
      compute_input: duration(2),
      compute_infer: duration(3),
      compute_output: duration(4),
    },
  },
  MemoryUsage: {
    fields: { type: field('string', 1), id: field('int64', 2), byte_size: field('uint64', 3) },
  },
  ModelStatistics: {
    fields: {
      name: field('string', 1),
      version: field('string', 2),
      last_inference: field('uint64', 3),
      inference_count: field('uint64', 4),
      execution_count: field('uint64', 5),
      inference_stats: field('InferStatistics', 6),
      batch_stats: list('InferBatchStatistics', 7),
      memory_usage: list('MemoryUsage', 8),
    },
  },
};

const repository = {
  ModelRepositoryParameter: {
    oneofs: {
      parameter_choice: { oneof: ['bool_param', 'int64_param', 'string_param', 'bytes_param'] },
    },
    fields: {
      bool_param: field('bool', 1),
      int64_param: field('int64', 2),
      string_param: field('string', 3),
      bytes_param: field('bytes', 4),
    },
  },
  RepositoryIndexRequest: { fields: { repository_name: field('string', 1), ready: field('bool', 2) } },
  RepositoryIndexResponse: {
    fields: { models: list('ModelIndex', 1) },
    nested: {
      ModelIndex: {
        fields: {
          name: field('string', 1),
          version: field('string', 2),
          state: field('string', 3),
          reason: field('string', 4),
        },
      },
    },
  },
  RepositoryModelLoadRequest: {
    fields: {
      repository_name: field('string', 1),
      model_name: field('string', 2),
      parameters: map('ModelRepositoryParameter', 3),
    },
  },
  RepositoryModelLoadResponse: none,
  RepositoryModelUnloadRequest: {
    fields: {
      repository_name: field('string', 1),
      model_name: field('string', 2),
      parameters: map('ModelRepositoryParameter', 3),
    },
  },
  RepositoryModelUnloadResponse: none,
};

/** Calls that are answered as unimplemented: nothing in their messages is read. */
export const UNSERVED = {
  SystemSharedMemoryStatus: 'system shared memory',
  SystemSharedMemoryRegister: 'system shared memory',
  SystemSharedMemoryUnregister: 'system shared memory',
  CudaSharedMemoryStatus: 'CUDA shared memory',
  CudaSharedMemoryRegister: 'CUDA shared memory',
  CudaSharedMemoryUnregister: 'CUDA shared memory',
  TraceSetting: 'trace settings',
  LogSettings: 'log settings',
} as const;
const unserved = Object.fromEntries(
  Object.keys(UNSERVED).flatMap((name) => [
    [`${name}Request`, none],
    [`${name}Response`, none],
  ]),
);

export const MANAGEMENT_MESSAGES = {
  ...server,
  ...configuration,
  ...statistics,
  ...repository,
  ...unserved,
};

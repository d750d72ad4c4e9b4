/**
 * The gRPC form of the Open Inference Protocol (package `inference`) and the standard health service, as
 * descriptors: message and field names and numbers are those of the published protocol. Inference is here,
 * everything else of it in grpc-protocol-management.ts.
 */
import { field, list, MANAGEMENT_MESSAGES, map, UNSERVED, unary } from './grpc-protocol-management.ts';

const parameters = (id: number) => map('InferParameter', id);

const inference = {
  GRPCInferenceService: {
    methods: {
      ServerLive: unary('ServerLive'),
      ServerReady: unary('ServerReady'),
      ModelReady: unary('ModelReady'),
      ServerMetadata: unary('ServerMetadata'),
      ModelMetadata: unary('ModelMetadata'),
      ModelInfer: unary('ModelInfer'),
      ModelStreamInfer: {
        requestType: 'ModelInferRequest',
        requestStream: true,
        responseType: 'ModelStreamInferResponse',
        responseStream: true,
      },
      ModelConfig: unary('ModelConfig'),
      ModelStatistics: unary('ModelStatistics'),
      RepositoryIndex: unary('RepositoryIndex'),
      RepositoryModelLoad: unary('RepositoryModelLoad'),
      RepositoryModelUnload: unary('RepositoryModelUnload'),
      ...Object.fromEntries(Object.keys(UNSERVED).map((name) => [name, unary(name)])),
    },
  },
  ...MANAGEMENT_MESSAGES,
  InferParameter: {
    oneofs: {
      parameter_choice: {
        oneof: ['bool_param', 'int64_param', 'string_param', 'double_param', 'uint64_param'],
      },
    },
    fields: {
      bool_param: field('bool', 1),
      int64_param: field('int64', 2),
      string_param: field('string', 3),
      double_param: field('double', 4),
      uint64_param: field('uint64', 5),
    },
  },
  InferTensorContents: {
    fields: {
      bool_contents: list('bool', 1),
      int_contents: list('int32', 2),
      int64_contents: list('int64', 3),
      uint_contents: list('uint32', 4),
      uint64_contents: list('uint64', 5),
      fp32_contents: list('float', 6),
      fp64_contents: list('double', 7),
      bytes_contents: list('bytes', 8),
    },
  },
  ModelInferRequest: {
    fields: {
      model_name: field('string', 1),
      model_version: field('string', 2),
      id: field('string', 3),
      parameters: parameters(4),
      inputs: list('InferInputTensor', 5),
      outputs: list('InferRequestedOutputTensor', 6),
      raw_input_contents: list('bytes', 7),
    },
    nested: {
      InferInputTensor: {
        fields: {
          name: field('string', 1),
          datatype: field('string', 2),
          shape: list('int64', 3),
          parameters: parameters(4),
          contents: field('InferTensorContents', 5),
        },
      },
      InferRequestedOutputTensor: { fields: { name: field('string', 1), parameters: parameters(2) } },
    },
  },
  ModelInferResponse: {
    fields: {
      model_name: field('string', 1),
      model_version: field('string', 2),
      id: field('string', 3),
      parameters: parameters(4),
      outputs: list('InferOutputTensor', 5),
      raw_output_contents: list('bytes', 6),
    },
    nested: {
      InferOutputTensor: {
        fields: {
          name: field('string', 1),
          datatype: field('string', 2),
          shape: list('int64', 3),
          parameters: parameters(4),
          contents: field('InferTensorContents', 5),
        },
      },
    },
  },
  ModelStreamInferResponse: {
    fields: { error_message: field('string', 1), infer_response: field('ModelInferResponse', 2) },
  },
};

const health = {
  Health: {
    methods: {
      Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' },
      Watch: {
        requestType: 'HealthCheckRequest',
        responseType: 'HealthCheckResponse',
        responseStream: true,
      },
    },
  },
  HealthCheckRequest: { fields: { service: field('string', 1) } },
  HealthCheckResponse: {
    fields: { status: field('ServingStatus', 1) },
    nested: {
      ServingStatus: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
    },
  },
};

export const GRPC_PROTOCOL = {
  edition: 'proto3',
  nested: {
    inference: { nested: inference },
    grpc: { nested: { health: { nested: { v1: { nested: health } } } } },
  },
};

/** int64 as text (exact), missing fields as their defaults, names as published. */
export const GRPC_OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

export type GrpcParameter = {
  parameter_choice?: 'bool_param' | 'int64_param' | 'string_param' | 'double_param' | 'uint64_param';
  bool_param?: boolean;
  int64_param?: string | number;
  string_param?: string;
  double_param?: number;
  uint64_param?: string | number;
};
export type GrpcParameters = Readonly<Record<string, GrpcParameter>>;

export type GrpcContents = {
  bool_contents: boolean[];
  int_contents: number[];
  int64_contents: string[];
  uint_contents: number[];
  uint64_contents: string[];
  fp32_contents: number[];
  fp64_contents: number[];
  bytes_contents: Buffer[];
};

export type GrpcInferRequest = {
  model_name: string;
  model_version: string;
  id: string;
  parameters: GrpcParameters;
  inputs: {
    name: string;
    datatype: string;
    shape: string[];
    parameters: GrpcParameters;
    contents: GrpcContents | null;
  }[];
  outputs: { name: string; parameters: GrpcParameters }[];
  raw_input_contents: Buffer[];
};

export type GrpcInferResponse = {
  model_name: string;
  model_version: string;
  id: string;
  parameters: Record<string, GrpcParameter>;
  outputs: { name: string; datatype: string; shape: (string | number)[] }[];
  raw_output_contents: Uint8Array[];
};

/** Exactly one of the two says something. */
export type GrpcStreamResponse = { error_message: string; infer_response: GrpcInferResponse | null };

/** A gRPC client of the gateway for tests. */
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  Client as Connection,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import {
  GRPC_OPTIONS,
  GRPC_PROTOCOL,
  type GrpcInferRequest,
  type GrpcStreamResponse,
} from '../gateway/grpc-protocol.ts';

type CallOptions = { deadline?: number };
type Started<Response> = { done: Promise<Response>; cancel(): void };
type Unary = (
  request: object,
  metadata: Metadata,
  options: CallOptions,
  done: (error: Error | null, response: unknown) => void,
) => { cancel(): void };

export type GrpcClient = {
  /** A unary method of the inference service. */
  call<Response>(method: string, request: object, metadata?: Metadata): Promise<Response>;
  start<Response>(
    method: string,
    request: object,
    metadata: Metadata,
    options?: CallOptions,
  ): Started<Response>;
  /** A unary call with a message of any bytes. */
  raw(method: string, message: Buffer): Promise<Buffer>;
  stream(): ClientDuplexStream<Partial<Record<keyof GrpcInferRequest, unknown>>, GrpcStreamResponse>;
  /** The health service. */
  check(service: string): Promise<{ status: string }>;
  watch(service: string): ClientReadableStream<{ status: string }>;
  close(): void;
};

export function grpcClient(port: number, { gzip = false } = {}): GrpcClient {
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // 2 is gzip, 0 none.
    'grpc.default_compression_algorithm': gzip ? 2 : 0,
  };
  const { inference, grpc } = loadPackageDefinition(
    fromJSON(GRPC_PROTOCOL as unknown as Parameters<typeof fromJSON>[0], GRPC_OPTIONS),
  ) as unknown as {
    inference: { GRPCInferenceService: ServiceClientConstructor };
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  };
  const address = `127.0.0.1:${port}`;
  const insecure = credentials.createInsecure();
  const service = new inference.GRPCInferenceService(address, insecure, options);
  const health = new grpc.health.v1.Health(address, insecure, options);
  const bare = new Connection(address, insecure);

  const start = <Response>(
    target: Connection,
    method: string,
    request: object,
    metadata = new Metadata(),
    callOptions: CallOptions = {},
  ): Started<Response> => {
    const unary = (target as unknown as Record<string, Unary>)[method] as Unary;
    let cancel = () => {};
    const done = new Promise<Response>((resolve, reject) => {
      const call = unary.call(target, request, metadata, callOptions, (error, response) =>
        error ? reject(error) : resolve(response as Response),
      );
      cancel = () => call.cancel();
    });
    return { done, cancel };
  };

  return {
    call: (method, request, metadata) => start<never>(service, method, request, metadata).done,
    start: (method, request, metadata, callOptions) => start(service, method, request, metadata, callOptions),
    raw: (method, message) =>
      new Promise((resolve, reject) => {
        bare.makeUnaryRequest(
          `/inference.GRPCInferenceService/${method}`,
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          message,
          (error, response) => (error ? reject(error) : resolve(response ?? Buffer.alloc(0))),
        );
      }),
    stream: () => (service as unknown as { ModelStreamInfer(): never }).ModelStreamInfer(),
    check: (name) => start<{ status: string }>(health, 'Check', { service: name }).done,
    watch: (name) => (health as unknown as { Watch(request: object): never }).Watch({ service: name }),
    close() {
      service.close();
      health.close();
      bare.close();
    },
  };
}

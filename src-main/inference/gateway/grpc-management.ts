/** Everything over gRPC but inference, and the standard health service. */
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { LatheError } from '../../contract/errors.ts';
import { brief, invalid, unsupported } from './checks.ts';
import type { Streams } from './grpc-infer.ts';
import type { GrpcParameters } from './grpc-protocol.ts';
import { UNSERVED } from './grpc-protocol-management.ts';
import { asLathe, grpcError } from './grpc-status.ts';
import { refuseOverride } from './http-management.ts';
import { EXTENSIONS, modelConfig, modelMetadata, modelStatistics } from './model-info.ts';
import type { Limits } from './served-model.ts';
import { SERVER_NAME, SERVER_VERSION, type Service } from './service.ts';
import type { Stats } from './stats.ts';

type Ports = {
  service: Service;
  stats: Stats;
  limits(): Limits;
  /** Listeners to call when what is served may have changed. */
  changes: Set<() => void>;
};
type Named = { name: string; version: string };
type Repository = { model_name: string; parameters: GrpcParameters };
type Method<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  done: sendUnaryData<Response>,
) => void;

export function managementMethods({ service, stats, limits }: Ports) {
  return {
    ServerLive: answer(() => ({ live: true })),
    ServerReady: answer(() => ({ ready: service.notReady() === undefined })),
    ServerMetadata: answer(() => ({
      name: SERVER_NAME,
      version: SERVER_VERSION,
      extensions: EXTENSIONS,
    })),
    /** What is not there is not ready, which is no failure of the call. */
    ModelReady: answer(({ name, version }: Named) => {
      if (!/^[0-9]*$/.test(version)) throw invalid(`'${brief(version)}' is not a version, which is a number`);
      const endpoint = [...service.endpoints()].find((one) => one.name === name);
      if (!endpoint || version === '') return { ready: endpoint !== undefined && service.isReady(endpoint) };
      return { ready: service.find(endpoint, version)?.state === 'ready' };
    }),
    ModelMetadata: answer(({ name, version }: Named) => modelMetadata(service, name, version || null)),
    ModelConfig: answer(({ name, version }: Named) => ({
      config: modelConfig(service, name, version || null, limits()),
    })),
    ModelStatistics: answer(({ name, version }: Named) => ({
      model_stats: modelStatistics(service, stats, name || null, version || null),
    })),
    RepositoryIndex: answer(({ ready }: { ready: boolean }) => {
      const models = service.repository.index();
      return { models: ready ? models.filter((row) => row.state === 'READY') : models };
    }),
    RepositoryModelLoad: answer(async ({ model_name, parameters }: Repository) => {
      refuseOverride(Object.keys(parameters));
      await service.repository.load(model_name);
      return {};
    }),
    RepositoryModelUnload: answer(async ({ model_name }: Repository) => {
      await service.repository.unload(model_name);
      return {};
    }),
    ...Object.fromEntries(
      Object.entries(UNSERVED).map(([name, what]) => [
        name,
        answer(() => {
          throw unsupported(what);
        }),
      ]),
    ),
  };
}

type HealthRequest = { service: string };
type HealthResponse = { status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN' };
/** The service's own name stands for the whole server, as the empty one does; others are endpoints. */
const WHOLE = new Set(['', 'inference.GRPCInferenceService']);

export function healthMethods({ service, changes }: Ports, streams: Streams) {
  const statusOf = (name: string): HealthResponse['status'] => {
    if (WHOLE.has(name)) return service.notReady() === undefined ? 'SERVING' : 'NOT_SERVING';
    const endpoint = [...service.endpoints()].find((one) => one.name === name);
    if (!endpoint) return 'SERVICE_UNKNOWN';
    return service.isReady(endpoint) ? 'SERVING' : 'NOT_SERVING';
  };
  return {
    Check: answer(({ service: name }: HealthRequest): HealthResponse => {
      const status = statusOf(name);
      if (status !== 'SERVICE_UNKNOWN') return { status };
      throw new LatheError('LATHE_SERVING_MODEL_NOT_FOUND', { name: name.slice(0, 128) });
    }),
    /** Says the status at once and again whenever it changes, until the client goes. */
    Watch(call: ServerWritableStream<HealthRequest, HealthResponse>): void {
      let last: string | null = null;
      const tell = () => {
        const status = statusOf(call.request.service);
        if (status === last) return;
        last = status;
        call.write({ status });
      };
      const end = () => call.end();
      const leave = () => {
        changes.delete(tell);
        streams.delete(end);
      };
      call.on('cancelled', leave);
      call.on('error', leave);
      call.on('close', leave);
      changes.add(tell);
      streams.add(end);
      tell();
    },
  };
}

function answer<Request, Response>(
  respond: (request: Request) => Response | Promise<Response>,
): Method<Request, Response> {
  return (call, done) => {
    const run = async () => respond(call.request);
    run().then(
      (response) => done(null, response),
      (thrown: unknown) => done(grpcError(asLathe(thrown))),
    );
  };
}

/** The Open Inference Protocol over gRPC. Loaded only when the port is wanted: the library is large. */
import {
  loadPackageDefinition,
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type sendUnaryData,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { LatheError, toErrorReport } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  GRPC_OPTIONS,
  GRPC_PROTOCOL,
  type GrpcInferRequest,
  type GrpcInferResponse,
} from './grpc-protocol.ts';
import { grpcAnswer, grpcHints, readGrpcRequest } from './grpc-request.ts';
import type { OpenPort } from './ports.ts';
import { unitOfBody } from './router.ts';
import {
  type Call,
  modelMetadata,
  type Route,
  SERVER_NAME,
  SERVER_VERSION,
  type Service,
} from './service.ts';

type Ports = { service: Service; clock: Clock; maxMessageBytes: number };
type Named = { name: string; version: string };
type Method<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  done: sendUnaryData<Response>,
) => void;

const CLOSE_MS = 2_000;

export async function openGrpc(host: string, port: number, ports: Ports): Promise<OpenPort> {
  // It would print to the terminal; what fails is reported in the status.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': ports.maxMessageBytes,
    'grpc.max_send_message_length': -1,
  });
  const { inference, health } = services();
  server.addService(inference.service, methods(ports));
  server.addService(health.service, {
    Check: answer<{ service: string }, { status: string }>(({ service }) => {
      if (service === '') return { status: allReady(ports.service) ? 'SERVING' : 'NOT_SERVING' };
      const ready = ports.service.isReady(ports.service.endpoint(service));
      return { status: ready ? 'SERVING' : 'NOT_SERVING' };
    }),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
      if (error) reject(withCode(error));
      else resolve(actual);
    });
  });
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), CLOSE_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function methods(ports: Ports) {
  const { service } = ports;
  return {
    ServerLive: answer(() => ({ live: true })),
    ServerReady: answer(() => ({ ready: allReady(service) })),
    ServerMetadata: answer(() => ({ name: SERVER_NAME, version: SERVER_VERSION, extensions: [] })),
    ModelReady: answer(({ name, version }: Named) => {
      const endpoint = service.endpoint(name);
      if (version === '') return { ready: service.isReady(endpoint) };
      return { ready: service.version(endpoint, version).state === 'ready' };
    }),
    ModelMetadata: answer(({ name, version }: Named) => modelMetadata(service, name, version || null)),
    ModelInfer: infer(ports),
  };
}

function infer({ service, clock }: Ports): Method<GrpcInferRequest, GrpcInferResponse> {
  return (call, done) => {
    const beganMs = clock.monotonic();
    const receivedMs = clock.now();
    const message = call.request;
    const name = message.model_name;
    let route: Route | null = null;
    const fail = (thrown: unknown) => {
      const error = asLathe(thrown);
      service.failed(route, error);
      done(grpcError(error));
    };
    try {
      const hints = grpcHints(message.parameters);
      const unit = hints.unit ?? header(call, 'x-lathe-unit');
      const taken = service.route({
        name,
        version: message.model_version || null,
        forceArm: header(call, 'x-lathe-force-arm'),
        unit: () => unit ?? unitOfBody(contentBytes(message)),
      });
      route = taken;
      service.requireLoaded(taken);
      const request = readGrpcRequest(taken.model.plan, name, message);
      const id = request.id ?? service.newId();
      const { eventMs } = hints;
      const version = taken.model.spec.version;
      const whole: Call = { route: taken, request, id, unit, eventMs, receivedMs, beganMs };
      const cancel = service.submit(whole, (outcome) => {
        if (!outcome.ok) {
          fail(outcome.error);
          return;
        }
        const { outputs } = outcome.result;
        const wanted = request.outputs?.flatMap((index) => outputs[index] ?? []) ?? outputs;
        const headers = new Metadata();
        headers.set('x-lathe-route', `${taken.arm}@${version}`);
        call.sendMetadata(headers);
        done(null, grpcAnswer({ name, version, arm: taken.arm, id, outputs: wanted }));
        service.answered(whole, outcome.result);
      });
      call.on('cancelled', cancel);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

function answer<Request, Response>(respond: (request: Request) => Response): Method<Request, Response> {
  return (call, done) => {
    try {
      done(null, respond(call.request));
    } catch (thrown) {
      done(grpcError(asLathe(thrown)));
    }
  };
}

const allReady = (service: Service): boolean =>
  [...service.endpoints()].every((endpoint) => service.isReady(endpoint));

/** Stands for the body where no unit is named. */
function contentBytes(message: GrpcInferRequest): Buffer {
  if (message.raw_input_contents.length > 0) return Buffer.concat(message.raw_input_contents);
  return Buffer.from(JSON.stringify(message.inputs));
}

const header = (call: ServerUnaryCall<unknown, unknown>, name: string): string | null =>
  call.metadata.get(name)[0]?.toString() || null;

const CODES: Record<number, status> = {
  400: status.INVALID_ARGUMENT,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

function grpcError(error: LatheError): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('lathe-code', error.code);
  return {
    code: CODES[error.status] ?? status.INTERNAL,
    details: `${error.message} ${error.remedy}`,
    metadata,
  };
}

const asLathe = (thrown: unknown): LatheError => {
  if (thrown instanceof LatheError) return thrown;
  return new LatheError('LATHE_INTERNAL', { reason: toErrorReport(thrown).cause });
};

/** The library keeps the system's reason only in its message. */
const withCode = (error: Error): Error =>
  /EADDRINUSE/.test(error.message) ? Object.assign(error, { code: 'EADDRINUSE' }) : error;

function services(): { inference: ServiceClientConstructor; health: ServiceClientConstructor } {
  // Its type wants an index signature, which an object literal's own type does not have.
  const protocol = GRPC_PROTOCOL as unknown as Parameters<typeof fromJSON>[0];
  const loaded = loadPackageDefinition(fromJSON(protocol, GRPC_OPTIONS)) as unknown as {
    inference: { GRPCInferenceService: ServiceClientConstructor };
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  };
  return { inference: loaded.inference.GRPCInferenceService, health: loaded.grpc.health.v1.Health };
}

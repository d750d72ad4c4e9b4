/** The Open Inference Protocol over gRPC. Loaded only when the port is wanted: the library is large. */
import {
  loadPackageDefinition,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { Clock } from '../../platform/clock.ts';
import { type Streams, streamInfer, unaryInfer } from './grpc-infer.ts';
import { healthMethods, managementMethods } from './grpc-management.ts';
import { GRPC_OPTIONS, GRPC_PROTOCOL } from './grpc-protocol.ts';
import type { OpenPort } from './ports.ts';
import type { Limits } from './served-model.ts';
import type { Service } from './service.ts';
import type { Stats } from './stats.ts';

export type GrpcPorts = {
  service: Service;
  stats: Stats;
  clock: Clock;
  limits(): Limits;
  changes: Set<() => void>;
};

const CLOSE_MS = 2_000;
/** Of one connection; a client that wants more opens another. */
const MAX_STREAMS = 1_000;

export async function openGrpc(host: string, port: number, ports: GrpcPorts): Promise<OpenPort> {
  // It would print to the terminal; what fails is reported in the status.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    // The same limit as over HTTP, before and after decompression. Answers are as large as the model makes them.
    'grpc.max_receive_message_length': ports.limits().maxBodyBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_STREAMS,
  });
  const { inference, health } = services();
  const streams: Streams = new Set();
  server.addService(inference.service, {
    ...managementMethods(ports),
    ModelInfer: unaryInfer(ports),
    ModelStreamInfer: streamInfer(ports, streams),
  });
  server.addService(health.service, healthMethods(ports, streams));
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
        for (const end of [...streams]) end();
      }),
  };
}

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

/** Inference over gRPC: one request a call, or a stream of them, each answered in its turn. */
import { Metadata, type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import type { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { GrpcInferRequest, GrpcInferResponse, GrpcStreamResponse } from './grpc-protocol.ts';
import { grpcAnswer, grpcOptions, readGrpcRequest } from './grpc-request.ts';
import { asLathe, grpcError, grpcText } from './grpc-status.ts';
import type { Call, Route, Service } from './service.ts';

type Ports = { service: Service; clock: Clock };
type Done = {
  answered(response: GrpcInferResponse, route: Route): void;
  failed(error: LatheError): void;
};

/** Ends of the streams that are open, for when the server closes: each answers what it has and is done. */
export type Streams = Set<() => void>;

/** How many requests of one stream may be under way; a faster client waits in its socket. */
const STREAM_WINDOW = 256;

/** Ends in exactly one call of `done`; returns the cancel, which makes it end as cancelled. */
function start(ports: Ports, message: GrpcInferRequest, metadata: Metadata, done: Done): () => void {
  const { service, clock } = ports;
  const beganMs = clock.monotonic();
  const receivedMs = clock.now();
  const name = message.model_name;
  let route: Route | null = null;
  const fail = (thrown: unknown) => {
    const error = asLathe(thrown);
    service.failed(route, error, beganMs);
    done.failed(error);
  };
  try {
    const { eventMs, priority, timeoutUs, unit } = grpcOptions(message.parameters);
    const taken = service.route({
      name,
      version: message.model_version || null,
      forceArm: header(metadata, 'x-lathe-force-arm'),
      unit,
      header: (key) => header(metadata, key),
      input: () => inputBytes(message),
    });
    route = taken;
    service.requireLoaded(taken);
    const request = readGrpcRequest(taken.model.plan, name, message);
    const id = request.id ?? service.newId();
    const call: Call = {
      route: taken,
      request,
      id,
      eventMs,
      receivedMs,
      beganMs,
      priority,
      timeoutUs,
    };
    return service.submit(call, (outcome) => {
      if (!outcome.ok) {
        fail(outcome.error);
        return;
      }
      const { outputs } = outcome.result;
      const wanted = request.outputs?.flatMap((index) => outputs[index] ?? []) ?? outputs;
      const version = taken.model.spec.version;
      done.answered(grpcAnswer({ name, version, arm: taken.arm, id, outputs: wanted }), taken);
      service.answered(call, outcome.result);
    });
  } catch (thrown) {
    fail(thrown);
    return () => {};
  }
}

export function unaryInfer(ports: Ports) {
  return (
    call: ServerUnaryCall<GrpcInferRequest, GrpcInferResponse>,
    done: sendUnaryData<GrpcInferResponse>,
  ): void => {
    const cancel = start(ports, call.request, call.metadata, {
      failed: (error) => done(grpcError(error)),
      answered(response, route) {
        const headers = new Metadata();
        headers.set('x-lathe-route', `${route.arm}@${response.model_version}`);
        call.sendMetadata(headers);
        done(null, response);
      },
    });
    call.on('cancelled', cancel);
  };
}

type Slot = { cancel(): void; response: GrpcStreamResponse | null };

/** Answers leave in the order of their requests; one that fails says so in its turn and the stream goes on. */
export function streamInfer(ports: Ports, streams: Streams) {
  return (call: ServerDuplexStream<GrpcInferRequest, GrpcStreamResponse>): void => {
    const waiting: Slot[] = [];
    let ended = false;
    let blocked = false;
    /** Nobody reads any more. */
    let gone = false;

    const flush = () => {
      if (gone) return;
      for (let response = waiting[0]?.response; !blocked && response; response = waiting[0]?.response) {
        waiting.shift();
        if (call.write(response)) continue;
        blocked = true;
        call.once('drain', () => {
          blocked = false;
          flush();
        });
      }
      if (waiting.length < STREAM_WINDOW) call.resume();
      if (ended && waiting.length === 0) call.end();
    };

    call.on('data', (message: GrpcInferRequest) => {
      const slot: Slot = { cancel: () => {}, response: null };
      waiting.push(slot);
      if (waiting.length >= STREAM_WINDOW) call.pause();
      const final = { bool_param: true, parameter_choice: 'bool_param' as const };
      slot.cancel = start(ports, message, call.metadata, {
        answered(response) {
          response.parameters.triton_final_response = final;
          slot.response = { error_message: '', infer_response: response };
          flush();
        },
        failed(error) {
          const { model_name, model_version, id } = message;
          // Which of the stream's requests it was; the error is for it alone.
          const about = { model_name, model_version, id, outputs: [], raw_output_contents: [] };
          slot.response = {
            error_message: grpcText(error),
            infer_response: { ...about, parameters: { triton_final_response: final } },
          };
          flush();
        },
      });
    });
    const end = () => {
      ended = true;
      flush();
    };
    streams.add(end);
    call.on('end', end);
    const cancelAll = () => {
      gone = true;
      streams.delete(end);
      for (const slot of waiting.splice(0)) slot.cancel();
    };
    call.on('cancelled', cancelAll);
    call.on('error', cancelAll);
    call.on('close', cancelAll);
  };
}

/** The input without the request's id and parameters. */
const inputBytes = ({ inputs, raw_input_contents: raw }: GrpcInferRequest): Buffer[] => [
  Buffer.from(JSON.stringify(inputs)),
  ...raw,
];

const header = (metadata: Metadata, name: string): string | null => metadata.get(name)[0]?.toString() || null;

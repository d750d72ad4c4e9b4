/** Inference over HTTP: the body read, routed and checked, queued, and the answer written. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import { encodeAnswer } from './http-answer.ts';
import { type BodyListener, readBody } from './http-body.ts';
import { type BinaryOutputs, readBodyParts, readHttpRequest } from './http-request.ts';
import { sendAnswer } from './http-send.ts';
import { unitOfBody } from './router.ts';
import type { Limits } from './served-model.ts';
import type { Call, Route, Service } from './service.ts';

/** Answers with the failure and counts it; `beganMs` is when the request arrived. */
export type Fail = (
  response: ServerResponse,
  thrown: unknown,
  route?: Route | null,
  beganMs?: number,
) => void;

export type InferPorts = { service: Service; clock: Clock; limits(): Limits; fail: Fail };

export function createHttpInfer({ service, clock, limits, fail }: InferPorts) {
  function infer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    version: string | null,
  ): void {
    const beganMs = clock.monotonic();
    const receivedMs = clock.now();
    // Nothing is read for a model that is not there.
    service.endpoint(name);
    const listener: BodyListener = {
      failed: (error) => fail(response, error, null, beganMs),
      read(body) {
        let route: Route | null = null;
        try {
          const parts = readBodyParts(body, textHeader(request, 'inference-header-content-length'));
          const { eventMs, priority, timeoutUs } = parts.options;
          const unit = parts.options.unit ?? header(request, 'x-lathe-unit');
          const forceArm = header(request, 'x-lathe-force-arm');
          route = service.route({ name, version, forceArm, unit: () => unit ?? unitOfBody(body) });
          service.requireLoaded(route);
          const { request: parsed, binary } = readHttpRequest(route.model.plan, name, parts);
          const id = parsed.id ?? service.newId();
          const call: Call = {
            route,
            request: parsed,
            id,
            unit,
            eventMs,
            receivedMs,
            beganMs,
            priority,
            timeoutUs,
          };
          answer(request, response, call, binary);
        } catch (thrown) {
          fail(response, thrown, route, beganMs);
        }
      },
    };
    readBody(request, response, limits().maxBodyBytes, listener);
  }

  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: Call,
    binary: BinaryOutputs,
  ): void {
    const { route, id } = call;
    const name = route.endpoint.name;
    const version = route.model.spec.version;
    const cancel = service.submit(call, (outcome) => {
      if (!outcome.ok) {
        fail(response, outcome.error, route, call.beganMs);
        return;
      }
      const { outputs } = outcome.result;
      const wanted = call.request.outputs?.flatMap((index) => outputs[index] ?? []) ?? outputs;
      try {
        const encoded = encodeAnswer({ name, version, arm: route.arm, id, outputs: wanted }, binary);
        const headers = ['x-lathe-route', `${route.arm}@${version}`];
        sendAnswer(response, encoded, headers, textHeader(request, 'accept-encoding'));
      } catch (thrown) {
        fail(response, thrown, route, call.beganMs);
        return;
      }
      service.answered(call, outcome.result);
    });
    // A client that hangs up takes its rows out of the queue.
    response.on('close', cancel);
  }

  return infer;
}

function textHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

const header = (request: IncomingMessage, name: string): string | null => textHeader(request, name) || null;

/** Inference over HTTP: the body read, routed and checked, queued, and the answer written. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Answer, type EncodedAnswer, encodeAnswer } from './http-answer.ts';
import { type Receiving, readBody } from './http-body.ts';
import type { Ask, Reply } from './http-exchange.ts';
import {
  type BinaryOutputs,
  type HttpBody,
  inputBytes,
  readBodyParts,
  readHttpRequest,
  readJson,
  splitBody,
} from './http-request.ts';
import { sendAnswer } from './http-send.ts';
import type { JobResult } from './job.ts';
import type { JsonDoor } from './json-door.ts';
import type { JsonThread } from './json-thread.ts';
import type { OutputTensor } from './request.ts';
import { cancelled } from './scheduler-errors.ts';
import type { Limits } from './served-model.ts';
import type { Call, Route, Service } from './service.ts';

/** Answers with the failure and counts it; `beganMs` is when the request arrived. */
export type Fail = (response: Reply, thrown: unknown, route?: Route | null, beganMs?: number) => void;

export type InferPorts = {
  service: Service;
  clock: Clock;
  limits(): Limits;
  fail: Fail;
  jsonThread: JsonThread;
  jsonDoor: JsonDoor;
};

/** JSON of this size, or an answer of so many values, takes milliseconds: another thread's work. */
const HEAVY_BYTES = 256 * 1024;
const HEAVY_VALUES = 32 * 1024;

/** Of all that is being received: a thousand clients with a large body each must not end the gateway. */
const RECEIVED_BYTES = 256 * 1024 * 1024;
const NO_TEXT = Buffer.alloc(0);

export function createHttpInfer({ service, clock, limits, fail, jsonThread, jsonDoor }: InferPorts) {
  const receiving: Receiving = { bytes: 0, mostBytes: RECEIVED_BYTES };

  function infer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    version: string | null,
  ): void {
    const began = begin(name, version);
    const refuse = (thrown: unknown) => fail(response, thrown, null, began.beganMs);
    const listener = { failed: refuse, read: (body: Buffer) => read(request, response, began, body) };
    readBody(request, response, limits().maxBodyBytes, listener, {
      receiving,
      full() {
        try {
          const { route: likely, patience } = jsonDoor(request, response, began, NO_TEXT);
          const error = patience.overloaded({ queuedBytes: receiving.bytes, late: null });
          service.failed(likely, error, began.beganMs);
          return error;
        } catch (thrown) {
          // The endpoint left while its request came.
          return thrown instanceof LatheError
            ? thrown
            : new LatheError('LATHE_INTERNAL', { reason: 'no room' });
        }
      },
    });
  }

  function begin(name: string, version: string | null): Began {
    // Nothing is read for a model that is not there.
    service.endpoint(name);
    return { name, version, beganMs: clock.monotonic(), receivedMs: clock.now() };
  }

  function read(request: Ask, response: Reply, began: Began, body: Buffer): void {
    const refuse = (thrown: unknown) => fail(response, thrown, null, began.beganMs);
    try {
      const parts = splitBody(body, textHeader(request, 'inference-header-content-length'));
      if (parts.text === null || parts.text.length < HEAVY_BYTES) {
        route(request, response, began, readBodyParts(parts));
        return;
      }
      const { route: likely, patience } = jsonDoor(request, response, began, parts.text);
      jsonThread
        .lighten(began.name, parts.text, parts.tail, patience)
        .then(({ json, tail }) => {
          const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
          route(request, response, began, readJson(json, null, bytes));
        })
        .catch((thrown) => {
          // Whoever was not let in, or left: the model is not known to have refused it, but would have been asked.
          const counts =
            thrown instanceof LatheError &&
            (thrown.status === 503 || thrown.status === 504 || thrown.code === 'LATHE_CANCELLED');
          fail(response, thrown, counts ? likely : null, began.beganMs);
        });
    } catch (thrown) {
      refuse(thrown);
    }
  }

  /** Finds the model, checks the request against it, and queues it; answers every failure. */
  function route(
    request: Ask,
    response: Reply,
    { name, version, beganMs, receivedMs }: Began,
    body: HttpBody,
  ): void {
    let taken: Route | null = null;
    try {
      const { unit, eventMs, priority, timeoutUs } = body.options;
      taken = service.route({
        name,
        version,
        forceArm: header(request, 'x-lathe-force-arm'),
        unit,
        header: (name) => header(request, name),
        input: () => inputBytes(body),
      });
      // It hung up while another thread read its JSON: nothing would tell of it any more.
      if (response.destroyed) throw cancelled();
      service.requireLoaded(taken);
      const { request: parsed, binary } = readHttpRequest(taken.model.plan, name, body);
      const call: Call = {
        route: taken,
        request: parsed,
        id: parsed.id ?? service.newId(),
        eventMs,
        receivedMs,
        beganMs,
        priority,
        timeoutUs,
      };
      submit(request, response, call, binary);
    } catch (thrown) {
      fail(response, thrown, taken, beganMs);
    }
  }

  function submit(request: Ask, response: Reply, call: Call, binary: BinaryOutputs): void {
    const refuse = (thrown: unknown) => fail(response, thrown, call.route, call.beganMs);
    const cancel = service.submit(call, (outcome) => {
      if (!outcome.ok) {
        refuse(outcome.error);
        return;
      }
      const answer = answerOf(call, outcome.result);
      const write = (encoded: EncodedAnswer<string | Buffer>) => {
        const headers = ['x-lathe-route', `${answer.arm}@${answer.version}`];
        sendAnswer(response, encoded, headers, textHeader(request, 'accept-encoding'));
        service.answered(call, outcome.result);
      };
      if (jsonValues(answer, binary) > HEAVY_VALUES) {
        jsonThread.encode(answer, binary).then(write).catch(refuse);
        return;
      }
      try {
        write(encodeAnswer(answer, binary));
      } catch (thrown) {
        refuse(thrown);
      }
    });
    // A client that hangs up takes its rows out of the queue.
    response.on('close', cancel);
  }

  return {
    infer,
    /** Of a request whose body is there. */
    inferBody: (request: Ask, response: Reply, name: string, version: string | null, body: Buffer): void =>
      read(request, response, begin(name, version), body),
  };
}

type Began = { name: string; version: string | null; beganMs: number; receivedMs: number };

function answerOf({ route, request, id }: Call, { outputs }: JobResult): Answer {
  return {
    name: route.endpoint.name,
    version: route.model.spec.version,
    arm: route.arm,
    id,
    outputs: request.outputs?.flatMap((index) => outputs[index] ?? []) ?? outputs,
  };
}

/** How many values of the answer are written as text. */
function jsonValues({ outputs }: Answer, { all, each }: BinaryOutputs): number {
  let count = 0;
  for (let at = 0; at < outputs.length; at++) {
    const { from, to } = outputs[at] as OutputTensor;
    if (!(each ? each[at] : all)) count += to - from;
  }
  return count;
}

function textHeader(request: Ask, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

const header = (request: Ask, name: string): string | null => textHeader(request, name) || null;

/** The HTTP side of the gateway: who may call, which handler answers, and what a failure looks like. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { FeedbackDesk } from './feedback.ts';
import { encodeError } from './http-answer.ts';
import { createDocs } from './http-docs.ts';
import type { Ask } from './http-exchange.ts';
import type { Infer } from './http-fast.ts';
import { createHttpFeedback } from './http-feedback.ts';
import { checkCaller } from './http-guards.ts';
import { createHttpInfer, type Fail } from './http-infer.ts';
import { createManagement, type Handler } from './http-management.ts';
import { findTarget, type Resource, type Target } from './http-paths.ts';
import { retryAfter, send } from './http-send.ts';
import type { JsonDoor } from './json-door.ts';
import type { JsonThread } from './json-thread.ts';
import type { Limits } from './served-model.ts';
import type { Service } from './service.ts';
import type { Stats } from './stats.ts';

type HttpPorts = {
  service: Service;
  stats: Stats;
  clock: Clock;
  log: Logger;
  limits(): Limits;
  metrics(): string;
  jsonThread: JsonThread;
  jsonDoor: JsonDoor;
  desk: FeedbackDesk;
};

const POSTED: ReadonlySet<Resource> = new Set([
  'infer',
  'index',
  'load',
  'unload',
  'feedback',
  'businessMetrics',
]);
/** What is not there is not there whatever the verb. */
const ANY_METHOD: ReadonlySet<Resource> = new Set(['unsupported']);
/** Pages that a link on another local page may open. */
const PAGES: ReadonlySet<Resource> = new Set(['docs']);

export type HttpHandler = {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** An inference request whose whole body is there. */
  infer: Infer;
};

export function createHttpHandler(ports: HttpPorts): HttpHandler {
  const { service, log } = ports;

  const fail: Fail = (response, thrown, route = null, beganMs) => {
    const error =
      thrown instanceof LatheError
        ? thrown
        : new LatheError('LATHE_INTERNAL', { reason: thrown instanceof Error ? thrown.message : 'unknown' });
    if (error !== thrown) log.error({ err: thrown }, 'a request failed unexpectedly');
    service.failed(route, error, beganMs);
    if (response.headersSent || response.destroyed) return;
    const headers: string[] = [];
    if (error.status === 503) headers.push('Retry-After', retryAfter(error));
    if (error.code === 'LATHE_METHOD_NOT_ALLOWED') headers.push('Allow', String(error.details.allowed));
    send(response, error.status, encodeError(error.report()), headers);
  };

  const { infer, inferBody } = createHttpInfer({ ...ports, fail });
  const handlers: Readonly<Record<Resource, Handler>> = {
    ...createManagement({ ...ports, fail }),
    ...createDocs(service),
    infer,
    ...createHttpFeedback({ ...ports, fail }),
  };

  /** What an allowed caller may ask for; throws otherwise. */
  const targetOf = (request: Ask): Target => {
    const url = request.url ?? '/';
    const target = findTarget(url);
    checkCaller(request, target !== null && PAGES.has(target.resource));
    if (!target) throw new LatheError('LATHE_NOT_FOUND', { kind: 'path', name: shown(url) });
    checkMethod(target.resource, request.method ?? 'GET', url);
    return target;
  };

  return {
    handle(request, response) {
      try {
        const { resource, name, version } = targetOf(request);
        handlers[resource](request, response, name, version);
      } catch (thrown) {
        fail(response, thrown);
      }
    },
    infer(request, response, body) {
      try {
        const { resource, name, version } = targetOf(request);
        if (resource !== 'infer')
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'path', name: shown(request.url ?? '') });
        inferBody(request, response, name, version, body);
      } catch (thrown) {
        fail(response, thrown);
      }
    },
  };
}

function checkMethod(resource: Resource, method: string, url: string): void {
  const posted = POSTED.has(resource);
  if (posted ? method === 'POST' : method === 'GET' || method === 'HEAD') return;
  if (ANY_METHOD.has(resource)) return;
  const allowed = posted ? 'POST' : 'GET, HEAD';
  throw new LatheError('LATHE_METHOD_NOT_ALLOWED', { path: shown(url), method, allowed });
}

const shown = (url: string): string => (url.split('?', 1)[0] ?? '').slice(0, 200);

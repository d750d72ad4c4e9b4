/** The Open Inference Protocol over HTTP: paths, and what each answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { readBody } from './http-body.ts';
import { checkCaller } from './http-guards.ts';
import { parseJsonBody, readJsonRequest, routingHints } from './json-request.ts';
import { encodeAnswer, encodeError } from './json-response.ts';
import { unitOfBody } from './router.ts';
import { unavailable } from './served-model.ts';
import {
  type Call,
  modelMetadata,
  type Route,
  SERVER_NAME,
  SERVER_VERSION,
  type Service,
} from './service.ts';

type HttpPorts = {
  service: Service;
  clock: Clock;
  log: Logger;
  maxBodyBytes(): number;
  metrics(): string;
};

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  version: string | null,
) => void;
type PathRoute = { methods: readonly string[]; handle: Handler };

const VERSION = /^[0-9]{1,9}$/;

export function createHttpHandler(
  ports: HttpPorts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { service, clock, log, maxBodyBytes } = ports;

  const fail = (response: ServerResponse, thrown: unknown, route: Route | null = null) => {
    const error =
      thrown instanceof LatheError
        ? thrown
        : new LatheError('LATHE_INTERNAL', { reason: thrown instanceof Error ? thrown.message : 'unknown' });
    if (error !== thrown) log.error({ err: thrown }, 'a request failed unexpectedly');
    service.failed(route, error);
    if (response.headersSent || response.destroyed) return;
    const headers: string[] = [];
    if (error.status === 503) headers.push('Retry-After', '1');
    if (error.code === 'LATHE_METHOD_NOT_ALLOWED') headers.push('Allow', String(error.details.allowed));
    send(response, error.status, encodeError(error.report()), headers);
  };

  /** Wraps what runs after the body has arrived, so that every failure is answered. */
  const withBody = (
    request: IncomingMessage,
    response: ServerResponse,
    then: (body: Buffer) => void,
  ): void => {
    readBody(request, response, maxBodyBytes(), (body) => {
      try {
        then(body);
      } catch (thrown) {
        fail(response, thrown);
      }
    });
  };

  function infer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    version: string | null,
  ): void {
    const beganMs = clock.monotonic();
    const receivedMs = clock.now();
    service.endpoint(name);
    if (request.headers['inference-header-content-length'] !== undefined)
      throw invalid('binary tensors are not read over HTTP; send JSON, or use gRPC');
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw invalid('compressed bodies are not read; send the body as it is');
    withBody(request, response, (body) => {
      const json = parseJsonBody(body);
      const hints = routingHints(json);
      const unit = hints.unit ?? header(request, 'x-lathe-unit');
      const forceArm = header(request, 'x-lathe-force-arm');
      const route = service.route({ name, version, forceArm, unit: () => unit ?? unitOfBody(body) });
      try {
        service.requireLoaded(route);
        const parsed = readJsonRequest(route.model.plan, name, json, body);
        const id = parsed.id ?? service.newId();
        const { eventMs } = hints;
        answer(response, { route, request: parsed, id, unit, eventMs, receivedMs, beganMs });
      } catch (thrown) {
        fail(response, thrown, route);
      }
    });
  }

  function answer(response: ServerResponse, call: Call): void {
    const { route, request, id } = call;
    const name = route.endpoint.name;
    const version = route.model.spec.version;
    const cancel = service.submit(call, (outcome) => {
      if (!outcome.ok) {
        fail(response, outcome.error, route);
        return;
      }
      const { outputs } = outcome.result;
      const wanted = request.outputs?.flatMap((index) => outputs[index] ?? []) ?? outputs;
      let text: string;
      try {
        text = encodeAnswer({ name, version, arm: route.arm, id, outputs: wanted });
      } catch (thrown) {
        fail(response, thrown, route);
        return;
      }
      send(response, 200, text, ['x-lathe-route', `${route.arm}@${version}`]);
      service.answered(call, outcome.result);
    });
    // A client that hangs up takes its rows out of the queue.
    response.on('close', cancel);
  }

  const metadata: Handler = (_request, response, name, version) => {
    send(response, 200, JSON.stringify(modelMetadata(service, name, version)));
  };

  const modelReady: Handler = (_request, response, name, version) => {
    const endpoint = service.endpoint(name);
    if (version === null) {
      for (const arm of endpoint.arms) {
        const model = service.version(endpoint, arm.version);
        if (arm.weight > 0 && model.state !== 'ready') throw unavailable(name, arm.version, model);
      }
    } else {
      const model = service.version(endpoint, version);
      if (model.state !== 'ready') throw unavailable(name, version, model);
    }
    send(response, 200, JSON.stringify({ name, ready: true }));
  };

  const ready: Handler = (_request, response) => {
    const waiting = [...service.endpoints()].find((endpoint) => !service.isReady(endpoint));
    if (waiting) {
      const reason = 'some version it routes to is not loaded';
      const details = { name: waiting.name, version: '(any)', reason };
      throw new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', details);
    }
    send(response, 200, '{"ready":true}');
  };

  const index: Handler = (request, response) => {
    withBody(request, response, (body) => {
      const onlyReady = body.length > 0 && parseJsonBody(body).ready === true;
      const rows = [...service.endpoints()].flatMap((endpoint) =>
        endpoint.arms.map(({ version }) => {
          const model = service.find(endpoint, version);
          const state = INDEX_STATES[model?.state ?? 'unavailable'];
          return { name: endpoint.name, version, state, reason: model?.error?.cause ?? '' };
        }),
      );
      send(response, 200, JSON.stringify(onlyReady ? rows.filter((row) => row.state === 'READY') : rows));
    });
  };

  const server: Handler = (_request, response) => {
    const body = { name: SERVER_NAME, version: SERVER_VERSION, extensions: ['model_repository'] };
    send(response, 200, JSON.stringify(body));
  };

  const FIXED: Record<string, PathRoute> = {
    '/v2': { methods: GET, handle: server },
    '/v2/health/live': { methods: GET, handle: (_, response) => send(response, 200, '{"live":true}') },
    '/v2/health/ready': { methods: GET, handle: ready },
    '/v2/repository/index': { methods: POST, handle: index },
    '/metrics': {
      methods: GET,
      handle: (_, response) => send(response, 200, ports.metrics(), [], 'text/plain; version=0.0.4'),
    },
  };
  const INFER: PathRoute = { methods: POST, handle: infer };
  const OF_MODEL: Record<string, PathRoute> = {
    '': { methods: GET, handle: metadata },
    ready: { methods: GET, handle: modelReady },
    infer: INFER,
  };

  return (request, response) => {
    try {
      checkCaller(request);
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      const found = find(path, FIXED, OF_MODEL);
      if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'path', name: path.slice(0, 200) });
      const { route, name, version } = found;
      const method = request.method ?? 'GET';
      if (!route.methods.includes(method)) {
        const details = { path: path.slice(0, 200), method, allowed: route.methods.join(', ') };
        throw new LatheError('LATHE_METHOD_NOT_ALLOWED', details);
      }
      route.handle(request, response, name, version);
    } catch (thrown) {
      fail(response, thrown);
    }
  };
}

const GET = ['GET', 'HEAD'] as const;
const POST = ['POST'] as const;
const INDEX_STATES = {
  ready: 'READY',
  loading: 'LOADING',
  unloading: 'UNLOADING',
  failed: 'UNAVAILABLE',
  unavailable: 'UNAVAILABLE',
} as const;

/** `/v2/models/<name>[/versions/<v>][/<verb>]`, or one of the fixed paths. */
function find(
  path: string,
  fixed: Record<string, PathRoute>,
  ofModel: Record<string, PathRoute>,
): { route: PathRoute; name: string; version: string | null } | null {
  if (path.startsWith('/v2/models/')) {
    const [name = '', ...rest] = path.slice('/v2/models/'.length).split('/');
    let version: string | null = null;
    if (rest[0] === 'versions' && rest[1] !== undefined && VERSION.test(rest[1])) {
      version = rest[1];
      rest.splice(0, 2);
    }
    const verb = rest.join('/');
    const route = Object.hasOwn(ofModel, verb) ? ofModel[verb] : undefined;
    return route && name !== '' ? { route, name, version } : null;
  }
  const route = Object.hasOwn(fixed, path) ? fixed[path] : undefined;
  return route ? { route, name: '', version: null } : null;
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: string[] = [],
  type = 'application/json',
): void {
  const bytes = Buffer.byteLength(text);
  headers.push('Content-Type', type, 'Content-Length', String(bytes));
  response.writeHead(status, headers);
  // As many bytes as characters means plain ASCII, which needs no encoding pass.
  response.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

const invalid = (reason: string) => new LatheError('LATHE_INPUT_INVALID', { reason });

/** Everything over HTTP but inference: the server, its models, their repository and their figures. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LatheError } from '../../contract/errors.ts';
import { invalid, unsupported } from './checks.ts';
import { readBody } from './http-body.ts';
import type { Fail } from './http-infer.ts';
import { send } from './http-send.ts';
import { parseJsonBody } from './json-text.ts';
import { EXTENSIONS, modelConfig, modelMetadata, modelStatistics } from './model-info.ts';
import type { Limits } from './served-model.ts';
import { SERVER_NAME, SERVER_VERSION, type Service } from './service.ts';
import type { Stats } from './stats.ts';

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  version: string | null,
) => void;

export type ManagementPorts = {
  service: Service;
  stats: Stats;
  limits(): Limits;
  fail: Fail;
  metrics(): string;
};

export function createManagement({ service, stats, limits, fail, metrics }: ManagementPorts) {
  const sendJson = (response: ServerResponse, value: unknown) => send(response, 200, JSON.stringify(value));

  /** Runs `then` with the body's JSON, `{}` where there is none, and answers whatever it throws. */
  const withJson = (
    request: IncomingMessage,
    response: ServerResponse,
    then: (json: Record<string, unknown>) => void | Promise<void>,
  ): void => {
    const run = async (body: Buffer) => then(body.length > 0 ? parseJsonBody(body) : {});
    readBody(request, response, limits().maxBodyBytes, {
      read: (body) => void run(body).catch((thrown: unknown) => fail(response, thrown)),
      failed: (error) => fail(response, error),
    });
  };

  const server: Handler = (_request, response) =>
    sendJson(response, { name: SERVER_NAME, version: SERVER_VERSION, extensions: EXTENSIONS });

  const live: Handler = (_request, response) => sendJson(response, { live: true });

  const ready: Handler = (_request, response) => {
    const waiting = service.notReady();
    if (waiting) throw notReady(waiting.name, 'a version that it routes to is not loaded');
    sendJson(response, { ready: true });
  };

  const modelReady: Handler = (_request, response, name, version) => {
    const endpoint = service.endpoint(name);
    if (version === null && !service.isReady(endpoint))
      throw notReady(name, 'a version that it routes to is not loaded');
    if (version !== null && service.version(endpoint, version).state !== 'ready')
      throw notReady(name, `version ${version} is not loaded`);
    sendJson(response, { name, ready: true });
  };

  const metadata: Handler = (_request, response, name, version) =>
    sendJson(response, modelMetadata(service, name, version));

  const config: Handler = (_request, response, name, version) =>
    sendJson(response, modelConfig(service, name, version, limits()));

  const statistics: Handler = (_request, response, name, version) =>
    sendJson(response, { model_stats: modelStatistics(service, stats, name || null, version) });

  const index: Handler = (request, response) =>
    withJson(request, response, ({ ready: onlyReady }) => {
      if (onlyReady !== undefined && typeof onlyReady !== 'boolean')
        throw invalid('ready must be true or false');
      const rows = service.repository.index();
      sendJson(response, onlyReady ? rows.filter((row) => row.state === 'READY') : rows);
    });

  const load: Handler = (request, response, name) =>
    withJson(request, response, async ({ parameters }) => {
      refuseOverride(Object.keys(parameters ?? {}));
      await service.repository.load(name);
      send(response, 200, '');
    });

  const unload: Handler = (request, response, name) =>
    withJson(request, response, async () => {
      await service.repository.unload(name);
      send(response, 200, '');
    });

  const missing: Handler = (_request, _response, what) => {
    throw unsupported(what);
  };

  const scrape: Handler = (_request, response) =>
    send(response, 200, metrics(), [], 'text/plain; version=0.0.4; charset=utf-8');

  return {
    server,
    live,
    ready,
    modelReady,
    metadata,
    config,
    stats: statistics,
    index,
    load,
    unload,
    unsupported: missing,
    metrics: scrape,
  };
}

/** Models come from the registry: a file or a configuration sent along would serve what nobody registered. */
export function refuseOverride(parameters: readonly string[]): void {
  const given = parameters.find((name) => name === 'config' || name.startsWith('file:'));
  if (given !== undefined)
    throw unsupported(`loading with the parameter '${given}': it serves what its registry holds`);
}

const notReady = (name: string, reason: string) =>
  new LatheError('LATHE_SERVING_NOT_READY', { name, reason });

/**
 * MLflow's tracking API on plain node:http. One answer is one write with its length known (a second segment would
 * wait for a delayed ACK of 40 ms), and nothing a client sends can make a 5xx, which it would retry for minutes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../../platform/log.ts';
import type { Artifacts } from '../../areas/artifacts/index.ts';
import type { LoggedModels, Tracking } from '../../areas/experiments/index.ts';
import type { Registry } from '../../areas/models/index.ts';
import type { GroupCommit } from '../../data/group-commit.ts';
import { artifactRoutes } from './artifacts.ts';
import { checkContentType, fromQuery, parseBody, readBody } from './body.ts';
import { createDownloads } from './downloads.ts';
import { MlflowError, toMlflowError } from './errors.ts';
import { experimentRoutes } from './experiments.ts';
import type { Body } from './fields.ts';
import { loggedModelRoutes } from './logged-models.ts';
import { metricRoutes } from './metrics.ts';
import { modelVersionRoutes } from './model-versions.ts';
import { registeredModelRoutes } from './registered-models.ts';
import { type Answer, findRoute, tableOf } from './routes.ts';
import { runRoutes } from './runs.ts';
import { searchRoutes } from './search.ts';

const JSON_PREFIX = /^\/(?:api|ajax-api)\/[23]\.0\/mlflow\//;
const ARTIFACT_PREFIX = /^\/(?:api|ajax-api)\/2\.0\/mlflow-artifacts\/(artifacts|mpu)(?=[/?]|$)/;

/** Whole addresses of files, with and without the prefix of the UI's calls. */
const DOWNLOAD =
  /^(?:\/ajax-api\/2\.0\/mlflow)?(\/get-artifact|\/model-versions\/get-artifact|\/upload-artifact|\/logged-models\/[^/]+\/artifacts\/files)$/;
const SERVER_INFO = {
  store_type: 'SqlStore',
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
};

export type MlflowApi = {
  /** False when the path is none of MLflow's. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
};

/** The areas that MLflow's API is about. */
export type MlflowParts = {
  tracking: Tracking;
  loggedModels: LoggedModels;
  registry: Registry;
  artifacts: Artifacts;
};

export function createMlflowApi(deps: MlflowParts & { writes: GroupCommit; log: Logger }): MlflowApi {
  const { tracking, writes, log } = deps;
  const artifacts = artifactRoutes(deps.artifacts, tracking, writes);
  const json = tableOf({
    ...experimentRoutes(tracking),
    ...runRoutes(tracking),
    ...metricRoutes(tracking),
    ...searchRoutes(tracking),
    ...loggedModelRoutes(deps.loggedModels, deps.artifacts),
    ...registeredModelRoutes(deps.registry),
    ...modelVersionRoutes(deps.registry),
    ...artifacts.json,
    // Newer clients ask what the server can do beyond this API.
    'GET server-info': () => SERVER_INFO,
  });
  const downloads = createDownloads(deps);

  async function answerJson(request: IncomingMessage, response: ServerResponse, path: string, query: string) {
    const found = findRoute(json, request.method ?? 'GET', path);
    if (!found)
      throw new MlflowError(
        'ENDPOINT_NOT_FOUND',
        `There is no ${request.method} ${path.slice(0, 200)} here.`,
      );
    checkContentType(request);
    const body = request.method === 'GET' ? fromQuery(query) : parseBody(await readBody(request));
    const { handler, path: matched } = found;
    const call = { body, path: matched };
    const answer =
      handler.kind === 'write' ? await writes.run(() => handler.run(call)) : await handler.run(call);
    send(response, 200, answer);
  }

  async function answerFile(request: IncomingMessage, response: ServerResponse, path: string, query: Body) {
    const file = request.method === 'GET' ? downloads.fileOf(path, query) : null;
    if (file !== null) return artifacts.send(response, file);
    if (request.method !== 'POST' || path !== '/upload-artifact')
      throw new MlflowError('ENDPOINT_NOT_FOUND', `There is no ${request.method} ${path} here.`);
    await downloads.upload(request, query);
    send(response, 200, {});
  }

  async function dispatch(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const [whole = '', search = ''] = url.split('?', 2);
    const download = DOWNLOAD.exec(whole)?.[1];
    if (download) return answerFile(request, response, download, fromQuery(search));
    const artifact = ARTIFACT_PREFIX.exec(url);
    if (artifact?.[1] === 'mpu')
      throw new MlflowError(
        'NOT_IMPLEMENTED',
        'Multipart upload is not supported for the current artifact repository',
      );
    if (artifact) return artifacts.raw(request, response, url.slice(artifact[0].length));
    const [path = '', query = ''] = url.replace(JSON_PREFIX, '').split('?', 2);
    return answerJson(request, response, path, query);
  }

  return {
    answer(request, response) {
      const url = request.url ?? '/';
      if (
        ![JSON_PREFIX, ARTIFACT_PREFIX].some((known) => known.test(url)) &&
        !DOWNLOAD.test(url.split('?', 1)[0] ?? '')
      )
        return false;
      dispatch(request, response, url).catch((thrown: unknown) => {
        const error = toMlflowError(thrown);
        if (error.status >= 500 && error.code !== 'NOT_IMPLEMENTED')
          log.error({ err: thrown, url: url.slice(0, 200) }, 'an MLflow call failed');
        if (response.headersSent) {
          response.destroy();
          return;
        }
        send(response, error.status, { error_code: error.code, message: error.message });
        // Clients send all of a body before they read the answer; a connection closed under them hides it.
        request.resume();
      });
      return true;
    },
  };
}

function send(response: ServerResponse, status: number, answer: Answer): void {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  // As text, Node joins it with the head into one write.
  response.end(text);
}

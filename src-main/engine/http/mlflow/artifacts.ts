/** mlflow-artifacts: PUT, GET, list and DELETE of files, streamed; and the artifacts of a run. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Artifacts } from '../../areas/artifacts/index.ts';
import type { Tracking } from '../../areas/experiments/index.ts';
import type { GroupCommit } from '../../data/group-commit.ts';
import { MlflowError } from './errors.ts';
import { runIdOf, text } from './fields.ts';
import type { JsonRoutes, RawHandler } from './routes.ts';

const OURS = 'mlflow-artifacts:/';

const TYPES: Record<string, string> = {
  json: 'application/json',
  yaml: 'text/plain; charset=utf-8',
  yml: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

export type ArtifactRoutes = {
  json: JsonRoutes;
  raw: RawHandler;
  /** Streams one file. */
  send(response: ServerResponse, path: string): Promise<void>;
};

/** The path of a file below an artifact root; refused when the root is not ours. */
export function underRoot(rootUri: string, path: string): string {
  if (!rootUri.startsWith(OURS))
    throw new MlflowError('INVALID_PARAMETER_VALUE', `The artifacts at ${rootUri} are not kept here.`);
  return `${rootUri.slice(OURS.length).replace(/^\/+/, '')}/${path}`;
}

/** What lies directly in a folder below an artifact root, with paths relative to that root. */
export function listFolder(artifacts: Artifacts, rootUri: string, given: string) {
  if (!rootUri.startsWith(OURS)) return { root_uri: rootUri, files: [] };
  const below = given.replace(/\/+$/, '');
  const root = rootUri.slice(OURS.length).replace(/^\/+/, '');
  return { root_uri: rootUri, files: filesIn(artifacts, below ? `${root}/${below}` : root, below) };
}

const filesIn = (artifacts: Artifacts, folder: string, below: string) =>
  artifacts.list(folder).map(({ name, isFolder, size }) => ({
    path: below ? `${below}/${name}` : name,
    is_dir: isFolder,
    ...(isFolder ? {} : { file_size: size }),
  }));

export function artifactRoutes(
  artifacts: Artifacts,
  tracking: Tracking,
  writes: GroupCommit,
): ArtifactRoutes {
  async function put(request: IncomingMessage, path: string): Promise<void> {
    const length = request.headers['content-length'];
    await artifacts.put(path, bytesOf(request), length === undefined ? undefined : Number(length));
  }
  async function get(response: ServerResponse, path: string): Promise<void> {
    const found = artifacts.find(path);
    if (!found) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `There is no artifact ${path}`);
    const name = basename(path);
    response.writeHead(200, {
      'content-type': TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream',
      'content-length': found.size,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`,
      'x-content-type-options': 'nosniff',
    });
    await pipeline(createReadStream(found.file, { highWaterMark: 256 * 1024 }), response);
  }

  return {
    send: get,
    json: {
      'GET artifacts/list': ({ body }) => {
        const run = runIdOf(body);
        const root = tracking.artifactRoot(run);
        if (root === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${run} not found`);
        return listFolder(artifacts, root, text(body, 'path') ?? '');
      },
    },
    async raw(request, response, rest) {
      const [encoded = '', query = ''] = rest.split('?', 2);
      const path = decoded(encoded.replace(/^\/+/, ''));
      const send = (answer: object) => json(response, answer);
      if (request.method === 'GET' && path === '') {
        const folder = new URLSearchParams(query).get('path') ?? '';
        send({ files: filesIn(artifacts, folder.replace(/\/+$/, ''), '') });
      } else if (request.method === 'GET') await get(response, path);
      else if (request.method === 'PUT') {
        await put(request, path);
        send({});
      } else if (request.method === 'DELETE') {
        await writes.run(() => artifacts.remove(path));
        send({});
      } else throw new MlflowError('ENDPOINT_NOT_FOUND', `There is no ${request.method} of artifacts.`);
    },
  };
}

/** Read without closing the connection when reading stops early: the client is to get its answer. */
export const bytesOf = (request: IncomingMessage): AsyncIterable<Uint8Array> =>
  request.iterator({ destroyOnReturn: false });

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new MlflowError('INVALID_PARAMETER_VALUE', 'Invalid path');
  }
}

function json(response: ServerResponse, answer: object): void {
  const bytes = Buffer.from(JSON.stringify(answer));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

/** What browsers and plain scripts fetch: one file of a run, a logged model or a version; and a small upload. */
import type { IncomingMessage } from 'node:http';
import { LatheError } from '../../../contract/errors.ts';
import type { Artifacts } from '../../areas/artifacts/index.ts';
import type { LoggedModels, Tracking } from '../../areas/experiments/index.ts';
import type { Registry } from '../../areas/models/index.ts';
import { bytesOf, underRoot } from './artifacts.ts';
import { invalid } from './errors.ts';
import { type Body, needText, runIdOf, text } from './fields.ts';
import { needVersion } from './registry-fields.ts';

const MOST_UPLOAD_BYTES = 10 * 1024 * 1024;

export type Downloads = {
  /** The artifact's path that `url` asks for, or null when it is none of these addresses. */
  fileOf(path: string, query: Body): string | null;
  upload(request: IncomingMessage, query: Body): Promise<void>;
};

export function createDownloads(parts: {
  tracking: Tracking;
  loggedModels: LoggedModels;
  registry: Registry;
  artifacts: Artifacts;
}): Downloads {
  const { tracking, loggedModels, registry, artifacts } = parts;
  function ofRun(run: string, path: string): string {
    const root = tracking.artifactRoot(run);
    if (root === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: run });
    return underRoot(root, path);
  }

  return {
    fileOf(path, query) {
      if (path === '/get-artifact') return ofRun(runIdOf(query), needText(query, 'path'));
      if (path === '/model-versions/get-artifact') {
        const root = registry.downloadUri(needText(query, 'name'), needVersion(query));
        return underRoot(root, needText(query, 'path'));
      }
      const model = /^\/logged-models\/([^/]+)\/artifacts\/files$/.exec(path)?.[1];
      if (model === undefined) return null;
      const found = loggedModels.find(model);
      if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'logged model', name: model });
      return underRoot(found.root, needText(query, 'artifact_file_path'));
    },
    async upload(request, query) {
      const run = text(query, 'run_uuid');
      if (!run) throw invalid('Request must specify run_uuid.');
      const given = text(query, 'path');
      if (!given) throw invalid('Request must specify path.');
      const path = ofRun(run, given);
      const length = Number(request.headers['content-length'] ?? Number.NaN);
      if (length === 0) throw invalid('Request must specify data.');
      if (length > MOST_UPLOAD_BYTES) throw tooLarge();
      await artifacts.put(path, atMost(bytesOf(request)), Number.isFinite(length) ? length : undefined);
    },
  };
}

const tooLarge = () => invalid('Artifact size is too large. Max size is 10MB.');

async function* atMost(source: AsyncIterable<Uint8Array>) {
  let came = 0;
  for await (const part of source) {
    came += part.byteLength;
    if (came > MOST_UPLOAD_BYTES) throw tooLarge();
    yield part;
  }
}

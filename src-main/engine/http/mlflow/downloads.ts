/** What browsers and plain scripts fetch: one file of a run, a logged model or a version; and a small upload. */
import type { IncomingMessage } from 'node:http';
import type { Artifacts } from '../../areas/artifacts/index.ts';
import type { LoggedModels, Tracking } from '../../areas/experiments/index.ts';
import { underRoot } from './artifacts.ts';
import { invalid, MlflowError } from './errors.ts';
import { type Body, needText, runIdOf } from './fields.ts';

const MOST_UPLOAD_BYTES = 10 * 1024 * 1024;

export type Downloads = {
  /** The artifact's path that `url` asks for, or null when it is none of these addresses. */
  fileOf(path: string, query: Body): string | null;
  upload(request: IncomingMessage, query: Body): Promise<void>;
};

export function createDownloads(parts: {
  tracking: Tracking;
  loggedModels: LoggedModels;
  artifacts: Artifacts;
}): Downloads {
  const { tracking, loggedModels, artifacts } = parts;
  const ofRun = (run: string, path: string) =>
    underRoot(parsed(tracking.run(run)).info.artifact_uri ?? '', path);

  return {
    fileOf(path, query) {
      if (path === '/get-artifact') return ofRun(runIdOf(query), needText(query, 'path'));
      const model = /^\/logged-models\/([^/]+)\/artifacts\/files$/.exec(path)?.[1];
      if (model === undefined) return null;
      const { artifact_uri = '' } = parsed(loggedModels.get(model)).info;
      return underRoot(artifact_uri, needText(query, 'artifact_file_path'));
    },
    async upload(request, query) {
      const path = ofRun(needText(query, 'run_uuid'), needText(query, 'path'));
      const length = Number(request.headers['content-length'] ?? Number.NaN);
      if (length === 0) throw invalid('Request must specify data.');
      if (length > MOST_UPLOAD_BYTES) throw tooLarge();
      await artifacts.put(path, atMost(request), Number.isFinite(length) ? length : undefined);
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

function parsed(json: string): { info: { artifact_uri?: string } } {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'object' && value !== null && 'info' in value)
    return value as { info: { artifact_uri?: string } };
  throw new MlflowError('INTERNAL_ERROR', 'A message has no info.');
}

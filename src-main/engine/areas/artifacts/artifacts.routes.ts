import { open, readFile } from 'node:fs/promises';
import { implement } from '@orpc/server';
import { type ArtifactContent, artifacts as contract } from '../../../contract/artifacts.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { Artifacts } from './artifacts.service.ts';

const os = implement(contract);
const OURS = 'mlflow-artifacts:/';
/** Larger ones are saved, not shown. */
const MOST_TEXT = 1024 * 1024;
const MOST_IMAGE = 8 * 1024 * 1024;
const PIECE = 512 * 1024;

/** No SVG: it is a document that runs scripts where it is opened. */
const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** `rootOf` tells where a run's artifacts lie, or null when there is no such run. */
export function artifactAreaRoutes(artifacts: Artifacts, rootOf: (run: string) => string | null) {
  function place(run: string, path: string): string {
    const root = rootOf(run);
    if (root === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: run });
    if (!root.startsWith(OURS))
      throw new LatheError('LATHE_NOT_FOUND', { kind: 'artifact in this workspace', name: root });
    const folder = root.slice(OURS.length).replace(/^\/+/, '');
    return path === '' ? folder : `${folder}/${path}`;
  }
  function find(run: string, path: string) {
    const found = artifacts.find(place(run, path));
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'artifact', name: path });
    return found;
  }
  return {
    list: os.list.handler(({ input }) =>
      artifacts.list(place(input.runId, input.folder)).map(({ name, isFolder, size }) => ({
        name,
        path: input.folder === '' ? name : `${input.folder}/${name}`,
        isFolder,
        size,
      })),
    ),
    read: os.read.handler(async ({ input }): Promise<ArtifactContent> => {
      const { file, size } = find(input.runId, input.path);
      const image = IMAGES[input.path.split('.').at(-1)?.toLowerCase() ?? ''];
      if (image && size <= MOST_IMAGE)
        return { size, kind: 'image', type: image, content: (await readFile(file)).toString('base64') };
      const none: ArtifactContent = { size, kind: 'none', type: 'application/octet-stream', content: '' };
      if (image || size > MOST_TEXT) return none;
      const text = textOf(await readFile(file));
      return text === null ? none : { size, kind: 'text', type: 'text/plain', content: text };
    }),
    piece: os.piece.handler(async ({ input }) => {
      const { file, size } = find(input.runId, input.path);
      const handle = await open(file, 'r');
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE), 0, PIECE, input.offset);
        return { size, bytes: buffer.subarray(0, bytesRead).toString('base64') };
      } finally {
        await handle.close();
      }
    }),
  };
}

/** Null for what is no UTF-8 text. */
function textOf(bytes: Buffer): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** A run's files: what there is, a look at one, and one to keep. */
import { open } from 'node:fs/promises';
import { implement } from '@orpc/server';
import { type ArtifactContent, artifacts as contract } from '../../../contract/artifacts.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { Readers } from '../../data/readers.ts';
import { pageOfFolder } from './artifacts.query.ts';
import { checkArtifactPath, imageType, textOf } from './artifacts.rules.ts';
import type { Artifacts } from './artifacts.service.ts';

const os = implement(contract);
const OURS = 'mlflow-artifacts:/';
/** More of a text than this is not shown at once. */
const MOST_TEXT = 1024 * 1024;
/** A larger image is saved, not shown. */
const MOST_IMAGE = 8 * 1024 * 1024;
const PIECE = 1024 * 1024;
const PAGE = 500;

/** `rootOf` tells where a run's artifacts lie, or null when there is no such run. */
export function artifactAreaRoutes(
  artifacts: Artifacts,
  readers: Readers,
  rootOf: (run: string) => string | null,
) {
  /** The folder of a run's artifacts, or the address of those that are kept elsewhere. */
  function rootFolder(run: string): { folder: string } | { elsewhere: string } {
    const root = rootOf(run);
    if (root === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: run });
    if (!root.startsWith(OURS)) return { elsewhere: root };
    return { folder: root.slice(OURS.length).replace(/^\/+/, '') };
  }
  function find(run: string, path: string) {
    const root = rootFolder(run);
    // Checked alone too: below a root, "/" at its beginning would only be an empty step.
    const found = 'folder' in root ? artifacts.find(`${root.folder}/${checkArtifactPath(path)}`) : null;
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'artifact', name: path });
    return found;
  }

  return {
    list: os.list.handler(async ({ input }) => {
      const root = rootFolder(input.runId);
      if ('elsewhere' in root) return { entries: [], next: null, ...root };
      const below = input.folder === '' ? '' : `/${checkArtifactPath(input.folder)}`;
      const { entries, next } = await pageOfFolder(readers, {
        folder: `${root.folder}${below}`,
        after: input.after,
        limit: PAGE,
      });
      const relative = entries.map((entry) => ({ ...entry, path: entry.path.slice(root.folder.length + 1) }));
      return { entries: relative, next, elsewhere: null };
    }),
    read: os.read.handler(async ({ input }): Promise<ArtifactContent> => {
      const { file, size, sha256 } = find(input.runId, input.path);
      const none: ArtifactContent = {
        size,
        sha256,
        kind: 'none',
        type: 'application/octet-stream',
        content: '',
        whole: true,
      };
      const image = imageType(input.path);
      if (image) {
        if (size > MOST_IMAGE) return { ...none, type: image };
        const content = (await bytesOf(file, 0, size)).toString('base64');
        return { ...none, kind: 'image', type: image, content };
      }
      const bytes = await bytesOf(file, 0, Math.min(size, MOST_TEXT));
      const whole = size <= MOST_TEXT;
      const content = textOf(bytes, whole);
      return content === null ? none : { ...none, kind: 'text', type: 'text/plain', content, whole };
    }),
    piece: os.piece.handler(async ({ input }) => {
      const { file, size, sha256 } = find(input.runId, input.path);
      const length = Math.max(0, Math.min(PIECE, size - input.offset));
      return { size, sha256, bytes: (await bytesOf(file, input.offset, length)).toString('base64') };
    }),
  };
}

/** `length` bytes from `offset` on; fewer where the file ends. */
async function bytesOf(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    let came = 0;
    while (came < length) {
      const { bytesRead } = await handle.read(bytes, came, length - came, offset + came);
      if (bytesRead === 0) break;
      came += bytesRead;
    }
    return bytes.subarray(0, came);
  } finally {
    await handle.close();
  }
}

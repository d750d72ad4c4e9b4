/** Files that runs leave behind: a path each, bytes in the blob store, once for all paths that hold the same. */
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import type { BlobIdentity } from '../../data/blobs.ts';
import { inTransaction } from '../../data/database.ts';
import { checkArtifactPath } from './artifacts.rules.ts';
import { type ArtifactRow, createArtifactStore } from './artifacts.store.ts';

export type Entry = { name: string; path: string; isFolder: boolean; size: number };

export type Artifacts = {
  /**
   * Streams the bytes to disk; the path shows them only when all have come (`announcedBytes`, if given). What lay
   * there before goes to the trash.
   */
  put(path: string, source: AsyncIterable<Uint8Array>, announcedBytes?: number): Promise<BlobIdentity>;
  /** `file` is where the bytes lie; null when there is no such artifact. */
  find(path: string): (ArtifactRow & { file: string }) | null;
  /** What lies directly in the folder ('' is the root), by name. */
  list(folder: string): Entry[];
  /** All files below a folder, by path; null when there are more than `most`. */
  filesBelow(folder: string, most: number): ArtifactRow[] | null;
  /** A file, or a folder with all below it, to the trash. How many files. */
  remove(path: string): number;
};

export function createArtifactService(
  context: Pick<AreaContext, 'db' | 'writes' | 'blobs' | 'clock' | 'events'>,
): Artifacts {
  const { db, writes, blobs, clock, events } = context;
  const store = createArtifactStore(db);

  async function settle(path: string, identity: BlobIdentity): Promise<void> {
    const overwritten = await writes.run(() =>
      inTransaction(db, () => {
        const present = store.find(path);
        if (present?.sha256 === identity.sha256) return false;
        if (present) store.discardFile(path, 'overwritten', clock.now());
        store.put({ path, ...identity }, clock.now());
        return present !== null;
      }),
    );
    events.changed('experiments');
    if (overwritten) events.changed('trash');
  }

  return {
    async put(given, source, announcedBytes) {
      const path = checkArtifactPath(given);
      return blobs.put(whole(source, announcedBytes), (identity) => settle(path, identity));
    },
    find(given) {
      const found = store.find(checkArtifactPath(given));
      return found && { ...found, file: blobs.path(found.sha256) };
    },
    list(given) {
      const folder = given === '' ? '' : checkArtifactPath(given);
      const prefix = folder === '' ? '' : `${folder}/`;
      const entries = new Map<string, Entry>();
      // One look-up a child: a folder is passed by asking for what comes after all that is in it.
      for (let row = store.next(folder, prefix); row; ) {
        const rest = row.path.slice(prefix.length);
        const cut = rest.indexOf('/');
        const isFolder = cut >= 0;
        const name = isFolder ? rest.slice(0, cut) : rest;
        const path = `${prefix}${name}`;
        const known = entries.get(name);
        if (!known || !isFolder) entries.set(name, { name, path, isFolder, size: isFolder ? 0 : row.size });
        row = store.next(folder, isFolder ? `${path}0` : `${path}\u0000`);
      }
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    filesBelow(given, most) {
      const found = store.allBelow(checkArtifactPath(given), most + 1);
      return found.length > most ? null : found;
    },
    remove(given) {
      const path = checkArtifactPath(given);
      const removed = inTransaction(db, () => store.discard(path, 'deleted', clock.now()));
      if (removed > 0) events.changed('experiments', 'trash');
      return removed;
    },
  };
}

/** The source, which fails at its end when it is not as long as was announced. */
async function* whole(source: AsyncIterable<Uint8Array>, announced: number | undefined) {
  let came = 0;
  for await (const part of source) {
    came += part.byteLength;
    yield part;
  }
  if (announced !== undefined && came !== announced)
    throw new LatheError('LATHE_BLOB_MISMATCH', { reason: `${came} of ${announced} bytes came` });
}

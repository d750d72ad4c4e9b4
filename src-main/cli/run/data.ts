/**
 * Identity of data by its whole content. A file is its SHA-256; a folder is the SHA-256 of its manifest: for each file
 * below it, in the order of the path's bytes, path NUL size NUL hash NUL.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LatheError } from '../../contract/errors.ts';
import type { HashCache } from './hash-cache.ts';

export type DataFile = { path: string; size: number; sha256: string };
export type Data = {
  name: string;
  /** Absolute. */
  path: string;
  sha256: string;
  size: number;
  /** Of a folder, in the order of the manifest; null for a file. */
  files: DataFile[] | null;
};

const AT_ONCE = 8;
const PIECE = 1024 * 1024;

export type Progress = { bytes: number; files: number };

/** Throws LATHE_NOT_FOUND for a path that is not there, LATHE_RUN_DATA for one that cannot be read or does not hold still. */
export async function hashData(
  given: string,
  cache: HashCache,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Data> {
  const path = resolve(given);
  const found = await stat(path).catch(() => null);
  if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'file or folder', name: given });
  const name = basename(path) || path;
  const progress = { bytes: 0, files: 0 };
  const hash = async (file: string) => {
    const identity = await hashFile(file, cache, (bytes) => {
      progress.bytes += bytes;
      onProgress(progress);
    });
    progress.files += 1;
    onProgress(progress);
    return identity;
  };
  if (!found.isDirectory()) return { name, path, files: null, ...(await hash(path)) };
  const relative = await filesBelow(path);
  const files: DataFile[] = new Array(relative.length);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < relative.length; at = next++) {
      const one = relative[at] ?? '';
      files[at] = { path: one, ...(await hash(join(path, one))) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { name, path, ...folderIdentity(files), files };
}

/** Of files in the order of their paths' bytes. */
export function folderIdentity(files: readonly DataFile[]): { sha256: string; size: number } {
  const manifest = createHash('sha256');
  let size = 0;
  for (const file of files) {
    manifest.update(`${file.path}\0${file.size}\0${file.sha256}\0`);
    size += file.size;
  }
  return { sha256: manifest.digest('hex'), size };
}

/** The manifest for people and for a comparison line by line. */
export const manifestText = (files: readonly DataFile[]): string =>
  files
    .map(
      ({ path, size, sha256 }) =>
        `${sha256}  ${size}  ${/[\p{Cc}"]/u.test(path) ? JSON.stringify(path) : path}\n`,
    )
    .join('');

/** Relative paths with "/", sorted by bytes. Links are followed, once each way down; sockets and the like are no data. */
async function filesBelow(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (below: string, above: readonly string[]): Promise<void> => {
    const folder = join(root, below);
    const { dev, ino } = await readable(folder, () => stat(folder, { bigint: true }));
    const id = `${dev}:${ino}`;
    // A link to a folder that it lies in has no end.
    if (above.includes(id)) return;
    for (const entry of await readable(folder, () => readdir(folder, { withFileTypes: true }))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      const kind = entry.isSymbolicLink()
        ? await readable(join(root, path), () => stat(join(root, path)))
        : entry;
      if (kind.isDirectory()) await walk(path, [...above, id]);
      else if (kind.isFile()) found.push(path);
    }
  };
  await walk('', []);
  return found
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path);
}

async function hashFile(
  file: string,
  cache: HashCache,
  onBytes: (bytes: number) => void,
): Promise<{ size: number; sha256: string }> {
  return readable(file, async () => {
    const handle = await open(file);
    try {
      for (let attempt = 0; attempt < 2; attempt++) {
        const before = await handle.stat({ bigint: true });
        const size = Number(before.size);
        const known = cache.find(before);
        if (known) {
          onBytes(size);
          return { size, sha256: known };
        }
        const sha256 = await digest(handle, onBytes);
        const after = await handle.stat({ bigint: true });
        if (before.size === after.size && before.mtimeNs === after.mtimeNs) {
          cache.remember(before, sha256);
          return { size, sha256 };
        }
      }
    } finally {
      await handle.close();
    }
    throw new LatheError('LATHE_RUN_DATA', { path: file, reason: 'it changed while it was read' });
  });
}

async function digest(handle: FileHandle, onBytes: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  const source = createReadStream('', { fd: handle, autoClose: false, start: 0, highWaterMark: PIECE });
  for await (const piece of source) {
    hash.update(piece as Buffer);
    onBytes((piece as Buffer).length);
  }
  return hash.digest('hex');
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof LatheError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new LatheError('LATHE_RUN_DATA', { path, reason }, { cause: thrown });
  }
}

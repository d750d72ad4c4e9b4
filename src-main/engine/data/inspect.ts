/**
 * Looks at a workspace folder without touching it: the database is judged by its first page as bytes, because
 * opening it with SQLite could create or replay journal files in a folder that is then refused.
 * Offsets are those of https://sqlite.org/fileformat.html §1.3 (header) and §1.6 (b-tree page).
 */
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LatheError } from '../../contract/errors.ts';
import { APPLICATION_ID } from './database.ts';
import { codeOf } from './failures.ts';

export type Inspection =
  /** Nothing there yet, or a folder without a database. */
  { state: 'absent' } | { state: 'present'; schema: number };

export const databaseFile = (root: string): string => join(root, 'lathe.db');

/** Throws the error that says why this folder cannot be used; changes nothing. `known` is our newest schema. */
export async function inspectWorkspace(root: string, known: number): Promise<Inspection> {
  await requireWritable(root);
  const file = databaseFile(root);
  const size = await sizeOf(file);
  if (size === null) return { state: 'absent' };
  try {
    await access(file, constants.R_OK | constants.W_OK);
  } catch (thrown) {
    throw new LatheError('LATHE_WORKSPACE_READONLY', { path: root, reason: codeOf(thrown) ?? 'lathe.db' });
  }
  const header = await readStart(file, 108);
  const pending = ((await sizeOf(`${file}-wal`)) ?? 0) > 0;
  const schema = judge(file, header, size, pending);
  if (schema > known) throw new LatheError('LATHE_WORKSPACE_NEWER', { path: root, found: schema, known });
  return { state: 'present', schema };
}

/** The schema version of a database of ours. */
function judge(file: string, header: Buffer, size: number, pendingWal: boolean): number {
  const corrupt = (reason: string) => new LatheError('LATHE_WORKSPACE_CORRUPT', { path: file, reason });
  if (size === 0) throw corrupt('it is empty');
  if (header.length < 108 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw corrupt('it does not begin like a SQLite database');
  const rawPageSize = header.readUInt16BE(16);
  const pageSize = rawPageSize === 1 ? 65_536 : rawPageSize;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw corrupt('its page size is impossible');
  // The page count is to be believed only when the two change counters agree. Pages still in the WAL may
  // be missing from the file after a crash in the middle of a checkpoint.
  const counted = header.readUInt32BE(24) === header.readUInt32BE(92);
  const pages = header.readUInt32BE(28);
  if (!pendingWal && counted && pages * pageSize > size)
    throw corrupt(`it is cut off: ${size} of ${pages * pageSize} bytes are there`);
  if (header.readInt32BE(68) !== APPLICATION_ID)
    throw new LatheError('LATHE_WORKSPACE_FOREIGN', { path: file });
  return header.readInt32BE(60);
}

/** The folder, or the nearest one above it that exists, must take new files. */
async function requireWritable(root: string): Promise<void> {
  let folder = root;
  for (;;) {
    const refuse = (reason: string) => new LatheError('LATHE_WORKSPACE_READONLY', { path: root, reason });
    try {
      if (!(await stat(folder)).isDirectory()) throw refuse('it is not a folder');
      await access(folder, constants.W_OK | constants.X_OK);
      return;
    } catch (thrown) {
      if (thrown instanceof LatheError) throw thrown;
      if (codeOf(thrown) !== 'ENOENT') throw refuse(codeOf(thrown) ?? 'unknown');
      if (dirname(folder) === folder) throw refuse('ENOENT');
      folder = dirname(folder);
    }
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

async function readStart(file: string, bytes: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

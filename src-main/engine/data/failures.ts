/**
 * What the disk and SQLite say when they refuse, as the catalogue's errors. The one place for it: the RPC
 * border, the blob store, uploads and the workspace all ask here, so that a full disk reads the same everywhere.
 */
import { LatheError } from '../../contract/errors.ts';

/** The LatheError for a storage failure of the workspace at `path`; null when it is some other failure. */
export function storageFailure(thrown: unknown, path: string): LatheError | null {
  if (thrown instanceof LatheError) return thrown;
  const code = codeOf(thrown);
  if (code === null) return null;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const options = { cause: thrown };
  if (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    code.startsWith('SQLITE_FULL') ||
    code === 'SQLITE_IOERR_SHMSIZE'
  )
    return new LatheError('LATHE_WORKSPACE_DISK_FULL', { path }, options);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code.startsWith('SQLITE_READONLY'))
    return new LatheError('LATHE_WORKSPACE_READONLY', { path, reason: code }, options);
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new LatheError('LATHE_WORKSPACE_CORRUPT', { path, reason }, options);
  return null;
}

/** Runs `work`, turning storage failures into the catalogue's errors; anything else passes unchanged. */
export async function withStorageFailures<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw storageFailure(thrown, path) ?? thrown;
  }
}

/** The system's or SQLite's code of a thrown value, or null. */
export function codeOf(thrown: unknown): string | null {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : null;
}

/** The disk, or somebody else who has the file: what failed may well succeed later. */
export const isOfStorage = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /^(E[A-Z]+$|SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|CORRUPT|NOTADB|PROTOCOL))/.test(
    codeOf(thrown) ?? '',
  );

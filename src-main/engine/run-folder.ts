/** The short-lived folder of local sockets: readable by this user only, short because a socket's path has 107 bytes. */
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const PREFIX = 'lathe-run-';

/**
 * mkdtemp makes it with mode 0700. `leftover` is the one of an engine that died here: it is used again, because a
 * gateway that outlived the engine knows only it, and still holds predictions that the engine has not saved.
 */
export async function makeRunFolder(leftover: string | undefined): Promise<string> {
  const bases = [process.env.XDG_RUNTIME_DIR, tmpdir()].filter((base) => base !== undefined && base !== '');
  if (leftover && bases.includes(dirname(leftover)) && basename(leftover).startsWith(PREFIX)) {
    if (await isOurs(leftover)) {
      await rm(join(leftover, 'rpc.sock'), { force: true });
      return leftover;
    }
  }
  try {
    return await mkdtemp(join(bases[0] ?? tmpdir(), PREFIX));
  } catch {
    return mkdtemp(join(tmpdir(), PREFIX));
  }
}

/** A folder, not a link, of this user, that nobody else can enter. */
async function isOurs(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  try {
    const found = await lstat(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** The short-lived folder of local sockets: readable by this user only, short because a socket's path has 107 bytes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const PREFIX = 'lathe-run-';

/** mkdtemp makes it with mode 0700. `leftover` is the one of an engine that died here; it is removed. */
export async function makeRunFolder(leftover: string | undefined): Promise<string> {
  const bases = [process.env.XDG_RUNTIME_DIR, tmpdir()].filter((base) => base !== undefined && base !== '');
  if (leftover && bases.includes(dirname(leftover)) && basename(leftover).startsWith(PREFIX))
    await rm(leftover, { recursive: true, force: true });
  try {
    return await mkdtemp(join(bases[0] ?? tmpdir(), PREFIX));
  } catch {
    return mkdtemp(join(tmpdir(), PREFIX));
  }
}

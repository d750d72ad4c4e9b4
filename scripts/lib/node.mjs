// A Node new enough for everything this project runs, without touching the one that is installed.

import fs from 'node:fs';
import path from 'node:path';
import { makeDirectoryOnce } from './cache.mjs';
import { fetchPackage, unpack } from './npm.mjs';
import { cacheDirectory, platformKey } from './paths.mjs';
import { NODE_MAJOR, NODE_PACKAGES, NODE_VERSION } from './pins.mjs';
import { outputOf } from './run.mjs';
import { SetupError, say } from './say.mjs';

/**
 * The Node executable to run everything else with: this one when it is new enough, else the pinned one, fetched
 * once into the per-user cache.
 * @param {{running?: string, cache?: string, platform?: string}} [options]
 * @returns {Promise<string>}
 */
export async function ensureNode({
  running = process.versions.node,
  cache = cacheDirectory(),
  platform = platformKey,
} = {}) {
  if (Number.parseInt(running, 10) >= NODE_MAJOR) return process.execPath;
  const folder = path.join(cache, 'node', `${NODE_VERSION}-${platform}`);
  const executable = path.join(folder, 'bin', platform.startsWith('win32') ? 'node.exe' : 'node');
  if (fs.existsSync(executable)) return executable;

  const carrier = NODE_PACKAGES[platform];
  if (!carrier) throw noCarrier(running, platform);
  say(
    `fetching Node ${NODE_VERSION} (npm package ${carrier.name}): this one is ${running}, too old to build with`,
  );
  fs.rmSync(folder, { recursive: true, force: true });
  await makeDirectoryOnce(folder, (temporary) => fill(temporary, carrier, path.basename(executable)));
  return executable;
}

/**
 * The environment for children, with `node` meaning the given executable.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} [env]
 */
export function environmentWithNode(node, env = process.env) {
  return { ...env, LATHE_NODE: node, PATH: `${path.dirname(node)}${path.delimiter}${env.PATH ?? ''}` };
}

/** @param {string} folder @param {{name: string, integrity: string}} carrier @param {string} binary */
async function fill(folder, carrier, binary) {
  const archive = await fetchPackage({ ...carrier, version: NODE_VERSION, folder });
  await unpack(archive, folder, [`package/bin/${binary}`]);
  fs.renameSync(path.join(folder, 'package', 'bin'), path.join(folder, 'bin'));
  fs.rmSync(path.join(folder, 'package'), { recursive: true });
  fs.rmSync(archive);
  const executable = path.join(folder, 'bin', binary);
  fs.chmodSync(executable, 0o755);
  if (outputOf(executable, ['--version'])?.trim() === `v${NODE_VERSION}`) return;
  throw new SetupError({
    what: `The fetched Node ${NODE_VERSION} does not run on this machine.`,
    why: 'It needs glibc 2.28 or later (it is not built for musl).',
    remedy: `Install Node ${NODE_MAJOR} or later yourself, then run the same command with it.`,
  });
}

/** @param {string} running @param {string} platform */
function noCarrier(running, platform) {
  return new SetupError({
    what: `Node ${NODE_MAJOR} or later is needed; this is ${running}.`,
    why: `The SQLite driver crashes on older ones, and npm has no Node ${NODE_VERSION} package for ${platform}.`,
    remedy: `Install Node ${NODE_MAJOR} (for example \`brew install node@${NODE_MAJOR}\`), then run the same command with it.`,
  });
}

// node_modules exactly as package-lock.json says, installed without running anybody's install scripts.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readIfThere, withLock } from './cache.mjs';
import { reasonOf, runNpm } from './npm.mjs';
import { repoRoot } from './paths.mjs';
import { SetupError, say } from './say.mjs';

/**
 * Installs dependencies unless those in place are the ones the lock file names.
 * @param {{root?: string, install?: typeof runNpm}} [options]
 */
export async function ensureDependencies({ root = repoRoot, install = runNpm } = {}) {
  if (isInstalled(root)) return;
  await withLock(
    path.join(root, 'out', '.dependencies.lock'),
    async () => {
      if (isInstalled(root)) return;
      if (!agreesWithHiddenLock(root)) await installAll(root, install);
      fs.writeFileSync(stampFile(root), lockHash(root));
    },
    { onWait: (pid) => say(`waiting for process ${pid}, which is installing dependencies`) },
  );
}

/** @param {string} root @param {typeof runNpm} install */
async function installAll(root, install) {
  say('installing dependencies (npm ci, install scripts off)');
  fs.rmSync(stampFile(root), { force: true });
  const result = await install(['ci', '--ignore-scripts'], { cwd: root });
  if (result.code === 0) return;
  // A half-made tree must not pass for a whole one, here or in npm's own eyes.
  fs.rmSync(path.join(root, 'node_modules', '.package-lock.json'), { force: true });
  throw new SetupError({
    what: 'The dependencies could not be installed.',
    why: reasonOf(result),
    remedy:
      'Check the network (offline needs a filled npm cache), `npm config get registry` and the free disk space, then run the same command again.',
  });
}

/** @param {string} root */
function isInstalled(root) {
  return readIfThere(stampFile(root)) === lockHash(root);
}

/** @param {string} root */
function stampFile(root) {
  return path.join(root, 'node_modules', '.lathe-stamp');
}

/** @param {string} root */
function lockHash(root) {
  return crypto
    .createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether somebody's own `npm install` already made the tree that the lock file describes: npm writes
 * `node_modules/.package-lock.json` as its last step, with what it really put there.
 * @param {string} root
 */
export function agreesWithHiddenLock(root) {
  const hiddenText = readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  if (hiddenText === null) return false;
  const wanted = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(hiddenText).packages;
  const same = (/** @type {string} */ where) =>
    present[where]?.version === wanted[where]?.version &&
    present[where]?.integrity === wanted[where]?.integrity;
  const complete = Object.keys(wanted).every(
    (where) => where === '' || wanted[where].optional || same(where),
  );
  return complete && Object.keys(present).every(same);
}

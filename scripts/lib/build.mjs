// `out/` rebuilt only when something it is made from changed.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readIfThere, withLock } from './cache.mjs';
import { repoRoot } from './paths.mjs';
import { run } from './run.mjs';
import { SetupError, say } from './say.mjs';

const SOURCE_FOLDERS = ['src-main', 'src-renderer', 'native', 'resources'];
const SOURCE_FILES = ['scripts/build.mjs'];
/** Tests, notes and editors' files never reach `out/`. */
const IGNORED = /(?:\.test\.[cm]?[jt]sx?|\.md|~|\.swp|\.DS_Store)$|^node_modules$/;
const CONFIGURATION = /\.(?:json|[cm]?[jt]s)$/;

/**
 * Builds `out/` with `scripts/build.mjs` when its inputs differ from those of the last good build.
 * @param {{node: string, env?: NodeJS.ProcessEnv, root?: string}} options
 */
export async function ensureBuild({ node, env = process.env, root = repoRoot }) {
  const stamp = path.join(root, 'out', '.stamp');
  if (readIfThere(stamp) === hashInputs(root)) return;
  await withLock(
    path.join(root, 'out', '.build.lock'),
    async () => {
      const inputs = hashInputs(root);
      if (readIfThere(stamp) === inputs) return;
      const why = fs.existsSync(stamp) ? 'sources changed' : 'first build';
      say(`building out/ (${why})`);
      fs.rmSync(stamp, { force: true });
      const started = performance.now();
      const { code } = await run(node, [path.join(root, 'scripts', 'build.mjs')], { cwd: root, env });
      if (code !== 0) throw buildFailed(code);
      // The hash was taken before the build: a file saved meanwhile makes the next check build again.
      fs.mkdirSync(path.dirname(stamp), { recursive: true });
      fs.writeFileSync(stamp, inputs);
      say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    },
    { onWait: (pid) => say(`waiting for process ${pid}, which is building`) },
  );
}

/**
 * A hash over path, size and modification time of every input: no file is read, so it takes milliseconds.
 * @param {string} root
 */
export function hashInputs(root) {
  const hash = crypto.createHash('sha256');
  const add = (/** @type {string} */ file) => {
    const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
    if (stat) hash.update(`${file}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  for (const folder of SOURCE_FOLDERS) walk(root, folder, add);
  for (const file of SOURCE_FILES) add(file);
  for (const entry of fs.readdirSync(root, { withFileTypes: true })) {
    if (entry.isFile() && CONFIGURATION.test(entry.name)) add(entry.name);
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} folder @param {(file: string) => void} visit */
function walk(root, folder, visit) {
  const absolute = path.join(root, folder);
  if (!fs.existsSync(absolute)) return;
  for (const entry of fs.readdirSync(absolute, { withFileTypes: true })) {
    if (IGNORED.test(entry.name)) continue;
    const relative = `${folder}/${entry.name}`;
    if (entry.isDirectory()) walk(root, relative, visit);
    else visit(relative);
  }
}

/** @param {number} code */
function buildFailed(code) {
  return new SetupError({
    what: 'The build failed.',
    why: `scripts/build.mjs ended with ${code}; its messages are above.`,
    remedy: 'Mend what it names, then run the same command again.',
  });
}

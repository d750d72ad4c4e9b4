// `npm start`: sets up what is missing, then opens Lathe: in a window, or in the browser where there is no display
// or no Electron to be had.
//
//   npm start                       the desktop app
//   npm start -- --browser          serves the same UI for a browser and prints its address
//   npm start -- --headless         the same, for machines without a screen
//   npm start -- ANY OTHER OPTIONS  passed to the app as they are

import path from 'node:path';
import { isRoot } from './lib/apt.mjs';
import { hasDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { launch } from './lib/launch.mjs';
import { repoRoot } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { runMain, say } from './lib/say.mjs';
import { ensureSystemLibraries } from './lib/system-libraries.mjs';

const BROWSER_FLAGS = ['--browser', '--headless'];

await runMain(async () => {
  const given = process.argv.slice(2);
  const options = given.filter((argument) => !BROWSER_FLAGS.includes(argument));
  const { node, env } = await prepare();

  const isBrowserAsked = given.length > options.length;
  const window = isBrowserAsked ? { electron: null, reason: 'as asked' } : await findWindow(node, env);
  if (window.electron) return launch(window.electron, [...sandboxFlags(), repoRoot, ...options], { env });
  say(`serving the browser UI (${window.reason}); press Ctrl+C to stop`);
  return launch(node, [path.join(repoRoot, 'out', 'cli', 'lathe.js'), 'serve', ...options], { env });
});

/**
 * The Electron executable to open a window with, or the reason why there can be none.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{electron: string | null, reason: string}>}
 */
async function findWindow(node, env) {
  if (!hasDisplay(env)) {
    return { electron: null, reason: 'no display: neither DISPLAY nor WAYLAND_DISPLAY is set' };
  }
  const distribution = await ensureElectron({ node, env });
  if (distribution === null) return { electron: null, reason: 'no Electron' };
  const problem = await ensureSystemLibraries(distribution.executable);
  if (problem === null) return { electron: distribution.executable, reason: '' };
  say(`Electron cannot run here: ${problem}`);
  return { electron: null, reason: 'Electron lacks system libraries' };
}

/** Chromium refuses to run as root with its sandbox on; nobody else loses it. */
function sandboxFlags() {
  if (process.platform !== 'linux' || !isRoot()) return [];
  say('running as root: Chromium’s sandbox is off (--no-sandbox)');
  return ['--no-sandbox'];
}

// A Chromium for the browser tests.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstall, hasApt, installCommand, installPackages } from './apt.mjs';
import { findOnPath } from './display.mjs';
import { run, tail } from './run.mjs';
import { say } from './say.mjs';
import { ensureSystemLibraries } from './system-libraries.mjs';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/**
 * A Chromium that runs here: `LATHE_CHROMIUM`, the system's, Playwright's own, or one installed now.
 * @param {{node: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<{executable: string | null, problem: string | null}>}
 */
export async function ensureChromium({ node, env = process.env }) {
  const executable = findChromium(env) ?? (await installChromium(node, env));
  if (executable === null) return { executable, problem: `no Chromium was found; ${howToInstall()}` };
  const problem = await ensureSystemLibraries(executable);
  return problem ? { executable: null, problem: `${executable}: ${problem}` } : { executable, problem: null };
}

/** @param {NodeJS.ProcessEnv} env */
function findChromium(env) {
  if (env.LATHE_CHROMIUM) return env.LATHE_CHROMIUM;
  for (const name of NAMES) {
    const found = findOnPath(name, env);
    if (found && !isSnapStub(found)) return found;
  }
  return findPlaywrights(env);
}

/** Ubuntu's package is a script that tells to install the snap, which does not run in a container. @param {string} file */
function isSnapStub(file) {
  const stat = fs.statSync(file);
  return stat.size < 65536 && fs.readFileSync(file, 'latin1').includes('snap install chromium');
}

/** The newest Chromium in Playwright's own cache. @param {NodeJS.ProcessEnv} env */
function findPlaywrights(env) {
  const cache =
    process.platform === 'darwin'
      ? path.join(os.homedir(), 'Library', 'Caches', 'ms-playwright')
      : path.join(os.homedir(), '.cache', 'ms-playwright');
  const folder = env.PLAYWRIGHT_BROWSERS_PATH || cache;
  if (!fs.existsSync(folder)) return null;
  const versions = fs.readdirSync(folder).filter((name) => name.startsWith('chromium-'));
  versions.sort((a, b) => Number(b.split('-')[1]) - Number(a.split('-')[1]));
  const inside = [
    'chrome-linux64/chrome',
    'chrome-linux/chrome',
    'chrome-win64/chrome.exe',
    'chrome-win/chrome.exe',
  ];
  for (const version of versions) {
    for (const file of inside) {
      const executable = path.join(folder, version, file);
      if (fs.existsSync(executable)) return executable;
    }
  }
  return null;
}

/** @param {string} node @param {NodeJS.ProcessEnv} env */
async function installChromium(node, env) {
  if (canInstall() && !isUbuntu()) {
    const failure = await installPackages(['chromium'], 'for the browser tests');
    if (failure) say(`warning: ${failure}`);
    return findChromium(env);
  }
  say("downloading Playwright's Chromium");
  const cli = path.join(
    path.dirname(fileURLToPath(import.meta.resolve('playwright/package.json'))),
    'cli.js',
  );
  const result = await run(node, [cli, 'install', 'chromium'], {
    env,
    capture: true,
    timeoutMs: DOWNLOAD_LIMIT_MS,
  });
  if (result.code !== 0) say(`warning: that failed: ${tail(result.stderr || result.stdout, 2)}`);
  return findChromium(env);
}

function isUbuntu() {
  return fs.existsSync('/etc/os-release') && /^ID=ubuntu$/m.test(fs.readFileSync('/etc/os-release', 'utf8'));
}

function howToInstall() {
  if (hasApt() && !isUbuntu()) return `run: ${installCommand(['chromium'])}`;
  return 'run: npx playwright install --with-deps chromium, or set LATHE_CHROMIUM to one';
}

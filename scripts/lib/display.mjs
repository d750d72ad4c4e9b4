// A display for windows: the one there is, or an Xvfb of our own for tests.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { canInstall, hasApt, installCommand, installPackages } from './apt.mjs';

/** Whether windows can be shown here. @param {NodeJS.ProcessEnv} env */
export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * A virtual display for tests, even where there is a real one, so that a test run neither steals the focus nor
 * depends on the screen. Not needed, and `display` undefined, on macOS and Windows.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{display: string | undefined, problem: string | null, stop: () => void}>}
 */
export async function ensureDisplay(env = process.env) {
  const none = { display: undefined, problem: null, stop: () => {} };
  if (process.platform !== 'linux') return none;
  const xvfb = await ensureXvfb(env);
  if (xvfb === null) {
    if (hasDisplay(env)) return { ...none, display: env.DISPLAY };
    const how = hasApt()
      ? `run: ${installCommand(['xvfb'])}`
      : "install Xvfb with this system's package manager";
    return { ...none, problem: `there is no display and no Xvfb; ${how}` };
  }
  return startXvfb(xvfb);
}

/** @param {NodeJS.ProcessEnv} env */
async function ensureXvfb(env) {
  const found = findOnPath('Xvfb', env);
  if (found || !canInstall()) return found;
  await installPackages(['xvfb'], 'a virtual display for the tests');
  return findOnPath('Xvfb', env);
}

/** Starts Xvfb on a display number it picks itself and tells over a pipe. @param {string} executable */
function startXvfb(executable) {
  return new Promise((resolve) => {
    const args = ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'];
    const child = spawn(executable, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const stop = () => {
      process.off('exit', stop);
      child.kill('SIGTERM');
    };
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const fail = (/** @type {string} */ why) =>
      resolve({ display: undefined, problem: `Xvfb did not start: ${why}`, stop });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`it ended with ${code}: ${errors.trim().split('\n').at(-1) ?? ''}`));
    child.stdio[3]?.once('data', (chunk) => {
      resolve({ display: `:${String(chunk).trim()}`, problem: null, stop });
    });
    process.on('exit', stop);
    child.unref();
  });
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
export function findOnPath(name, env = process.env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && fs.existsSync(file)) return file;
  }
  return null;
}

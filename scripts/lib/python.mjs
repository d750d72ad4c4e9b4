// A Python with packages of its own, for the tests that run other people's clients.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { canInstall, hasApt, installPackages } from './apt.mjs';
import { withLock } from './cache.mjs';
import { findOnPath } from './display.mjs';
import { cacheDirectory, platformKey } from './paths.mjs';
import { outputOf, run, tail } from './run.mjs';
import { say } from './say.mjs';

const INSTALL_LIMIT_MS = 8 * 60_000;
const OLDEST = [3, 10];

/**
 * A Python that can make virtual environments; installed where this is root on Debian or Ubuntu.
 * @returns {Promise<{executable: string | null, problem: string | null}>}
 */
export async function ensurePython() {
  const found = findPython();
  if (found) return { executable: found, problem: null };
  if (canInstall()) {
    const failure = await installPackages(
      ['python3', 'python3-venv'],
      'Python, for the tests of MLflow’s and Triton’s clients',
    );
    if (failure) return { executable: null, problem: `Python could not be installed: ${failure}` };
    const installed = findPython();
    if (installed) return { executable: installed, problem: null };
  }
  const how = hasApt() ? 'sudo apt-get install python3 python3-venv' : 'install Python 3.10 or later';
  return { executable: null, problem: `no Python ${OLDEST.join('.')} or later with venv was found (${how})` };
}

function findPython() {
  for (const name of ['python3', 'python']) {
    const file = findOnPath(name, process.env);
    if (!file) continue;
    const version = outputOf(file, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])']);
    const [major = 0, minor = 0] = (version ?? '').trim().split(' ').map(Number);
    if (major === OLDEST[0] && minor >= (OLDEST[1] ?? 0)) return file;
  }
  return null;
}

/**
 * The Python of a virtual environment with exactly those packages, made once and kept in the cache.
 * @param {string} python
 * @param {string} requirements a file of pinned packages
 * @param {string} purpose what they are for, for the line that is printed
 * @param {{alone?: string, compile?: boolean}} more `alone`: a file of packages that are installed without what they ask for,
 *   which is more than is used; `compile`: false for what is run once
 * @returns {Promise<{python: string | null, problem: string | null}>}
 */
export async function ensureEnvironment(python, requirements, purpose = 'the client tests', more = {}) {
  const files = more.alone === undefined ? [requirements] : [requirements, more.alone];
  const text = files.map((file) => fs.readFileSync(file, 'utf8')).join('');
  const version = outputOf(python, ['--version']) ?? '';
  const key = crypto
    .createHash('sha256')
    .update(`${platformKey} ${version} ${text}`)
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(cacheDirectory(), 'python', key);
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const executable = path.join(folder, ...inside);
  const complete = path.join(folder, 'lathe-complete');
  return withLock(`${folder}.lock`, async () => {
    if (fs.existsSync(complete)) return { python: executable, problem: null };
    fs.rmSync(folder, { recursive: true, force: true });
    say(`installing ${text.trim().split('\n').join(', ')} for ${purpose}`);
    const failure = await fill(python, folder, executable, { requirements, ...more });
    if (failure) {
      fs.rmSync(folder, { recursive: true, force: true });
      return { python: null, problem: failure };
    }
    fs.writeFileSync(complete, '');
    return { python: executable, problem: null };
  });
}

/**
 * @param {string} python @param {string} folder @param {string} executable
 * @param {{requirements: string, alone?: string, compile?: boolean}} what
 */
async function fill(python, folder, executable, { requirements, alone, compile = true }) {
  const made = await run(python, ['-m', 'venv', folder], { capture: true, timeoutMs: INSTALL_LIMIT_MS });
  if (made.code !== 0) return `python -m venv failed: ${tail(made.stderr, 2)}`;
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  if (!compile) args.push('--no-compile');
  for (const which of [['-r', requirements], ...(alone === undefined ? [] : [['--no-deps', '-r', alone]])]) {
    const installed = await run(executable, [...args, ...which], {
      capture: true,
      timeoutMs: INSTALL_LIMIT_MS,
    });
    if (installed.code !== 0)
      return installed.timedOut ? 'pip took too long' : `pip: ${tail(installed.stderr, 2)}`;
  }
  return null;
}

// Debian and Ubuntu packages: installed when this is root there, else the command is told.

import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './cache.mjs';
import { cacheDirectory } from './paths.mjs';
import { outputOf, run, tail } from './run.mjs';
import { say } from './say.mjs';

let isUpdated = false;

/** Whether this is a system with apt. */
export function hasApt() {
  return process.platform === 'linux' && fs.existsSync('/usr/bin/apt-get');
}

export function isRoot() {
  return process.getuid?.() === 0;
}

/** Whether packages can be installed without asking anybody. */
export function canInstall() {
  return hasApt() && isRoot();
}

/** Fetches the package lists, once in a process. */
export async function updateLists() {
  if (isUpdated) return;
  isUpdated = true;
  say('apt-get update');
  const result = await apt(['update']);
  if (result.code !== 0) say(`warning: apt-get update failed: ${tail(result.stderr, 2)}`);
}

/**
 * Which of some packages apt can install.
 * @param {readonly string[]} names
 * @returns {Set<string>}
 */
export function availablePackages(names) {
  return parsePolicy(outputOf('apt-cache', ['policy', ...names]) ?? '');
}

/** Names with a candidate version in the output of `apt-cache policy`. @param {string} text */
export function parsePolicy(text) {
  const found = new Set();
  for (const match of text.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (.+)$/gm)) {
    if (match[1] && match[2] !== '(none)') found.add(match[1]);
  }
  return found;
}

/**
 * Installs packages as root on Debian or Ubuntu, saying so.
 * @param {readonly string[]} packages
 * @param {string} purpose what they are for, for the line that is printed
 * @returns {Promise<string | null>} why it failed, or null
 */
export async function installPackages(packages, purpose) {
  return withLock(path.join(cacheDirectory(), 'apt.lock'), async () => {
    await updateLists();
    say(`apt-get install ${packages.join(' ')} (${purpose})`);
    const result = await apt(['install', '-y', '--no-install-recommends', ...packages]);
    return result.code === 0 ? null : tail(result.stderr || result.stdout, 4);
  });
}

/** The one line a person without root can paste. @param {readonly string[]} packages */
export function installCommand(packages) {
  const sudo = isRoot() ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Waits up to five minutes for another apt to finish. @param {string[]} args */
function apt(args) {
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    capture: true,
  });
}

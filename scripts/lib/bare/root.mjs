// A fresh Debian in a folder, with nothing but what a newcomer has: git, Node and npm.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstall, installPackages } from '../apt.mjs';
import { findOnPath } from '../display.mjs';
import { run, tail } from '../run.mjs';
import { SetupError, say } from '../say.mjs';
import { aptMirror, clientEnvironment, copyClientConfiguration } from './configuration.mjs';

const ENTER = fileURLToPath(new URL('./enter.sh', import.meta.url));
const NEWCOMERS_PACKAGES = ['ca-certificates', 'git', 'nodejs', 'npm'];
/** Debian 13: the oldest stable release whose own Node is 20. */
const SUITE = 'trixie';

/** Makes the folder and returns its path. */
export async function makeBareRoot() {
  await ensureDebootstrap();
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-bare-'));
  fs.chmodSync(root, 0o755);
  say(`making a bare Debian ${SUITE} in ${root} (debootstrap, a minute or two)`);
  const args = ['--variant=minbase', SUITE, root, aptMirror()];
  orFail(await run('debootstrap', args, { capture: true }), 'debootstrap failed.');

  copyClientConfiguration(root);
  // No service is started inside a folder.
  fs.writeFileSync(path.join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  say(`adding ${NEWCOMERS_PACKAGES.join(', ')}`);
  orFail(await runInside(root, ['apt-get', 'update']), 'apt-get update failed inside.');
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...NEWCOMERS_PACKAGES];
  orFail(await runInside(root, install), 'The newcomer’s packages could not be installed.');
  // Installing ca-certificates writes the list of trusted certificates anew.
  copyClientConfiguration(root);
  return root;
}

/** Clones HEAD of a repository into the root, as anybody would. @param {string} root @param {string} repository */
export async function cloneInto(root, repository) {
  const bare = path.join(root, 'srv', 'lathe.git');
  orFail(
    await run('git', ['clone', '--quiet', '--bare', repository, bare], { capture: true }),
    'git clone failed.',
  );
  fs.chownSync(bare, 0, 0);
  orFail(
    await runInside(root, ['git', 'clone', '--quiet', '/srv/lathe.git', '/root/lathe']),
    'git clone failed inside.',
  );
}

/**
 * Starts a command inside the root. Ending the returned process ends everything inside.
 * @param {string} root
 * @param {readonly string[]} command
 * @param {{env?: Record<string, string>, directory?: string}} [options]
 */
export function startInside(root, command, { env = {}, directory = '/root' } = {}) {
  const variables = Object.entries({ ...clientEnvironment(), ...env }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const isolation = ['--mount', '--pid', '--fork', '--kill-child'];
  const inside = ['/usr/bin/env', '-i', `--chdir=${directory}`, ...variables, ...command];
  return spawn('unshare', [...isolation, 'sh', ENTER, root, ...inside], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Removes the folder, unless something is still mounted in it. @param {string} root */
export function removeRoot(root) {
  if (fs.readFileSync('/proc/self/mounts', 'utf8').includes(` ${root}/`)) {
    say(`warning: something is still mounted in ${root}; it was left there`);
    return;
  }
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

/** @param {string} root @param {readonly string[]} command */
function runInside(root, command) {
  return new Promise((resolve) => {
    const child = startInside(root, command, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: '', stderr: output, timedOut: false }));
  });
}

async function ensureDebootstrap() {
  if (findOnPath('debootstrap')) return;
  if (canInstall()) await installPackages(['debootstrap', 'debian-archive-keyring'], 'for the bare machine');
  if (findOnPath('debootstrap')) return;
  throw new SetupError({
    what: 'debootstrap is not installed.',
    why: 'The bare machine is a Debian made with it.',
    remedy: 'As root on Debian or Ubuntu: apt-get install debootstrap.',
  });
}

/** @param {{code: number, stdout: string, stderr: string}} result @param {string} what */
function orFail(result, what) {
  if (result.code === 0) return;
  throw new SetupError({
    what,
    why: tail(result.stderr || result.stdout),
    remedy: 'Check that this machine reaches a Debian mirror and that the disk is not full.',
  });
}

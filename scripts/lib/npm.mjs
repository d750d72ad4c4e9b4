// The npm client as this machine has it, and packages fetched with it against a pinned hash.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run, tail } from './run.mjs';
import { SetupError } from './say.mjs';

/**
 * How to call npm without a shell: under `npm start` npm says where it is; else it is looked for beside Node.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{command: string, args: string[]}}
 */
export function npmCommand(env = process.env) {
  const beside = path.dirname(process.execPath);
  const candidates = [
    env.npm_execpath ?? '',
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const cli = candidates.find((file) => /npm-cli\.c?js$/.test(file) && fs.existsSync(file));
  return cli ? { command: process.execPath, args: [cli] } : { command: 'npm', args: [] };
}

/**
 * Runs npm quietly. The environment variables of an outer `npm start` are dropped: they would be read as options.
 * @param {string[]} args
 * @param {{cwd: string, timeoutMs?: number}} options
 */
export function runNpm(args, { cwd, timeoutMs }) {
  const npm = npmCommand();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isNpmScriptVariable(name)));
  return run(npm.command, [...npm.args, ...args, '--loglevel=error', '--no-update-notifier'], {
    cwd,
    env,
    capture: true,
    timeoutMs,
  });
}

/** @param {string} name */
function isNpmScriptVariable(name) {
  return /^npm_(package|lifecycle|command|node_execpath|execpath)/.test(name);
}

/** The beginning of npm's complaint, without its prefix and its help text. @param {{code: number, stdout: string, stderr: string}} result */
export function reasonOf({ code, stdout, stderr }) {
  const lines = (stderr || stdout)
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, '').trim())
    .filter((line) => line && !/^(?:at |errno |syscall |A complete log)/.test(line));
  return lines.slice(0, 6).join('\n') || `npm ended with ${code}`;
}

/**
 * Fetches one version of a package into `folder` and returns its archive, once its hash is the pinned one.
 * @param {{name: string, version: string, integrity: string, folder: string}} wanted
 * @returns {Promise<string>} path of the .tgz
 */
export async function fetchPackage({ name, version, integrity, folder }) {
  const result = await runNpm(['pack', `${name}@${version}`, '--pack-destination', folder], { cwd: folder });
  const archive = fs.readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (result.code !== 0 || !archive) {
    throw new SetupError({
      what: `The npm package ${name}@${version} could not be fetched.`,
      why: reasonOf(result),
      remedy: 'Check the network and `npm config get registry`, then run the same command again.',
    });
  }
  const file = path.join(folder, archive);
  await verifyIntegrity(file, integrity, `${name}@${version}`);
  return file;
}

/**
 * Refuses a file whose hash is not the expected one, and removes it.
 * @param {string} file
 * @param {string} integrity such as `sha512-…` in base64
 * @param {string} label what the file is, for the message
 */
export async function verifyIntegrity(file, integrity, label) {
  const [, algorithm, expected] = /^(sha(?:256|384|512))-([A-Za-z0-9+/=]+)$/.exec(integrity) ?? [];
  if (!algorithm || !expected) {
    throw new SetupError({
      what: `The integrity given for ${label} is not a hash.`,
      why: `"${integrity}" does not look like sha512-….`,
      remedy: `Take it from \`npm view ${label} dist.integrity\`.`,
    });
  }
  const hash = crypto.createHash(algorithm);
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk);
  const actual = hash.digest('base64');
  if (actual === expected) return;
  fs.rmSync(file, { force: true });
  throw new SetupError({
    what: `${label} is not the package that was reviewed; it was not unpacked.`,
    why: `Its hash is ${algorithm}-${actual}, expected ${integrity}.`,
    remedy:
      'Do not work around this. Find out whether the registry or the network replaced the package, and report it.',
  });
}

/**
 * Unpacks members of an archive with the system's `tar` (part of Linux, macOS and Windows 10+).
 * @param {string} archive
 * @param {string} folder
 * @param {string[]} members all when empty
 */
export async function unpack(archive, folder, members = []) {
  const result = await run('tar', ['-xzf', archive, '-C', folder, '--no-same-owner', ...members], {
    capture: true,
  });
  if (result.code === 0) return;
  throw new SetupError({
    what: `${path.basename(archive)} could not be unpacked.`,
    why: tail(result.stderr || `tar ended with ${result.code}`),
    remedy: 'Check that `tar` is installed and that the disk is not full, then run the same command again.',
  });
}

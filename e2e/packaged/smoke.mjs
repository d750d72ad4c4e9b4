// The packaged app, as a user would have it: the fuses in its binary, then one start with `--smoke-test`, in which
// the app itself opens its window, starts its processes, runs an inference and loads each native module.
//
//   node e2e/packaged/smoke.mjs [--report=FILE]      after npm run package
//
// Playwright cannot attach here: that is what one of the fuses forbids.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packagedApp } from '../../scripts/lib/packaged.mjs';
import { endTree } from '../../scripts/lib/processes.mjs';
import { checkContents } from './contents.mjs';
import { checkFuses } from './fuses.mjs';

const LIMIT_MS = 60_000;

const { executable, folder, resources } = packagedApp();
const checks = [
  // macOS keeps the fuses in the framework inside the bundle, which the reader finds from the bundle.
  ...(await checkFuses(process.platform === 'darwin' ? folder : executable)),
  ...checkContents(folder, resources),
  ...(await startOnce(executable)),
];
const ok = checks.every((check) => check.ok);
for (const check of checks) {
  console.log(`${check.ok ? 'ok  ' : 'FAIL'}  ${check.name}${check.detail ? `  ${check.detail}` : ''}`);
}
const report = option('report');
if (report) fs.writeFileSync(report, `${JSON.stringify({ ok, checks }, null, 2)}\n`);
process.exitCode = ok ? 0 : 1;

/**
 * Starts the app in a profile of its own and returns its own checks plus one on how it ended.
 * @param {string} app
 * @returns {Promise<Check[]>}
 * @typedef {{name: string, ok: boolean, detail?: string}} Check
 */
async function startOnce(app) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-smoke-'));
  const result = path.join(scratch, 'result.json');
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...sandbox, `--user-data-dir=${path.join(scratch, 'profile')}`, `--smoke-test=${result}`];
  try {
    const ending = await runBounded(app, args);
    const own = readChecks(result);
    return [...own, { name: 'exits with 0 in time', ok: ending.code === 0, detail: ending.detail }];
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} app @param {string[]} args @returns {Promise<{code: number | null, detail: string}>} */
function runBounded(app, args) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(app, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      output += `\n(ended: still running after ${LIMIT_MS / 1000} s)`;
      if (child.pid) endTree(child.pid);
    }, LIMIT_MS);
    const end = (/** @type {number | null} */ code, /** @type {string | null} */ signal = null) => {
      clearTimeout(timer);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const how = `${signal ?? `code ${code}`} after ${seconds} s`;
      resolve({ code, detail: code === 0 ? `${seconds} s` : `${how}\n${output}` });
    };
    child.on('error', (error) => {
      output += error.message;
      end(null);
    });
    child.on('close', end);
  });
}

/** @param {string} file @returns {Check[]} */
function readChecks(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).checks;
  } catch (error) {
    return [{ name: 'writes its smoke-test result', ok: false, detail: String(error) }];
  }
}

/** @param {string} name */
function option(name) {
  return process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
}

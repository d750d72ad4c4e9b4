// Other people's clients from PyPI, run by pytest against a real Lathe: each set of packages in its own environment.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { repoRoot } from './paths.mjs';
import { endTree } from './processes.mjs';
import { ensureEnvironment, ensurePython } from './python.mjs';
import { totals } from './results.mjs';
import { run } from './run.mjs';

const TESTS_LIMIT_MS = 9 * 60_000;
const START_LIMIT_MS = 30_000;

/**
 * Runs every test in `here` once for each file of requirements, side by side, and writes the totals to `--report=FILE`. Arguments that
 * are not its own go to pytest. Without Python or PyPI it says so and counts what it could not run as skipped.
 * @param {{here: string, requirements: string[],
 *   start: (scratch: string) => Promise<{env: Record<string, string>, stop: () => Promise<void>}>,
 *   more?: (given: {file: string, python: string, scratch: string}) => Promise<{passed: number, failed: number}>}} options
 *   `start` starts what is tested, with a folder of its own; `env` tells the tests where it is; `more` tests on, in the
 *   same environment
 */
export async function runClients({ here, requirements, start, more }) {
  const counted = totals();
  const python = await ensurePython();
  /** @param {string} file */
  const test = async (file) => {
    const full = path.join(here, file);
    const name = fs.readFileSync(full, 'utf8').split('\n')[0] ?? '';
    const environment = python.executable
      ? await ensureEnvironment(python.executable, full)
      : { python: null, problem: python.problem };
    if (environment.python === null) {
      const note = `the tests of the client ${name} not run: ${environment.problem}`;
      console.log(note);
      counted.skipped += 1;
      counted.notes.push(note);
      return;
    }
    console.log(`\n${name}`);
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-client-'));
    try {
      const started = await start(scratch);
      try {
        const { junit, code } = await pytest(environment.python, here, scratch, started.env);
        add(counted, name, junit, code);
      } finally {
        await started.stop();
      }
      if (more) {
        const { passed, failed } = await more({ file, python: environment.python, scratch });
        counted.passed += passed;
        counted.failed += failed;
      }
    } finally {
      fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  // Each has a Lathe of its own, and a client waits for its answers most of the time.
  const ended = await Promise.allSettled(requirements.map(test));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  const report = option('report');
  if (report) fs.writeFileSync(report, JSON.stringify(counted));
  process.exitCode = counted.failed === 0 ? 0 : 1;
}

/** The value of `--NAME=VALUE`. @param {string} name */
export function option(name) {
  return process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
}

/** @param {string} executable @param {string} here @param {string} scratch @param {Record<string, string>} env */
async function pytest(executable, here, scratch, env) {
  const junit = path.join(scratch, 'junit.xml');
  const given = process.argv.slice(2).filter((one) => !/^--(?:report|only)=/.test(one));
  const fixed = [
    '-q',
    '--tb=short',
    '-p',
    'no:cacheprovider',
    `--junitxml=${junit}`,
    '--rootdir',
    here,
    here,
  ];
  const { code } = await run(executable, ['-m', 'pytest', ...fixed, ...given], {
    cwd: scratch,
    env: {
      ...process.env,
      HOME: scratch,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONWARNINGS: 'ignore',
      ...env,
    },
    timeoutMs: TESTS_LIMIT_MS,
  });
  return { junit: fs.existsSync(junit) ? fs.readFileSync(junit, 'utf8') : '', code };
}

/** @param {import('./results.mjs').Totals} counted @param {string} name @param {string} junit @param {number} code */
function add(counted, name, junit, code) {
  const number = (/** @type {string} */ key) =>
    Number(new RegExp(`<testsuite [^>]*\\b${key}="(\\d+)"`).exec(junit)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  const skipped = number('skipped');
  counted.passed += number('tests') - failed - skipped;
  counted.failed += code !== 0 && failed === 0 ? 1 : failed;
  counted.skipped += skipped;
  for (const [, text, reason] of junit.matchAll(
    /<testcase [^>]*name="([^"]+)"[^>]*><skipped[^>]*message="([^"]+)"/g,
  ))
    counted.notes.push(`client test skipped with ${name}: ${text} (${reason})`);
  for (const [, test, message] of junit.matchAll(
    /<testcase [^>]*name="([^"]+)"[^>]*><(?:failure|error)[^>]*message="([^"]*)"/g,
  ))
    counted.failures.push(`client test ${test} with ${name}\n      ${message?.slice(0, 600)}`);
}

/**
 * A built `lathe serve` with a workspace of its own, on free ports.
 * @param {string} workspace
 * @returns {Promise<{urls: Record<string, string>, stop: () => Promise<void>}>}
 */
export function startServer(workspace) {
  const ports = ['ui', 'http', 'grpc', 'mlflow'].flatMap((port) => [`--${port}-port`, '0']);
  const child = spawn(
    process.execPath,
    [path.join(repoRoot, 'out', 'cli', 'lathe.js'), 'serve', '--json', '--workspace', workspace, ...ports],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`lathe serve ended with ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      resolve({ urls: JSON.parse(line).urls, stop: () => endTree(child.pid ?? 0) });
    });
  });
}

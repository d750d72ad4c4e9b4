// The genuine `mlflow` package from PyPI against a real `lathe serve`: each client version in its own environment, with
// its own workspace. Then MLflow's own server beside Lathe: both get the same requests, and give the same answers but
// for peer/differences.mjs.
//
//   node conformance/mlflow/run.mjs [--report=FILE] [--only=3|2] [pytest arguments]

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { repoRoot } from '../../scripts/lib/paths.mjs';
import { endTree } from '../../scripts/lib/processes.mjs';
import { ensureEnvironment, ensurePython } from '../../scripts/lib/python.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { compareWithPeer } from './peer/compare.mjs';
import { startMlflowServer } from './peer/server.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CLIENTS = ['3', '2'];
const TESTS_LIMIT_MS = 6 * 60_000;
const START_LIMIT_MS = 30_000;

const args = process.argv.slice(2);
const only = option('only');
const counted = { passed: 0, failed: 0, skipped: 0, notes: /** @type {string[]} */ ([]) };
const python = await ensurePython();
for (const client of CLIENTS.filter((one) => only === null || one === only)) {
  const requirements = path.join(HERE, `requirements-${client}.txt`);
  const name = fs.readFileSync(requirements, 'utf8').split('\n')[0] ?? '';
  const environment = python.executable
    ? await ensureEnvironment(python.executable, requirements)
    : { python: null, problem: python.problem };
  if (environment.python) {
    await test(name, environment.python);
    if (client === CLIENTS[0]) await testBesidePeer(environment.python);
  } else skip(`the tests of the client ${name} not run: ${environment.problem}`);
}
const report = option('report');
if (report) fs.writeFileSync(report, JSON.stringify(counted));
process.exitCode = counted.failed === 0 ? 0 : 1;

/** @param {string} note */
function skip(note) {
  console.log(note);
  counted.skipped += 1;
  counted.notes.push(note);
}

/** @param {string} name @param {string} executable */
async function test(name, executable) {
  console.log(`\n${name}`);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-mlflow-'));
  const server = await startServer(path.join(scratch, 'workspace'));
  try {
    const junit = path.join(scratch, 'junit.xml');
    const given = args.filter((one) => !one.startsWith('--report=') && !one.startsWith('--only='));
    const { code } = await run(
      executable,
      [
        '-m',
        'pytest',
        '-q',
        '--tb=short',
        '-p',
        'no:cacheprovider',
        `--junitxml=${junit}`,
        '--rootdir',
        HERE,
        HERE,
        ...given,
      ],
      {
        cwd: scratch,
        env: {
          ...process.env,
          HOME: scratch,
          PYTHONDONTWRITEBYTECODE: '1',
          PYTHONWARNINGS: 'ignore',
          MLFLOW_TRACKING_URI: server.url,
          LATHE_SAMPLE_MODEL: path.join(repoRoot, 'resources', 'sample', 'models', 'delay-v1.onnx'),
        },
        timeoutMs: TESTS_LIMIT_MS,
      },
    );
    add(name, fs.existsSync(junit) ? fs.readFileSync(junit, 'utf8') : '', code);
  } finally {
    await server.stop();
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} executable */
async function testBesidePeer(executable) {
  console.log('\nMLflow’s own server, side by side');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-mlflow-peer-'));
  const servers = await Promise.all([
    startServer(path.join(scratch, 'workspace')),
    startMlflowServer(executable, path.join(scratch, 'mlflow')),
  ]);
  const [lathe, mlflow] = servers;
  try {
    const { passed, failed } = await compareWithPeer({ lathe: lathe.url, mlflow: mlflow.url });
    counted.passed += passed;
    counted.failed += failed;
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()));
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} name @param {string} junit @param {number} code */
function add(name, junit, code) {
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
}

/** @param {string} workspace @returns {Promise<{url: string, stop: () => Promise<void>}>} */
function startServer(workspace) {
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
      const { urls } = JSON.parse(line);
      resolve({ url: urls.mlflow, stop: () => endTree(child.pid ?? 0) });
    });
  });
}

/** @param {string} name */
function option(name) {
  return args.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
}

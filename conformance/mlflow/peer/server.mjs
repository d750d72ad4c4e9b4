// MLflow's own server on SQLite, from a Python environment that has mlflow.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { endTree } from '../../../scripts/lib/processes.mjs';

const START_LIMIT_MS = 90_000;

/**
 * @param {string} python
 * @param {string} folder its database, artifacts and log lie there
 * @returns {Promise<{url: string, stop: () => Promise<void>}>}
 */
export async function startMlflowServer(python, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const log = path.join(folder, 'server.log');
  const output = fs.openSync(log, 'w');
  const options = [
    ['--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`],
    ['--artifacts-destination', path.join(folder, 'artifacts')],
    ['--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--serve-artifacts'],
  ];
  const child = spawn(python, ['-m', 'mlflow', 'server', ...options.flat()], {
    cwd: folder,
    env: {
      ...process.env,
      // It starts others by name.
      PATH: `${path.dirname(python)}${path.delimiter}${process.env.PATH}`,
      HOME: folder,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      PYTHONWARNINGS: 'ignore',
    },
    stdio: ['ignore', output, output],
  });
  fs.closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  const stop = () => endTree(child.pid ?? 0);
  const until = Date.now() + START_LIMIT_MS;
  while (!(await answers(url))) {
    if (child.exitCode === null && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    await stop();
    throw new Error(`mlflow server did not start: ${fs.readFileSync(log, 'utf8').slice(-1000)}`);
  }
  return { url, stop };
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

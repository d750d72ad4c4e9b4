// MLflow's own server for a benchmark: `node serve.mjs FOLDER` prints one line of JSON, {python, name, url} or
// {problem}, and runs until its input ends.

import fs from 'node:fs';
import path from 'node:path';
import { ensureEnvironment, ensurePython } from '../../../scripts/lib/python.mjs';
import { startMlflowServer } from './server.mjs';

const requirements = path.join(import.meta.dirname, '..', 'requirements-3.txt');
const { executable, problem } = await ensurePython();
const environment = executable
  ? await ensureEnvironment(executable, requirements)
  : { python: null, problem };
if (environment.python) {
  const server = await startMlflowServer(environment.python, process.argv[2] ?? '.');
  const name = fs.readFileSync(requirements, 'utf8').split('\n')[0];
  console.log(JSON.stringify({ python: environment.python, name, url: server.url }));
  process.stdin.resume();
  process.stdin.once('end', () => void server.stop().then(() => process.exit(0)));
} else console.log(JSON.stringify({ problem: environment.problem }));

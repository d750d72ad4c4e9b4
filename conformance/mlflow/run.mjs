// The genuine `mlflow` package from PyPI against a real `lathe serve`: each client version in its own environment, with
// its own workspace. Then MLflow's own server beside Lathe, with the same requests to both.
//
//   node conformance/mlflow/run.mjs [--report=FILE] [--only=3|2] [pytest arguments]

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { option, runClients, startServer } from '../../scripts/lib/conformance.mjs';
import { repoRoot } from '../../scripts/lib/paths.mjs';
import { compareWithPeer } from './peer/compare.mjs';
import { startMlflowServer } from './peer/server.mjs';

const only = option('only');
const NEWEST = 'requirements-3.txt';

await runClients({
  here: path.dirname(fileURLToPath(import.meta.url)),
  requirements: [NEWEST, 'requirements-2.txt'].filter((file) => only === null || file.includes(`-${only}.`)),
  async start(scratch) {
    const server = await startServer(path.join(scratch, 'workspace'));
    const env = {
      MLFLOW_TRACKING_URI: server.urls.mlflow ?? '',
      LATHE_SAMPLE_MODEL: path.join(repoRoot, 'resources', 'sample', 'models', 'delay-v1.onnx'),
    };
    return { env, stop: server.stop };
  },
  async more({ file, python, scratch }) {
    if (file !== NEWEST) return { passed: 0, failed: 0 };
    console.log('\nMLflow’s own server, side by side');
    const [lathe, mlflow] = await Promise.all([
      startServer(path.join(scratch, 'beside')),
      startMlflowServer(python, path.join(scratch, 'mlflow')),
    ]);
    try {
      return await compareWithPeer({ lathe: lathe.urls.mlflow ?? '', mlflow: mlflow.url });
    } finally {
      await Promise.all([lathe.stop(), mlflow.stop()]);
    }
  },
});

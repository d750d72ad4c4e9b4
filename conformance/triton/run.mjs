// The genuine `tritonclient` package from PyPI, over HTTP and gRPC, against a real `lathe serve` with a few small models.
//
//   node conformance/triton/run.mjs [--report=FILE] [pytest arguments]

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runClients, startServer } from '../../scripts/lib/conformance.mjs';
import { connectToRunning } from '../../src-main/cli/running.ts';
import { uploadFile } from '../../src-main/cli/upload.ts';
import { lookupModel } from '../../src-main/inference/testing/client.ts';
import { ONNX, onnxFile } from '../../src-main/inference/testing/onnx-file.ts';
import { writeSnippets } from './snippets.mjs';

const READY_LIMIT_MS = 30_000;

await runClients({
  here: path.dirname(fileURLToPath(import.meta.url)),
  requirements: ['requirements.txt'],
  async start(scratch) {
    const workspace = path.join(scratch, 'workspace');
    const server = await startServer(workspace);
    try {
      await register(workspace, scratch);
      const { inferenceHttp = '', inferenceGrpc = '' } = server.urls;
      await untilReady(inferenceHttp);
      const snippets = path.join(scratch, 'snippets');
      writeSnippets(snippets, inferenceHttp.replace(/\/$/, ''));
      const env = {
        LATHE_SNIPPETS: snippets,
        LATHE_HTTP: new URL(inferenceHttp).host,
        LATHE_GRPC: inferenceGrpc,
      };
      return { env, stop: server.stop };
    } catch (error) {
      await server.stop();
      throw error;
    }
  },
});

/** Every model, each under an endpoint of its own name. @param {string} workspace @param {string} scratch */
async function register(workspace, scratch) {
  const { rpc, close } = await connectToRunning(workspace);
  const file = path.join(scratch, 'model.onnx');
  const importModel = async (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
    fs.writeFileSync(file, bytes);
    await rpc.models.import({ uploadId: await uploadFile(rpc, file), name, description: '' });
  };
  try {
    const models = {
      simple: sumAndDifference(false),
      types: everyType(true),
      json_types: everyType(false),
      lookup: lookupModel(),
    };
    for (const [name, bytes] of Object.entries(models)) {
      await importModel(name, bytes);
      await rpc.serving.create({ name, model: name, version: '1' });
    }
    await importModel('simple', sumAndDifference(true));
    const { revision, sticky, mode, shadow } = await rpc.serving.get({ name: 'simple' });
    const arms = [
      { key: 'a', version: '1', weight: 10_000 },
      { key: 'b', version: '2', weight: 0 },
    ];
    const route = { arms, sticky, mode, shadow };
    await rpc.serving.setRoute({ name: 'simple', revision, route, reason: '' });
  } finally {
    close();
  }
}

/** OUTPUT0 = INPUT0 + INPUT1, OUTPUT1 = INPUT0 - INPUT1; version 2 has them the other way round. @param {boolean} swapped */
function sumAndDifference(swapped) {
  const tensor = (/** @type {string} */ name) => ({ name, type: ONNX.INT32, shape: ['N', 16] });
  const inputs = ['INPUT0', 'INPUT1'];
  const [sum, difference] = swapped ? ['OUTPUT1', 'OUTPUT0'] : ['OUTPUT0', 'OUTPUT1'];
  return onnxFile({
    nodes: [
      { op: 'Add', inputs, outputs: [sum] },
      { op: 'Sub', inputs, outputs: [difference] },
    ],
    inputs: inputs.map(tensor),
    outputs: ['OUTPUT0', 'OUTPUT1'].map(tensor),
  });
}

/** One input for each datatype, given back as it came. @param {boolean} half with those that JSON does not carry */
function everyType(half) {
  const names = Object.entries(ONNX).filter(([name]) => half || name !== 'FP16');
  const tensors = (/** @type {string} */ prefix) =>
    names.map(([name, type]) => ({ name: `${prefix}_${name}`, type, shape: ['N', 3] }));
  return onnxFile({
    nodes: names.map(([name]) => ({ op: 'Identity', inputs: [`in_${name}`], outputs: [`out_${name}`] })),
    inputs: tensors('in'),
    outputs: tensors('out'),
  });
}

/** @param {string} url */
async function untilReady(url) {
  const end = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const index = await fetch(`${url}/v2/repository/index`, { method: 'POST', body: '{"ready":true}' })
      .then((response) => response.json())
      .catch(() => []);
    if (index.length === 5) return;
    if (performance.now() > end) throw new Error(`the models did not get ready: ${JSON.stringify(index)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

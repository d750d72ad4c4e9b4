/**
 * The least that a server can be: node:http with the model in its own process, one row a request, nothing checked, nothing
 * batched. What it adds to a run for a single client is what the machine takes for two crossings of the loopback.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-node';
import { ON_CPU } from '../../src-main/inference/model-key.ts';
import { loadModel } from '../../src-main/inference/runner/sessions.ts';
import type { LoadResult } from '../lib/http-load.ts';
import type { HttpClient } from './clients.ts';
import { type BenchModel, INPUT, OUTPUT, packed, rowOf } from './models.ts';

if (process.argv[2] === 'bare') {
  process.once('disconnect', () => process.exit());
  process.once('message', async (model) => {
    process.send?.(await serve(model as BenchModel));
  });
}

async function serve({ name, path, sha256, datatype, shape }: BenchModel): Promise<number> {
  const { session } = await loadModel(name, path, sha256, ON_CPU);
  const read = (body: Buffer) => {
    const { buffer } = new Uint8Array(body);
    return datatype === 'INT64'
      ? new Tensor('int64', new BigInt64Array(buffer), [1, ...shape])
      : new Tensor('float32', new Float32Array(buffer), [1, ...shape]);
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      const { [OUTPUT]: output } = await session.run({ [INPUT]: read(Buffer.concat(parts)) });
      const { buffer, byteOffset, byteLength } = (output as Tensor).data as Float32Array;
      response.end(new Uint8Array(buffer, byteOffset, byteLength));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** One client. */
export async function measureBare(
  model: BenchModel,
  { client, measureMs }: { client: HttpClient; measureMs: number },
): Promise<LoadResult> {
  const child = fork(fileURLToPath(import.meta.url), ['bare'], { execArgv: [] });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message) => resolve(message as number));
      child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
      child.send(model);
    });
    const values = packed(model.datatype, rowOf(model, 0));
    const body = {
      bytes: Buffer.from(values.buffer),
      headers: { 'Content-Type': 'application/octet-stream' },
    };
    return await client.load({
      url: `http://127.0.0.1:${port}/`,
      body,
      clients: 1,
      measureMs,
      slow: model.slow,
    });
  } finally {
    child.kill();
  }
}

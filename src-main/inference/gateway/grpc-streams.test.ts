/** Streams over gRPC, cancelled calls, large and compressed messages, and health that is watched. */
import { gzipSync } from 'node:zlib';
import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, echoModel } from '../testing/client.ts';
import { type GrpcClient, grpcClient } from '../testing/grpc-client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, settled, startStack, until } from '../testing/stack.ts';
import type { GrpcInferRequest, GrpcInferResponse, GrpcStreamResponse } from './grpc-protocol.ts';

let stack: Stack;
let client: GrpcClient;

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 },
    models: [stack.model('echo', '1', echoModel(ONNX.FP32, ['N', 'M']))],
    endpoints: [endpoint('echo', ['1'])],
  });
  await settled(stack);
  await until('the gRPC port opens', () => stack.status()?.listening.grpc != null);
  client = grpcClient(Number(stack.status()?.listening.grpc));
});
afterAll(async () => {
  client.close();
  await stack.close();
});

const request = (value: number, part: object = {}) => ({
  model_name: 'echo',
  id: String(value),
  inputs: [{ name: 'v', datatype: 'FP32', shape: [1, 1] }],
  raw_input_contents: [Buffer.from(Float32Array.of(value).buffer)],
  ...part,
});
const answered = (response: GrpcInferResponse | null) =>
  (response?.raw_output_contents[0] as Buffer | undefined)?.readFloatLE(0);
const metric = async (name: string, more = '') => {
  const text = await (await fetch(stack.url('/metrics'))).text();
  return Number(new RegExp(`^${name}\\{model="echo".*${more}\\} (\\d+)$`, 'm').exec(text)?.[1]);
};
const queuedRows = () => metric('lathe_queued_rows');
const cancelled = () => metric('nv_inference_request_failure', 'reason="CANCELED"');
/** Runs `act` while the runner stands still, with one request in it. */
async function withRunnerStopped(act: () => Promise<void>): Promise<void> {
  process.kill(stack.pid('runner'), 'SIGSTOP');
  const running: Promise<unknown>[] = [];
  try {
    await until('one waits', async () => {
      running.push(client.call('ModelInfer', request(0)));
      return (await queuedRows()) > 0;
    });
    await act();
  } finally {
    process.kill(stack.pid('runner'), 'SIGCONT');
  }
  await Promise.all(running);
}

describe('a stream', () => {
  it('answers every request in its turn, and an error in its turn too', async () => {
    const stream = client.stream();
    const answers: GrpcStreamResponse[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      stream.on('data', (answer: GrpcStreamResponse) => answers.push(answer));
      stream.on('end', resolve);
      stream.on('error', reject);
    });
    // Far more than may be under way at once.
    const count = 2_000;
    for (let n = 0; n < count; n++)
      stream.write(n === 700 ? request(n, { raw_input_contents: [Buffer.alloc(3)] }) : request(n));
    stream.end();
    await ended;
    expect(answers).toHaveLength(count);
    answers.forEach(({ error_message, infer_response }, n) => {
      expect(infer_response?.id).toBe(String(n));
      expect(infer_response?.parameters.triton_final_response?.bool_param).toBe(true);
      if (n === 700) expect(error_message).toContain('unexpected total byte size 3');
      else expect([error_message, answered(infer_response)]).toEqual(['', n]);
    });
  });
  it('that is cancelled takes what it had queued with it', async () => {
    await withRunnerStopped(async () => {
      const before = await queuedRows();
      const counted = await cancelled();
      const stream = client.stream();
      stream.on('error', () => {});
      for (let n = 0; n < 20; n++) stream.write(request(n));
      await until('they wait', async () => (await queuedRows()) === before + 20);
      stream.cancel();
      await until('they do not', async () => (await queuedRows()) === before);
      expect(await cancelled()).toBe(counted + 20);
    });
    expect(answered(await client.call('ModelInfer', request(5)))).toBe(5);
  });
});

describe('a call', () => {
  it('that is cancelled, or whose deadline passes, leaves the queue', async () => {
    await withRunnerStopped(async () => {
      const before = await queuedRows();
      const counted = await cancelled();
      const failed: Promise<number | undefined>[] = [];
      const calls = [0, 1, 2].map(() => {
        const call = client.start('ModelInfer', request(1), new Metadata());
        failed.push(
          call.done.then(
            () => undefined,
            (error: { code: number }) => error.code,
          ),
        );
        return call;
      });
      await until('they wait', async () => (await queuedRows()) === before + 3);
      for (const call of calls) call.cancel();
      expect(await Promise.all(failed)).toEqual([status.CANCELLED, status.CANCELLED, status.CANCELLED]);
      await until('they do not', async () => (await queuedRows()) === before);
      const late = client.start('ModelInfer', request(1), new Metadata(), { deadline: Date.now() + 200 });
      await expect(late.done).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
      await until('it does not wait', async () => (await queuedRows()) === before);
      expect(await cancelled()).toBe(counted + 4);
    });
  });
  it('with parameters of the wrong kind is refused', async () => {
    for (const parameters of [
      { priority: { int64_param: '-1' } },
      { timeout: { string_param: 'soon' } },
      { lathe_event_ms: { double_param: 1.5 } },
    ])
      await expect(client.call('ModelInfer', request(1, { parameters }))).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
    const parameters = { priority: { uint64_param: '1' }, timeout: { int64_param: '20000000' } };
    expect(answered(await client.call('ModelInfer', request(1, { parameters })))).toBe(1);
  });
  it('with shared memory or classes is refused as unimplemented', async () => {
    const shared = { shared_memory_region: { string_param: 'r' } };
    const inputs = [{ name: 'v', datatype: 'FP32', shape: [1, 1], parameters: shared }];
    const outputs = [{ name: 'y', parameters: { classification: { int64_param: '3' } } }];
    for (const part of [{ inputs }, { outputs }])
      await expect(client.call('ModelInfer', request(1, part))).rejects.toMatchObject({
        code: status.UNIMPLEMENTED,
      });
  });
});

describe('a message', () => {
  const rows = (bytes: number): Partial<GrpcInferRequest> => ({
    inputs: [
      { name: 'v', datatype: 'FP32', shape: ['1', String(bytes / 4)], parameters: {}, contents: null },
    ],
    raw_input_contents: [Buffer.alloc(bytes)],
  });

  it('may be large, both ways, up to the limit and compressed', async () => {
    const bytes = LIMITS.maxBodyBytes - 1024;
    for (const gzip of [false, true]) {
      const one = grpcClient(Number(stack.status()?.listening.grpc), { gzip });
      const answer = await one.call<GrpcInferResponse>('ModelInfer', request(1, rows(bytes)));
      expect(answer.raw_output_contents[0]?.length).toBe(bytes);
      one.close();
    }
  });
  it('beyond the limit, before or after unpacking, is refused, and costs nobody else', async () => {
    const large = request(1, rows(10 * LIMITS.maxBodyBytes));
    for (const gzip of [false, true]) {
      const one = grpcClient(Number(stack.status()?.listening.grpc), { gzip });
      await expect(one.call('ModelInfer', large)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
      expect(answered(await client.call('ModelInfer', request(3)))).toBe(3);
      one.close();
    }
    expect(gzipSync(Buffer.alloc(10 * LIMITS.maxBodyBytes)).length).toBeLessThan(LIMITS.maxBodyBytes / 10);
  });
  it('that is no such message ends its own call only', async () => {
    await expect(client.raw('ModelInfer', Buffer.from([0xff, 0xff, 0xff]))).rejects.toMatchObject({
      code: status.INTERNAL,
    });
    await expect(client.raw('NoSuchMethod', Buffer.alloc(0))).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
    expect(answered(await client.call('ModelInfer', request(4)))).toBe(4);
  });
});

describe('the rest of the service', () => {
  it('tells configuration, statistics and the repository as HTTP does', async () => {
    const http = async (path: string) =>
      (await fetch(stack.url(path))).json() as Promise<Record<string, unknown>>;
    const { config } = await client.call<{ config: Record<string, unknown> }>('ModelConfig', {
      name: 'echo',
    });
    expect(config).toMatchObject({
      name: 'echo',
      backend: 'onnxruntime',
      max_batch_size: LIMITS.maxBatchRows,
    });
    expect(config.input).toMatchObject([{ name: 'v', data_type: 'TYPE_FP32', dims: ['-1'] }]);
    type Rows = { model_stats: { name: string; inference_count: string | number }[] };
    const stats = await client.call<Rows>('ModelStatistics', { name: 'echo', version: '1' });
    const same = (await http('/v2/models/echo/versions/1/stats')) as Rows;
    expect(Number(stats.model_stats[0]?.inference_count)).toBe(same.model_stats[0]?.inference_count);
    expect(await client.call('RepositoryIndex', { ready: true })).toEqual({
      models: [{ name: 'echo', version: '1', state: 'READY', reason: '' }],
    });
    for (const method of ['ModelConfig', 'ModelStatistics'])
      await expect(client.call(method, { name: 'nobody' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    for (const method of [
      'SystemSharedMemoryStatus',
      'CudaSharedMemoryRegister',
      'TraceSetting',
      'LogSettings',
    ])
      await expect(client.call(method, {})).rejects.toMatchObject({
        code: status.UNIMPLEMENTED,
        details: expect.stringMatching(
          /does not do (system shared memory|CUDA shared memory|(trace|log) settings)/,
        ),
      });
  });
  it('lets health be watched while a model goes and comes back', async () => {
    const seen: string[] = [];
    const watch = client.watch('echo');
    watch.on('data', ({ status: now }: { status: string }) => seen.push(now));
    watch.on('error', () => {});
    const unknown = client.watch('nobody');
    unknown.on('error', () => {});
    const first = new Promise((resolve) => unknown.once('data', resolve));
    expect(await first).toEqual({ status: 'SERVICE_UNKNOWN' });
    await until('the first word', () => seen.length === 1);
    await client.call('RepositoryModelUnload', { model_name: 'echo' });
    await until('the second', () => seen.length === 2);
    expect(await client.check('echo')).toEqual({ status: 'NOT_SERVING' });
    // The server as a whole is as ready as before: it was taken out on purpose.
    expect(await client.check('')).toEqual({ status: 'SERVING' });
    expect(await client.call('ServerReady', {})).toEqual({ ready: true });
    await client.call('RepositoryModelLoad', { model_name: 'echo' });
    await until('the third', () => seen.length === 3);
    expect(seen).toEqual(['SERVING', 'NOT_SERVING', 'SERVING']);
    expect(await client.check('inference.GRPCInferenceService')).toEqual({ status: 'SERVING' });
    await expect(client.check('nobody')).rejects.toMatchObject({ code: status.NOT_FOUND });
    watch.cancel();
    unknown.cancel();
  });
  it('says that the server is not ready when a model failed to load, until that one is taken out', async () => {
    const echo = () => stack.model('echo', '1', echoModel(ONNX.FP32, ['N', 'M']));
    const corrupt = stack.model('bad', '1', Buffer.from('no model'));
    stack.apply({ models: [echo(), corrupt], endpoints: [endpoint('echo', ['1']), endpoint('bad', ['1'])] });
    await until(
      'it has failed',
      () => stack.status()?.models.some(({ state }) => state === 'failed') === true,
    );
    const words = async () => [
      (await client.check('')).status,
      (await client.call<{ ready: boolean }>('ServerReady', {})).ready,
      (await fetch(stack.url('/v2/health/ready'))).status,
    ];
    expect(await words()).toEqual(['NOT_SERVING', false, 400]);
    expect(await client.call('ModelReady', { name: 'bad' })).toEqual({ ready: false });
    await client.call('RepositoryModelUnload', { model_name: 'bad' });
    expect(await words()).toEqual(['SERVING', true, 200]);
    stack.apply({ models: [echo()], endpoints: [endpoint('echo', ['1'])] });
    await settled(stack);
  });
  it('says of a model or version that is not there that it is not ready', async () => {
    const ready = (name: string, version = '') => client.call('ModelReady', { name, version });
    expect(await ready('echo')).toEqual({ ready: true });
    expect(await ready('echo', '1')).toEqual({ ready: true });
    expect(await ready('nobody')).toEqual({ ready: false });
    expect(await ready('nobody', '1')).toEqual({ ready: false });
    expect(await ready('echo', '7')).toEqual({ ready: false });
    await expect(ready('echo', 'latest')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
  it('ends streams that are open when its port moves, after what they had asked', async () => {
    const stream = client.stream();
    const answers: GrpcStreamResponse[] = [];
    stream.on('data', (answer: GrpcStreamResponse) => answers.push(answer));
    const ended = new Promise((resolve) => stream.on('end', () => resolve('ended')));
    stream.write(request(9));
    await until('it is answered', () => answers.length === 1);
    const port = stack.status()?.listening.grpc;
    stack.apply({ listen: { host: '127.0.0.1', httpPort: 0, grpcPort: -1 } });
    expect(await ended).toBe('ended');
    stack.apply({ listen: { host: '127.0.0.1', httpPort: 0, grpcPort: port ?? 0 } });
    await until('the port opens again', () => stack.status()?.listening.grpc === port);
    const { infer } = clientOf(() => stack);
    await infer('echo', { inputs: [{ name: 'v', shape: [1, 1], datatype: 'FP32', data: [1] }] });
  });
});

/**
 * What runs a model, on the real processes. Nothing here finds CUDA's files, GPU or not: the runner of the tests is
 * started without the folder that holds them. So CUDA is the provider that cannot.
 */
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceOrder } from '../../platform/link.ts';
import { clientOf, type Failure, rowsOfFour } from '../testing/client.ts';
import { endpoint, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
const { post, infer, refused } = clientOf(() => stack);
afterEach(async () => stack?.close());

const ROW = rowsOfFour([[1, 2, 3, 4]]);
const AUTO: DeviceOrder = { provider: 'cuda', fallback: true, refused: null };
const CUDA: DeviceOrder = { provider: 'cuda', fallback: false, refused: null };
const CPU: DeviceOrder = { provider: 'cpu', fallback: false, refused: null };
const file = () => sampleFile('e2e/fixtures/models/custom-shape.onnx');
const serve = (device: DeviceOrder) =>
  stack.apply({ models: [stack.model('m', '1', file(), { device })], endpoints: [endpoint('m', ['1'])] });
const held = () => stack.status()?.models.find(({ key }) => key === 'm@1');

describe('a provider that cannot be loaded', () => {
  it('leaves a model that may fall back on the CPU, and says why', async () => {
    stack = await startStack();
    serve(AUTO);
    await settled(stack);
    expect(held()).toMatchObject({
      state: 'ready',
      provider: 'cpu',
      fallback: expect.stringMatching(/^cuda: .+/),
      error: null,
    });
    expect((await infer('m', ROW)).status).toBe(200);
  });

  it('fails a model that a person put there, with a code of its own, and harms no other', async () => {
    stack = await startStack();
    stack.apply({
      models: [stack.model('m', '1', file(), { device: CUDA }), stack.model('other', '1', file())],
      endpoints: [endpoint('m', ['1']), endpoint('other', ['1'])],
    });
    await settled(stack);
    expect(held()).toMatchObject({
      state: 'failed',
      error: { code: 'LATHE_SERVING_PROVIDER', details: { name: 'm', version: '1', provider: 'cuda' } },
    });
    expect(await refused('m', ROW)).toBe('503 LATHE_SERVING_MODEL_UNAVAILABLE');
    const { json } = await post('/v2/models/m/infer', ROW);
    expect((json as Failure).cause).toContain('is to run on cuda, which cannot do it');
    expect((await infer('other', ROW)).status).toBe(200);
  });

  it('known to be unusable is not even tried', async () => {
    stack = await startStack();
    serve({ ...CUDA, refused: 'it ended the process that tried it' });
    await settled(stack);
    expect(held()?.error?.cause).toContain('it ended the process that tried it');
    const pid = stack.pid('runner');
    serve(CPU);
    await until('it runs', () => held()?.state === 'ready');
    expect(stack.pid('runner')).toBe(pid);
  });
});

describe('a model that is moved while it serves', () => {
  it('goes on where it was when the new place cannot run it, and loses no request', async () => {
    stack = await startStack();
    serve(CPU);
    await settled(stack);
    let asking = true;
    const statuses: number[] = [];
    const clients = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (asking) statuses.push((await post('/v2/models/m/infer', ROW)).status);
      }),
    );
    serve(CUDA);
    await until('it is refused', () => held()?.error?.code === 'LATHE_SERVING_PROVIDER');
    expect(held()).toMatchObject({ state: 'ready', provider: 'cpu' });
    serve(AUTO);
    await until('it falls back', () => held()?.fallback !== null);
    expect(held()).toMatchObject({ state: 'ready', provider: 'cpu', error: null });
    serve(CPU);
    await until('it is back', () => held()?.fallback === null);
    const before = statuses.length;
    await until('some were answered', () => statuses.length > before + 20);
    asking = false;
    await clients;
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('the threads of a model', () => {
  it.skipIf(process.platform !== 'linux')('are as many as were chosen; of a tiny one, one', async () => {
    stack = await startStack();
    const pool = () => readdirSync(`/proc/${stack.pid('runner')}/task`).length;
    const serves = async (device: DeviceOrder) => {
      serve(device);
      await settled(stack);
      expect((await infer('m', ROW)).status).toBe(200);
    };
    await serves({ ...CPU, threads: 1 });
    const alone = pool();
    // A run has the thread of the runner, and those of the session's pool. The new session is there a moment later.
    await serves({ ...CPU, threads: 5 });
    await expect.poll(pool, { timeout: 10_000 }).toBe(alone + 4);
    await serves(CPU);
    await expect.poll(pool, { timeout: 10_000 }).toBe(alone);
  });
});

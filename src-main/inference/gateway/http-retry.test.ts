/** A refused request over HTTP is told when it is worth coming again. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, type Failure, rowsOfFour } from '../testing/client.ts';
import { endpoint, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';
import { retryAfter } from './http-send.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
const PATH = '/v2/models/custom/infer';
const row = rowsOfFour([[1, 2, 3, 4]]);

beforeAll(async () => {
  stack = await startStack();
  const custom = sampleFile('e2e/fixtures/models/custom-shape.onnx');
  stack.apply({
    models: [stack.model('custom', '1', custom, { tuning: { maxQueueRows: 4 } })],
    endpoints: [endpoint('custom', ['1'])],
  });
  await settled(stack);
});
afterAll(() => stack.close());

describe('Retry-After', () => {
  it('comes with every 503 of an inference, and with nothing else', async () => {
    const hurried = { ...row, parameters: { timeout: 1 } };
    const plain = await post(PATH, hurried);
    expect([plain.status, plain.headers.get('retry-after')]).toEqual([503, '1']);
    // A request of this form goes the long way, through Node's server.
    const packed = await fetch(stack.url(PATH), {
      method: 'POST',
      body: gzipSync(JSON.stringify(hurried)),
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect([packed.status, packed.headers.get('retry-after')]).toEqual([503, '1']);
    const wrong = await post(PATH, {});
    expect([wrong.status, wrong.headers.get('retry-after')]).toEqual([400, null]);
    const right = await post(PATH, row);
    expect([right.status, right.headers.get('retry-after')]).toEqual([200, null]);
  });

  it('comes with the refusals of a full queue and of an unloaded model', async () => {
    process.kill(stack.pid('runner'), 'SIGSTOP');
    const sent: ReturnType<typeof post>[] = [];
    const answered: Awaited<ReturnType<typeof post>>[] = [];
    try {
      await until('one is refused', () => {
        const one = post(PATH, row);
        sent.push(one);
        void one.then((answer) => answered.push(answer));
        return answered.length > 0;
      });
    } finally {
      process.kill(stack.pid('runner'), 'SIGCONT');
    }
    await Promise.all(sent);
    const [full] = answered;
    expect([full?.status, (full?.json as Failure | undefined)?.code]).toEqual([
      503,
      'LATHE_SERVING_OVERLOADED',
    ]);
    expect(full?.headers.get('retry-after')).toBe('1');
    await fetch(stack.url('/v2/repository/models/custom/unload'), { method: 'POST' });
    const gone = await post(PATH, row);
    expect([gone.status, (gone.json as Failure).code]).toEqual([503, 'LATHE_SERVING_MODEL_UNAVAILABLE']);
    expect(gone.headers.get('retry-after')).toBe('1');
  });

  it('is the estimate in whole seconds, of which there is at least one and at most half a minute', () => {
    const of = (retryAfterMs: number) => retryAfter({ details: { retryAfterMs } });
    expect([1, 1_000, 1_001, 29_001, 600_000].map(of)).toEqual(['1', '1', '2', '30', '30']);
    expect(retryAfter({ details: {} })).toBe('1');
  });
});

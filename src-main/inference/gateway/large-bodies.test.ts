/** Bodies that a socket does not hold at once, through the real processes. */
import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { binaryBody, clientOf, echoModel, readBinary } from '../testing/client.ts';
import { loopModel, rounds } from '../testing/loop-model.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
/** Closed once. */
let close = async () => {};
afterEach(() => close());

const foldersOf = (pid: number): string[] =>
  existsSync('/dev/shm')
    ? readdirSync('/dev/shm').filter((name) => name.startsWith(`lathe-batches-${pid}-`))
    : [];

async function echo(width: number, seed: number): Promise<'right' | 'wrong' | number> {
  const sent = Float32Array.from({ length: width }, (_, at) => seed + at);
  const bytes = new Uint8Array(sent.buffer);
  const { body, headers } = binaryBody(
    {
      inputs: [
        { name: 'v', shape: [1, width], datatype: 'FP32', parameters: { binary_data_size: bytes.length } },
      ],
      parameters: { binary_data_output: true },
    },
    [bytes],
  );
  const response = await fetch(stack.url('/v2/models/echo/infer'), { method: 'POST', body, headers });
  if (response.status !== 200) {
    await response.text();
    return response.status;
  }
  const { tail } = await readBinary(response);
  return Buffer.from(bytes).equals(tail) ? 'right' : 'wrong';
}

async function serve(): Promise<void> {
  stack = await startStack();
  close = async () => {
    close = async () => {};
    await stack.close();
  };
  stack.apply({
    limits: { ...LIMITS, maxBodyBytes: 32 * 1024 * 1024 },
    models: [
      stack.model('echo', '1', echoModel(ONNX.FP32, ['N', 'M'])),
      stack.model('loop', '1', loopModel({ rows: true }), { tuning: { maxBatchRows: 1 } }),
    ],
    endpoints: [endpoint('echo', ['1']), endpoint('loop', ['1'])],
  });
  await settled(stack);
}

describe('large bodies', () => {
  it('come back as they went, many at once, also while runners are killed; nothing is left of them', async () => {
    await serve();
    const gateway = stack.pid('gateway');
    const answers: (string | number)[] = [];
    let running = true;
    const client = async (seed: number) => {
      for (let turn = 0; running; turn++) {
        // Of a few rows each below, at and above what goes by file.
        answers.push(
          await echo([1_000, 20_000, 60_000, 300_000][(seed + turn) % 4] as number, seed * 1_000 + turn),
        );
        if (answers.at(-1) === 503) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const clients = Array.from({ length: 12 }, (_, seed) => client(seed));
    for (let kill = 0; kill < 2; kill++) {
      const before = answers.filter((answer) => answer === 'right').length;
      await until('they are answered', () => answers.filter((one) => one === 'right').length > before + 100);
      expect(foldersOf(gateway)).toHaveLength(existsSync('/dev/shm') ? 1 : 0);
      process.kill(stack.pid('runner'), 'SIGKILL');
    }
    const before = answers.length;
    await until(
      'they are answered again',
      () => answers.slice(before).filter((one) => one === 'right').length > 50,
    );
    running = false;
    await Promise.all(clients);
    expect(new Set(answers.filter((answer) => answer !== 503))).toEqual(new Set(['right']));
    await close();
    expect(foldersOf(gateway)).toEqual([]);
  });

  it('of a gateway that was killed are removed by the next', async () => {
    await serve();
    const gateway = stack.pid('gateway');
    expect(await echo(60_000, 1)).toBe('right');
    process.kill(gateway, 'SIGKILL');
    await until('another serves', async () => {
      if (stack.pid('gateway') === gateway) return false;
      return (await echo(60_000, 2).catch(() => 0)) === 'right';
    });
    expect(foldersOf(gateway)).toEqual([]);
  });

  it.each([
    ['by file', 300_000, 3],
    // It takes its time in client and gateway too.
    ['by the socket', 2_200_000, 12],
  ])('are answered when their run ends, not with the run behind it: %s', async (_, width, times) => {
    await serve();
    const timed = async <T>(work: Promise<T>) => {
      const answer = await work;
      return { answer, atMs: performance.now() };
    };
    let n = 1_000;
    for (let tookMs = 0; tookMs < 60; n *= 2) {
      const beganMs = performance.now();
      expect((await post('/v2/models/loop/infer', rounds(n))).status).toBe(200);
      tookMs = performance.now() - beganMs;
    }
    expect(await echo(width, 1)).toBe('right');
    const long = rounds(n * times);
    // The first holds the device until both others wait; the echo goes next, and the second loop, a
    // full batch of one row, right behind it.
    const first = timed(post('/v2/models/loop/infer', long));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const large = timed(echo(width, 2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = timed(post('/v2/models/loop/infer', long));
    const [one, two, three] = await Promise.all([first, large, second]);
    expect([one.answer.status, two.answer, three.answer.status]).toEqual([200, 'right', 200]);
    const runMs = three.atMs - one.atMs;
    expect(two.atMs - one.atMs).toBeLessThan(runMs / 2);
  });
});

/** Large JSON in numbers that cannot be read in time, at a real gateway: shed, and nobody else hears of it. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, rowsOfFour } from '../testing/client.ts';
import { endpoint, LIMITS, type Stack, sampleFile, settled, startStack } from '../testing/stack.ts';

const MIB = 1024 * 1024;
const CLIENTS = 200;
let stack: Stack;
const { infer } = clientOf(() => stack);

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    // Two hundred large bodies take a busy machine long to send.
    limits: { ...LIMITS, requestTimeoutMs: 60_000 },
    models: [stack.model('custom', '1', sampleFile('e2e/fixtures/models/custom-shape.onnx'))],
    endpoints: [endpoint('custom', ['1'])],
  });
  await settled(stack);
});
afterAll(() => stack.close());

/** One row, in a body that takes long to read. */
const body = (): Buffer => {
  const filler = Array.from({ length: 500_000 }, (_, n) => (n % 97 === 0 ? `"${n}"` : `${n}.5`));
  const rest = JSON.stringify(rowsOfFour([[1, 2, 3, 4]]));
  return Buffer.from(`{"parameters":{"filler":[${filler}]},${rest.slice(1)}`);
};

type Answer = { status: number; head: string; text: string };
function post(bytes: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(stack.url('')).port), '127.0.0.1');
    let text = '';
    socket.write(
      `POST /v2/models/custom/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.write(bytes);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), head, text: rest.join('') });
    });
  });
}

const figures = async () => (await fetch(stack.url('/metrics'))).text();
const metric = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(await figures())?.[1] ?? 0);

describe('two hundred large bodies at once', () => {
  it('are answered or refused, within memory, while a small request is answered', async () => {
    const large = body();
    const before = await metric('process_resident_memory_bytes');
    let done = false;
    let peak = 0;
    let small = 0;
    const ask = async () => {
      while (!done) {
        await infer('custom', rowsOfFour([[1, 2, 3, 4]]));
        small += 1;
        peak = Math.max(peak, await metric('process_resident_memory_bytes'));
      }
    };
    const asking = ask();
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => post(large)));
    done = true;
    await asking;
    const refused = answers.filter(({ status }) => status !== 200);
    expect([...new Set(refused.map(({ status }) => status))]).toEqual([503]);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(CLIENTS);
    for (const { head, text } of refused) {
      expect(head).toMatch(/^Retry-After: \d+$/im);
      expect(text).toContain('LATHE_SERVING_OVERLOADED');
    }
    // The others' work is not theirs.
    expect(small).toBeGreaterThan(1);
    // 256 MiB that are received, as much that waits, what reading one takes, and what the collector leaves lying.
    expect((peak - before) / MIB).toBeLessThan(900);
  }, 120_000);
});

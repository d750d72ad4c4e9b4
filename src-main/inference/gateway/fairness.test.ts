/** Two models on one device with real processes: one is flooded, the other is asked by one client that waits for each answer. */
import { afterEach, expect, it } from 'vitest';
import { clientOf } from '../testing/client.ts';
import { loopModel, rounds } from '../testing/loop-model.ts';
import { endpoint, type Stack, settled, startStack } from '../testing/stack.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
afterEach(async () => stack?.close());

/** A run of some milliseconds. No two requests fit into one batch of it. */
const LONG = rounds(8_000);
const FLOOD = 24;
const ASKED = 12;

it('a flooded model does not starve the other: each of its answers waits for a few runs, not for the whole queue', async () => {
  stack = await startStack();
  stack.apply({
    models: [stack.model('flooded', '1', loopModel()), stack.model('quiet', '1', loopModel())],
    endpoints: [endpoint('flooded', ['1']), endpoint('quiet', ['1'])],
  });
  await settled(stack);
  let asking = true;
  let answered = 0;
  const flood = Promise.all(
    Array.from({ length: FLOOD }, async () => {
      while (asking) {
        const { status } = await post('/v2/models/flooded/infer', LONG);
        if (status === 200) answered += 1;
      }
    }),
  );
  await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(FLOOD);

  const meanwhile: number[] = [];
  for (let at = 0; at < ASKED; at++) {
    const before = answered;
    expect((await post('/v2/models/quiet/infer', LONG)).status).toBe(200);
    meanwhile.push(answered - before);
  }
  asking = false;
  await flood;
  // In turn it would be as many as wait. Those that came in one bundle with another answer are allowed for.
  const median = meanwhile.toSorted((a, b) => a - b)[ASKED / 2] as number;
  expect(median, meanwhile.join(' ')).toBeLessThanOrEqual(FLOOD / 4);
  // And the flooded one is served all the same.
  expect(meanwhile.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
}, 60_000);

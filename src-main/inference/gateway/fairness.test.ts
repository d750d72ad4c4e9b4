/** Two models on one device with real processes: one is flooded, the other is asked by one client that waits for each answer. */
import { afterEach, expect, it } from 'vitest';
import { clientOf } from '../testing/client.ts';
import { loopModel, rounds } from '../testing/loop-model.ts';
import { endpoint, type Stack, settled, startStack } from '../testing/stack.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
afterEach(async () => stack?.close());

const FLOOD = 24;
const ASKED = 12;
/** So many of these are more than half of a second, from which on models take turns, and less than is refused at the door. */
const RUN_MS = 32;
const FEW_ROUNDS = 8_000;

/** A request that runs about RUN_MS on this machine. No two fit into one batch. */
async function longRun() {
  const taken: number[] = [];
  for (let at = 0; at < 8; at++) {
    const beganMs = performance.now();
    await post('/v2/models/quiet/infer', rounds(FEW_ROUNDS));
    taken.push(performance.now() - beganMs);
  }
  return rounds(Math.round((FEW_ROUNDS * RUN_MS) / Math.min(...taken)));
}

it('a flooded model does not starve the other: each of its answers waits for a few runs, not for the whole queue', async () => {
  stack = await startStack();
  stack.apply({
    models: [stack.model('flooded', '1', loopModel()), stack.model('quiet', '1', loopModel())],
    endpoints: [endpoint('flooded', ['1']), endpoint('quiet', ['1'])],
  });
  await settled(stack);
  const long = await longRun();
  let asking = true;
  let answered = 0;
  const flood = Promise.all(
    Array.from({ length: FLOOD }, async () => {
      while (asking) {
        const { status } = await post('/v2/models/flooded/infer', long);
        if (status === 200) answered += 1;
      }
    }),
  );
  await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(FLOOD);

  const meanwhile: number[] = [];
  for (let at = 0; at < ASKED; at++) {
    const before = answered;
    expect((await post('/v2/models/quiet/infer', long)).status).toBe(200);
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

/** What runs aside: only on an idle device, once, and in nobody's way for long. */
import { describe, expect, it } from 'vitest';
import { batcherWorld } from '../testing/batcher-world.ts';

describe('what runs aside', () => {
  it('begins only on an idle device that nobody waits for', () => {
    const w = batcherWorld();
    expect(w.aside('s', [false]).begun).toBe(false);
    w.open('s');
    w.open('m');
    w.submit('m');
    // In the same turn as a request that someone waits for.
    expect(w.aside('s', [false]).begun).toBe(false);
    w.turn();
    expect(w.aside('s', [false]).begun).toBe(false);
    w.answer();
    const { begun, ids } = w.aside('s', [false, false]);
    expect(begun).toBe(true);
    expect(w.running()?.key).toBe('s');
    expect(w.aside('s', [false]).begun).toBe(false);
    const waits = w.submit('m');
    w.turn();
    w.answer();
    expect(ids.map((id) => w.code(id))).toEqual(['ok', 'ok']);
    expect(w.running()?.key).toBe('m');
    w.answer();
    expect(w.code(waits.id)).toBe('ok');
  });

  it('is tried once: a failure fails all of it, and a lost device too', () => {
    const w = batcherWorld();
    w.open('s');
    w.turn();
    const failed = w.aside('s', [false, true, false]);
    w.answer();
    expect(failed.ids.map((id) => w.code(id))).toEqual(Array(3).fill('LATHE_SERVING_RUN_FAILED'));
    expect(w.batches).toHaveLength(1);
    const lost = w.aside('s', [false]);
    w.lose();
    expect(w.code(lost.ids[0] as number)).toBe('LATHE_SERVING_RUNNER_LOST');
    for (const outcomes of w.settled.values()) expect(outcomes.length).toBeLessThanOrEqual(1);
    expect(w.batches).toHaveLength(2);
  });

  it('that never ends is stuck after 2 s, however long a request may take', () => {
    const w = batcherWorld();
    w.open('s');
    w.batcher.configure({ maxQueueDelayUs: 0, maxQueueBytes: 1e9, requestTimeoutMs: 60_000, pipeline: 1 });
    w.turn();
    w.aside('s', [false]);
    w.pass(1_999);
    expect(w.stuck).toEqual([]);
    w.pass(2);
    expect(w.stuck).toEqual(['s']);
  });
});

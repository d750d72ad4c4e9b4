/** Who comes and goes: clients that hang up, a device that is away, models that are taken out. */
import { describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { batcherWorld } from '../testing/batcher-world.ts';
import { simLimits } from '../testing/simulator.ts';
import type { Outcome } from './batcher-types.ts';

const ids = (batch: { payloads: readonly { id: number }[] } | undefined) =>
  batch?.payloads.map((payload) => payload.id);

describe('coming and going', () => {
  it('takes the rows of a client that hung up out of the queue', () => {
    const { batcher, open, batches, submit, turn, answer, settled, code } = batcherWorld();
    open('m');
    submit('m');
    turn();
    const before = submit('m');
    const gone = submit('m');
    const after = submit('m');
    gone.cancel();
    expect(batcher.queuedRows()).toEqual({ m: 2 });
    expect(batcher.queuedRequests()).toEqual({ m: 2 });
    answer();
    expect(ids(batches[1])).toEqual([before.id, after.id]);
    expect([settled.get(gone.id)?.length, code(gone.id)]).toEqual([1, 'LATHE_CANCELLED']);
    submit('m');
    expect(batcher.queuedRows()).toEqual({ m: 1 });
  });

  it('counts what waits by rows and by requests, one in parts as one', () => {
    const { batcher, open, submit, turn } = batcherWorld();
    open('m');
    submit('m');
    turn();
    submit('m', { rows: 3 });
    for (const first of [true, false])
      batcher.submit({
        ...{ key: 'm', shapeKey: 's', rows: 8, bytes: 1, settle() {} },
        payload: { id: 99, rows: 8, shape: 's', poison: false },
        part: { first, allRows: 16 },
      });
    expect([batcher.queuedRows(), batcher.queuedRequests()]).toEqual([{ m: 19 }, { m: 2 }]);
  });

  it('throws away the result of one that hung up while it ran', () => {
    const { open, submit, turn, answer, settled, code } = batcherWorld();
    open('m');
    const ran = submit('m');
    turn();
    ran.cancel();
    expect(code(ran.id)).toBe('LATHE_CANCELLED');
    ran.cancel();
    answer();
    expect(settled.get(ran.id)).toHaveLength(1);
    const answered = submit('m');
    turn();
    answer();
    answered.cancel();
    expect([settled.get(answered.id)?.length, code(answered.id)]).toEqual([1, 'ok']);
  });

  it('keeps the queue while the device is away, but only so long', () => {
    const { batcher, open, submit, turn, lose, pass, code, answer } = batcherWorld();
    open('m');
    const ran = submit('m');
    turn();
    const waited = submit('m');
    batcher.hold('m', 600);
    lose();
    expect(code(ran.id)).toBe('LATHE_SERVING_RUNNER_LOST');
    const later = submit('m');
    pass(500);
    expect(code(waited.id)).toBeUndefined();
    open('m');
    turn();
    answer();
    expect([code(waited.id), code(later.id)]).toEqual(['ok', 'ok']);

    const ranAgain = submit('m');
    turn();
    const waitsInVain = submit('m');
    batcher.hold('m', 700);
    lose();
    pass(200);
    expect([code(ranAgain.id), code(waitsInVain.id)]).toEqual([
      'LATHE_SERVING_RUNNER_LOST',
      'LATHE_SERVING_MODEL_UNAVAILABLE',
    ]);
    expect(code(submit('m').id)).toBe('LATHE_SERVING_MODEL_UNAVAILABLE');
  });

  it('runs first, when the device is back, what had been sent to it and not begun', () => {
    const { batcher, open, submit, turn, lose, answer, batches, code } = batcherWorld({ pipeline: 2 });
    open('m');
    const ran = submit('m').id;
    turn();
    const ahead = Array.from({ length: 8 }, () => submit('m').id);
    turn();
    const after = submit('m').id;
    batcher.hold('m', 600);
    lose();
    expect([code(ran), ...ahead.map(code)]).toEqual([
      'LATHE_SERVING_RUNNER_LOST',
      ...ahead.map(() => undefined),
    ]);
    open('m');
    turn();
    answer();
    answer();
    expect(batches.slice(2).map(ids)).toEqual([ahead, [after]]);
    expect(ahead.map(code)).toEqual(ahead.map(() => 'ok'));
  });

  it('answers what is there before a model is taken out, and says when that is done', () => {
    const { batcher, open, submit, turn, answer, code } = batcherWorld({ settings: { maxBatchRows: 2 } });
    const done: string[] = [];
    open('m');
    const there = [1, 2, 3].map(() => submit('m').id);
    turn();
    batcher.drain('m', () => done.push('m'));
    answer();
    expect(done).toEqual([]);
    answer();
    expect([...there.map(code), ...done]).toEqual(['ok', 'ok', 'ok', 'm']);
    expect(code(submit('m').id)).toBe('LATHE_SERVING_MODEL_UNAVAILABLE');
    batcher.drain('never', () => done.push('never'));
    expect(done).toEqual(['m', 'never']);
  });

  it('refuses what is queued for a model that is dropped, and answers what runs', () => {
    const { batcher, open, submit, turn, answer, code } = batcherWorld();
    open('m');
    const runs = submit('m').id;
    turn();
    const waits = submit('m').id;
    batcher.drop('m', new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE'));
    answer();
    expect([code(runs), code(waits)]).toEqual(['ok', 'LATHE_SERVING_MODEL_UNAVAILABLE']);
  });

  it('holds against a client how long it took to send only where there is a target', () => {
    for (const [sloMs, expected] of [
      [null, 'ok'],
      [1_000, 'LATHE_SERVING_OVERLOADED'],
    ] as const) {
      const { batcher, open, submit, turn, pass, answer } = batcherWorld({ settings: { sloMs } });
      batcher.configure(simLimits({ requestTimeoutMs: 30_000 }));
      open('m');
      pass(3_000);
      submit('m');
      turn();
      let code = '';
      const payload = { id: 99, rows: 1, shape: 's', poison: false };
      const settle = (outcome: Outcome<number>) => {
        code = outcome.ok ? 'ok' : outcome.error.code;
      };
      batcher.submit({ key: 'm', shapeKey: 's', rows: 1, bytes: 1, payload, arrivedMs: 0, settle });
      answer();
      answer();
      expect(code).toBe(expected);
    }
  });
});

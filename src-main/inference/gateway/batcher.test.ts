import { describe, expect, it } from 'vitest';
import { batcherWorld } from '../testing/batcher-world.ts';
import { simErrors, simSettings } from '../testing/simulator.ts';
import { createBatcher } from './batcher.ts';
import type { Outcome } from './batcher-types.ts';

const ids = (batch: { payloads: readonly { id: number }[] } | undefined) =>
  batch?.payloads.map((payload) => payload.id);

describe('batches', () => {
  it('hold what arrived together, and what queued up when the device frees', () => {
    const { open, batches, submit, turn, answer } = batcherWorld();
    open('m');
    submit('m');
    submit('m');
    turn();
    for (let n = 0; n < 12; n++) submit('m');
    turn();
    answer();
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([2, 8, 4]);
  });

  it('wait for company when told to, but not when they are full', () => {
    const { open, batches, submit, turn, answer, pass } = batcherWorld({ maxQueueDelayUs: 5_000 });
    open('m');
    submit('m');
    turn();
    pass(4);
    expect(batches).toHaveLength(0);
    submit('m');
    turn();
    pass(1);
    expect(batches.map((batch) => batch.rows)).toEqual([2]);
    answer();
    for (let n = 0; n < 8; n++) submit('m');
    turn();
    expect(batches.map((batch) => batch.rows)).toEqual([2, 8]);
  });

  it('go to the model whose request came first, and never mix models or shapes', () => {
    const { open, batches, submit, turn, answer, pass } = batcherWorld();
    open('a');
    open('b');
    submit('a');
    turn();
    for (const [key, shape] of [
      ['b', 's'],
      ['a', 's'],
      ['b', 't'],
      ['b', 's'],
    ] as const) {
      pass(1);
      submit(key, { shape });
    }
    for (let n = 0; n < 4; n++) answer();
    const sent = batches.map((batch) => `${batch.key}${batch.payloads[0]?.shape}${batch.rows}`);
    expect(sent).toEqual(['as1', 'bs2', 'as1', 'bt1']);
  });

  it('hold a larger request alone, and each request of a model that cannot share', () => {
    const { open, batches, submit, turn, answer } = batcherWorld();
    open('m');
    open('alone', { batchable: false });
    submit('m', { rows: 3 });
    submit('m', { rows: 20 });
    submit('m', { rows: 2 });
    turn();
    answer();
    answer();
    answer();
    for (let n = 0; n < 3; n++) submit('alone');
    turn();
    answer();
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([3, 20, 2, 1, 1, 1]);
  });

  it('are filled up to the next size where the device plans anew for every size', () => {
    const { open, batches, submit, turn, answer } = batcherWorld({ settings: { padded: true } });
    open('m');
    for (const rows of [3, 8, 1]) {
      for (let n = 0; n < rows; n++) submit('m');
      turn();
      answer();
    }
    expect(batches.map(({ rows, paddedRows }) => [rows, paddedRows])).toEqual([
      [3, 4],
      [8, 8],
      [1, 1],
    ]);
  });

  it('are sent ahead while one runs, but only full ones', () => {
    const { open, batches, submit, turn, answer, sent } = batcherWorld({ pipeline: 2 });
    open('m');
    submit('m');
    turn();
    for (let n = 0; n < 7; n++) submit('m');
    turn();
    expect(sent()).toHaveLength(1);
    for (let n = 0; n < 3; n++) submit('m');
    turn();
    expect(sent().map((batch) => batch.rows)).toEqual([1, 8]);
    answer();
    expect(sent().map((batch) => batch.rows)).toEqual([8]);
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([1, 8, 2]);
  });

  it('survive a dispatch that throws', () => {
    const settled: string[] = [];
    const batcher = createBatcher<number, number>({
      clock: { now: () => 0, monotonic: () => 0 },
      setTimer: () => () => {},
      defer: (callback) => callback(),
      dispatch() {
        throw new Error('cannot encode');
      },
      stuck() {},
      errors: simErrors,
      lagMs: () => 0,
    });
    batcher.open('m', simSettings());
    const settle = (outcome: Outcome<number>) => settled.push(outcome.ok ? 'ok' : outcome.error.code);
    batcher.submit({ key: 'm', shapeKey: '', rows: 1, bytes: 1, payload: 1, settle });
    expect(settled).toEqual(['LATHE_INTERNAL']);
  });

  it('are halved when they fail, until the request that makes them fail fails alone', () => {
    const { open, batches, submit, turn, answer, code } = batcherWorld();
    open('m');
    const sent = Array.from({ length: 8 }, (_, at) => submit('m', { poison: at === 5 }).id);
    turn();
    for (let n = 0; n < 9; n++) answer();
    expect(sent.map(code)).toEqual(sent.map((_, at) => (at === 5 ? 'LATHE_SERVING_RUN_FAILED' : 'ok')));
    expect(batches.map((batch) => batch.rows)).toEqual([8, 4, 4, 2, 1, 1, 2]);
  });
});

describe('the door', () => {
  it('refuses what does not fit into the queue', () => {
    const { batcher, open, submit, turn, code } = batcherWorld({ settings: { maxQueueRows: 4 } });
    open('m');
    submit('m');
    turn();
    const kept = [1, 2, 3, 4].map(() => submit('m').id);
    const refused = submit('m');
    expect(code(refused.id)).toBe('LATHE_SERVING_OVERLOADED');
    expect(kept.map(code)).toEqual([undefined, undefined, undefined, undefined]);
    expect(batcher.queuedRows()).toEqual({ m: 4 });
  });

  it('refuses what would be late for its target, and no other', () => {
    const { batcher, open, submit, turn, code } = batcherWorld({ settings: { sloMs: 50 } });
    open('m');
    for (const rows of [1, 2, 4, 8]) for (let n = 0; n < 4; n++) batcher.observe('m', rows, 4 + rows);
    submit('m');
    turn();
    // 5 ms run, then 12 ms for every 8: what is in the fourth batch would be there after 53 ms.
    const waiting = Array.from({ length: 30 }, () => submit('m').id);
    expect(waiting.map(code)).toEqual(
      waiting.map((_, at) => (at < 24 ? undefined : 'LATHE_SERVING_OVERLOADED')),
    );
    // A client that waits less is refused earlier.
    expect(code(submit('m', {}, 20).id)).toBe('LATHE_SERVING_OVERLOADED');
  });

  it('counts what a request has waited before this process saw it', () => {
    // As above, with so much less of the target; of which never more than a quarter is taken.
    const admitted = [8, 500].map((lagMs) => {
      const { batcher, open, submit, turn, code } = batcherWorld({ settings: { sloMs: 50 }, lagMs });
      open('m');
      for (const rows of [1, 2, 4, 8]) for (let n = 0; n < 4; n++) batcher.observe('m', rows, 4 + rows);
      submit('m');
      turn();
      return Array.from({ length: 30 }, () => submit('m').id).filter((id) => code(id) === undefined).length;
    });
    // 37.8 of 42 ms and 33.75 of 37.5: one run of 5, two batches of 8 in 12 each, a third of (4 + rows) in the first.
    expect(admitted).toEqual([20, 16]);
  });

  it('counts a model’s share of the device, not only its own queue', () => {
    const { batcher, open, submit, turn, code } = batcherWorld({ settings: { sloMs: 100 } });
    for (const key of ['a', 'b']) {
      open(key);
      for (const rows of [1, 8]) for (let n = 0; n < 4; n++) batcher.observe(key, rows, 20);
    }
    submit('a');
    turn();
    for (let n = 0; n < 24; n++) submit('a');
    // Alone it would be there in 40 ms; beside the other's 60 ms it needs twice its own 20.
    const beside = submit('b', {}, 75).id;
    const tighter = submit('b', {}, 60).id;
    expect([code(beside), code(tighter)]).toEqual([undefined, 'LATHE_SERVING_OVERLOADED']);
  });

  it('lets one in when nothing is before it, whatever is expected of it, and learns', () => {
    const { batcher, open, submit, turn, pass, answer, code } = batcherWorld({ settings: { sloMs: 50 } });
    open('m');
    // Measured while the machine was busy with something else.
    for (let n = 0; n < 4; n++) batcher.observe('m', 1, 500);
    let second = '';
    for (let n = 0; n < 20 && second !== 'ok'; n++) {
      const ids = [submit('m').id];
      turn();
      ids.push(submit('m').id);
      pass(5);
      answer();
      answer();
      expect(code(ids[0] ?? -1)).toBe('ok');
      second = code(ids[1] ?? -1) ?? '';
      if (n === 0) expect(second).toBe('LATHE_SERVING_OVERLOADED');
    }
    expect(second).toBe('ok');
  });

  it('lets nothing in for a model that is not there', () => {
    const { submit, code } = batcherWorld();
    expect(code(submit('m').id)).toBe('LATHE_SERVING_MODEL_UNAVAILABLE');
  });
});

describe('time', () => {
  it('answers in time, whether a request waits or runs', () => {
    const { batcher, open, submit, turn, pass, code, settledAt, answer } = batcherWorld();
    open('m');
    const runs = submit('m', {}, 50);
    turn();
    const waits = submit('m', {}, 30);
    const unlimited = submit('m');
    pass(2_000);
    expect([code(runs.id), settledAt.get(runs.id)]).toEqual(['LATHE_SERVING_TIMEOUT', 50]);
    expect([code(waits.id), settledAt.get(waits.id)]).toEqual(['LATHE_SERVING_QUEUE_TIMEOUT', 30]);
    expect([code(unlimited.id), settledAt.get(unlimited.id)]).toEqual(['LATHE_SERVING_TIMEOUT', 1_000]);
    answer();
    expect(batcher.queuedRows()).toEqual({});
  });

  it('keeps fractions of a millisecond', () => {
    const { open, submit, turn, pass, settledAt } = batcherWorld();
    open('m');
    submit('m');
    turn();
    const brief = submit('m', {}, 0.25);
    pass(1);
    expect(settledAt.get(brief.id)).toBe(0.25);
  });

  it('drops before a batch what has become late, and does not shrink the batch for it', () => {
    const { batcher, open, submit, turn, pass, answer, batches, code } = batcherWorld({
      settings: { sloMs: 50 },
    });
    open('m');
    for (const rows of [1, 8]) for (let n = 0; n < 4; n++) batcher.observe('m', rows, 10);
    submit('m');
    turn();
    const early = [submit('m').id, submit('m').id];
    pass(30);
    const later = Array.from({ length: 6 }, () => submit('m').id);
    // The device took 45 ms instead of 10: with 10 more the early ones are late, the others are not.
    pass(15);
    answer();
    expect(early.map(code)).toEqual(['LATHE_SERVING_OVERLOADED', 'LATHE_SERVING_OVERLOADED']);
    expect(ids(batches[1])).toEqual(later);
  });

  it('says when a batch never ends', () => {
    const { open, submit, turn, pass, stuck, code, lose, batcher } = batcherWorld();
    open('m');
    const ran = submit('m').id;
    turn();
    pass(900);
    const waits = submit('m').id;
    expect(stuck).toEqual([]);
    pass(100);
    expect([stuck, code(ran), code(waits)]).toEqual([['m'], 'LATHE_SERVING_TIMEOUT', undefined]);
    batcher.hold('m', 5_000);
    lose();
    open('m');
    turn();
    pass(50);
    expect(stuck).toEqual(['m']);
  });
});

describe('tasks', () => {
  it('have the device to themselves, and take turns with batches', () => {
    const { batcher, open, submit, turn, answer, sent, pass, stuck } = batcherWorld({ pipeline: 2 });
    open('m');
    const begun: string[] = [];
    const task = (key: string) => ({ key, expectedMs: 5, limitMs: 100, start: () => void begun.push(key) });
    submit('m');
    turn();
    for (let n = 0; n < 8; n++) submit('m');
    batcher.occupy(task('first'));
    batcher.occupy(task('second'));
    turn();
    // Nothing is sent ahead while a task waits.
    expect([sent().length, begun]).toEqual([1, []]);
    answer();
    expect([sent().length, begun]).toEqual([0, ['first']]);
    batcher.taskDone();
    turn();
    expect([sent().map((batch) => batch.rows), begun]).toEqual([[8], ['first']]);
    answer();
    expect(begun).toEqual(['first', 'second']);
    pass(100);
    expect(stuck).toEqual(['second']);
  });
});

describe('priorities', () => {
  it('go first, but only before what a quarter of the target later: nobody starves', () => {
    const { open, submit, turn, pass, answer, batches } = batcherWorld({
      settings: { sloMs: 400, maxBatchRows: 1 },
    });
    open('m');
    submit('m');
    turn();
    const low = submit('m', {}, 0, 2).id;
    const high = submit('m', {}, 0, 1).id;
    pass(99);
    const higher = submit('m', {}, 0, 1).id;
    pass(2);
    const late = submit('m', {}, 0, 1).id;
    for (let n = 0; n < 5; n++) answer();
    expect(batches.slice(1).flatMap(ids)).toEqual([high, higher, low, late]);
  });

  it('come from the model where a request names none', () => {
    const { open, submit, turn, answer, batches } = batcherWorld({
      settings: { maxBatchRows: 1, priority: 3 },
    });
    open('m');
    submit('m');
    turn();
    const usual = submit('m').id;
    const named = submit('m', {}, 0, 2).id;
    answer();
    answer();
    expect(batches.slice(1).flatMap(ids)).toEqual([named, usual]);
  });

  it('share a batch in the order of their turn', () => {
    const { open, submit, turn, answer, batches } = batcherWorld();
    open('m');
    submit('m');
    turn();
    const [low, middle, high] = [3, 2, 1].map((priority) => submit('m', {}, 0, priority).id);
    answer();
    expect(ids(batches[1])).toEqual([high, middle, low]);
  });
});

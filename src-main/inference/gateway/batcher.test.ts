import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { type Batch, type Batcher, createBatcher, type Outcome } from './batcher.ts';

type Payload = { id: number; rows: number; shape: string; poison: boolean };

/** A batcher in a world where time, timers and the device are moved by hand. */
function world(limits: { maxBatchRows?: number; maxQueueDelayUs?: number; maxQueueRows?: number } = {}) {
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  let deferred: (() => void)[] = [];
  let running: Batch<Payload> | null = null;
  const batches: Batch<Payload>[] = [];
  const settled = new Map<number, Outcome<number>[]>();
  const settledAt = new Map<number, number>();
  let nextId = 0;
  const error =
    (code: 'LATHE_SERVING_TIMEOUT' | 'LATHE_SERVING_OVERLOADED' | 'LATHE_SERVING_RUNNER_LOST') => () =>
      new LatheError(code);
  const batcher: Batcher<Payload, number> = createBatcher<Payload, number>({
    clock: { now: () => nowMs, monotonic: () => nowMs },
    setTimer(ms, callback) {
      const timer = { atMs: nowMs + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    defer: (callback) => deferred.push(callback),
    dispatch(batch) {
      running = batch;
      batches.push(batch);
    },
    errors: {
      timeout: error('LATHE_SERVING_TIMEOUT'),
      overloaded: error('LATHE_SERVING_OVERLOADED'),
      lost: error('LATHE_SERVING_RUNNER_LOST'),
      unavailable: () => new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE'),
      internal: () => new LatheError('LATHE_INTERNAL'),
    },
  });
  batcher.configure({
    maxBatchRows: limits.maxBatchRows ?? 8,
    maxQueueDelayUs: limits.maxQueueDelayUs ?? 0,
    maxQueueRows: limits.maxQueueRows ?? 1_000,
    maxQueueBytes: 1e9,
  });
  const turn = () => {
    const due = deferred;
    deferred = [];
    for (const callback of due) callback();
  };
  return {
    batcher,
    batches,
    settled,
    settledAt,
    turn,
    running: () => running,
    submit(key: string, part: Partial<Payload> = {}, timeoutMs = 1_000) {
      const payload = { id: nextId++, rows: 1, shape: 's', poison: false, ...part };
      settled.set(payload.id, []);
      const cancel = batcher.submit({
        key,
        shapeKey: payload.shape,
        rows: payload.rows,
        bytes: 1,
        payload,
        timeoutMs,
        settle(outcome) {
          settled.get(payload.id)?.push(outcome);
          settledAt.set(payload.id, nowMs);
        },
      });
      return { id: payload.id, cancel };
    },
    /** The device answers: with each request's own number, or with a failure when one of them is poisoned. */
    answer() {
      const batch = running;
      if (!batch) return;
      running = null;
      if (batch.payloads.some((payload) => payload.poison)) {
        batcher.fail(batch.id, new LatheError('LATHE_SERVING_RUN_FAILED'));
      } else
        batcher.finish(
          batch.id,
          batch.payloads.map((payload) => payload.id),
        );
      turn();
    },
    lose() {
      running = null;
      batcher.deviceLost();
      turn();
    },
    pass(ms: number) {
      const untilMs = nowMs + ms;
      for (;;) {
        timers.sort((left, right) => left.atMs - right.atMs);
        const next = timers[0];
        if (!next || next.atMs > untilMs) break;
        timers.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
        turn();
      }
      nowMs = untilMs;
    },
    code(id: number): string | undefined {
      const outcome = settled.get(id)?.[0];
      return outcome === undefined ? undefined : outcome.ok ? 'ok' : outcome.error.code;
    },
  };
}

describe('the batcher', () => {
  it('sends what arrived together together, and takes what queued up when the device frees', () => {
    const { batcher, batches, submit, turn, answer } = world();
    batcher.open('m', true);
    submit('m');
    submit('m');
    turn();
    for (let n = 0; n < 12; n++) submit('m');
    turn();
    answer();
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([2, 8, 4]);
  });

  it('waits for company when told to, but not for a full batch', () => {
    const { batcher, batches, submit, turn, answer, pass } = world({ maxQueueDelayUs: 5_000 });
    batcher.open('m', true);
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

  it('serves the model whose request came first, and never mixes models or shapes', () => {
    const { batcher, batches, submit, turn, answer, pass } = world();
    batcher.open('a', true);
    batcher.open('b', true);
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

  it('lets a request larger than a batch go alone', () => {
    const { batcher, batches, submit, turn, answer } = world();
    batcher.open('m', true);
    submit('m', { rows: 3 });
    submit('m', { rows: 20 });
    submit('m', { rows: 2 });
    turn();
    answer();
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([3, 20, 2]);
  });

  it('runs the requests of an unbatchable model one by one', () => {
    const { batcher, batches, submit, turn, answer } = world();
    batcher.open('m', false);
    for (let n = 0; n < 3; n++) submit('m');
    turn();
    answer();
    answer();
    expect(batches.map((batch) => batch.rows)).toEqual([1, 1, 1]);
  });

  it('refuses what does not fit into the queue', () => {
    const { batcher, submit, turn, code } = world({ maxQueueRows: 4 });
    batcher.open('m', true);
    submit('m');
    turn();
    const kept = [1, 2, 3, 4].map(() => submit('m').id);
    const refused = submit('m');
    expect(code(refused.id)).toBe('LATHE_SERVING_OVERLOADED');
    expect(kept.map(code)).toEqual([undefined, undefined, undefined, undefined]);
    expect(batcher.queuedRows()).toEqual({ m: 4 });
  });

  it('answers in time, whether a request waits or runs', () => {
    const { batcher, submit, turn, pass, code, settledAt, answer } = world();
    batcher.open('m', true);
    const runs = submit('m', {}, 50);
    turn();
    const waits = submit('m', {}, 30);
    pass(100);
    expect([code(runs.id), settledAt.get(runs.id)]).toEqual(['LATHE_SERVING_TIMEOUT', 50]);
    expect([code(waits.id), settledAt.get(waits.id)]).toEqual(['LATHE_SERVING_TIMEOUT', 30]);
    answer();
    expect(batcher.queuedRows()).toEqual({});
  });

  it('takes the rows of a client that hung up out of the queue', () => {
    const { batcher, batches, submit, turn, answer, settled } = world();
    batcher.open('m', true);
    submit('m');
    turn();
    const before = submit('m');
    const gone = submit('m');
    const after = submit('m');
    gone.cancel();
    expect(batcher.queuedRows()).toEqual({ m: 2 });
    answer();
    expect(batches[1]?.payloads.map((payload) => payload.id)).toEqual([before.id, after.id]);
    expect(settled.get(gone.id)).toEqual([]);
    submit('m');
    expect(batcher.queuedRows()).toEqual({ m: 1 });
  });

  it('keeps the queue while the device is away, but only so long', () => {
    const { batcher, submit, turn, lose, pass, code, answer } = world();
    batcher.open('m', true);
    const ran = submit('m');
    turn();
    const waited = submit('m');
    batcher.hold('m', 1_500);
    lose();
    expect(code(ran.id)).toBe('LATHE_SERVING_RUNNER_LOST');
    const later = submit('m', {}, 5_000);
    pass(500);
    expect(code(waited.id)).toBeUndefined();
    batcher.open('m', true);
    turn();
    answer();
    expect([code(waited.id), code(later.id)]).toEqual(['ok', 'ok']);

    const ranAgain = submit('m');
    turn();
    const waitsInVain = submit('m', {}, 5_000);
    batcher.hold('m', 2_000);
    lose();
    pass(1_500);
    expect([code(ranAgain.id), code(waitsInVain.id)]).toEqual([
      'LATHE_SERVING_RUNNER_LOST',
      'LATHE_SERVING_MODEL_UNAVAILABLE',
    ]);
    expect(code(submit('m').id)).toBe('LATHE_SERVING_MODEL_UNAVAILABLE');
  });

  it('survives a dispatch that throws', () => {
    const settled: string[] = [];
    const batcher = createBatcher<number, number>({
      clock: { now: () => 0, monotonic: () => 0 },
      setTimer: () => () => {},
      defer: (callback) => callback(),
      dispatch() {
        throw new Error('cannot encode');
      },
      errors: {
        timeout: () => new LatheError('LATHE_SERVING_TIMEOUT'),
        overloaded: () => new LatheError('LATHE_SERVING_OVERLOADED'),
        unavailable: () => new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE'),
        lost: () => new LatheError('LATHE_SERVING_RUNNER_LOST'),
        internal: () => new LatheError('LATHE_INTERNAL'),
      },
    });
    batcher.open('m', true);
    const settle = (outcome: Outcome<number>) => settled.push(outcome.ok ? 'ok' : outcome.error.code);
    batcher.submit({ key: 'm', shapeKey: '', rows: 1, bytes: 1, payload: 1, timeoutMs: 10, settle });
    expect(settled).toEqual(['LATHE_INTERNAL']);
  });

  it('settles every request exactly once, with its own result and in order, whatever happens', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('submit' as const),
          key: fc.constantFrom('a', 'b'),
          shape: fc.constantFrom('s', 't'),
          rows: fc.integer({ min: 1, max: 12 }),
          poison: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
          timeoutMs: fc.integer({ min: 1, max: 60 }),
        }),
      },
      fc.record({ do: fc.constant('cancel' as const), which: fc.nat(50) }),
      { weight: 4, arbitrary: fc.constant({ do: 'answer' as const }) },
      { weight: 3, arbitrary: fc.constant({ do: 'turn' as const }) },
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant('lose' as const), graceMs: fc.integer({ min: 0, max: 30 }) }),
      fc.constant({ do: 'back' as const }),
      fc.record({ do: fc.constant('unbatchable' as const), key: fc.constantFrom('a', 'b') }),
    );
    const property = fc.property(
      fc.array(step, { maxLength: 120 }),
      fc.constantFrom(0, 3_000),
      (steps, maxQueueDelayUs) => {
        const w = world({ maxQueueDelayUs, maxQueueRows: 40 });
        const cancels: { id: number; cancel(): void }[] = [];
        const cancelled = new Set<number>();
        let nowMs = 0;
        const openAll = () => {
          w.batcher.open('a', true);
          w.batcher.open('b', true);
          w.turn();
        };
        openAll();
        for (const action of steps) {
          if (action.do === 'submit') cancels.push(w.submit(action.key, action, action.timeoutMs));
          else if (action.do === 'cancel') {
            const target = cancels[action.which];
            if (target && w.settled.get(target.id)?.length === 0) {
              cancelled.add(target.id);
              target.cancel();
            }
          } else if (action.do === 'answer') w.answer();
          else if (action.do === 'turn') w.turn();
          else if (action.do === 'pass') {
            w.pass(action.ms);
            nowMs += action.ms;
          } else if (action.do === 'lose') {
            for (const key of ['a', 'b']) w.batcher.hold(key, nowMs + action.graceMs);
            w.lose();
          } else if (action.do === 'back') openAll();
          else w.batcher.open(action.key, false);
        }
        openAll();
        w.turn();
        for (let n = 0; n < 500 && w.running(); n++) w.answer();
        w.pass(1_000);
        for (let n = 0; n < 500 && w.running(); n++) w.answer();

        for (const { id } of cancels) {
          const outcomes = w.settled.get(id) ?? [];
          expect(outcomes).toHaveLength(cancelled.has(id) ? 0 : 1);
          const [outcome] = outcomes;
          if (outcome?.ok) expect(outcome.result).toBe(id);
        }
        expect(w.batcher.queuedRows()).toEqual({});
        const firstRun = new Map<string, number>();
        const seen = new Set<number>();
        for (const batch of w.batches) {
          expect(batch.rows).toBe(batch.payloads.reduce((sum, payload) => sum + payload.rows, 0));
          expect(batch.rows <= 8 || batch.payloads.length === 1).toBe(true);
          expect(new Set(batch.payloads.map((payload) => payload.shape)).size).toBe(1);
          for (const payload of batch.payloads) {
            if (seen.has(payload.id)) continue;
            seen.add(payload.id);
            const lane = `${batch.key} ${payload.shape}`;
            expect(payload.id).toBeGreaterThan(firstRun.get(lane) ?? -1);
            firstRun.set(lane, payload.id);
          }
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

/** The canary's controller on a clock that is moved by hand, second by second, with arms that behave as told. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorReport } from '../../../contract/errors.ts';
import {
  type CanaryFigures,
  type CanaryPlan,
  type CanaryState,
  DEFAULT_GUARDRAILS,
} from '../../../contract/serving-route.ts';
import { createHistogram } from '../../../platform/histogram.ts';
import type { ArmCounters } from '../../../platform/link.ts';
import { type ManualClock, manualClock } from '../../testing.ts';
import { act, withShare } from './canary.rules.ts';
import { createCanaries } from './canary.ts';
import type { EndpointRecord } from './serving.rules.ts';

const plan: CanaryPlan = {
  kind: 'canary',
  champion: 'a',
  candidate: 'b',
  steps: [100, 500, 2_500, 5_000, 10_000],
  holdSeconds: 60,
  minRequests: 200,
  windowSeconds: 10,
  guardrails: DEFAULT_GUARDRAILS,
  atEnd: 'promote',
};

type Behaviour = { errors: number; rowMs: number; late?: number };
type World = {
  clock: ManualClock;
  record: EndpointRecord;
  history: { reason: string; figures: CanaryFigures | null; share: number; atS: number }[];
  connected: boolean;
  failure: ErrorReport | null;
  /** Requests a second, and what the arms make of them. */
  traffic: { rate: number; a: Behaviour; b: Behaviour };
  seconds(n: number, ms?: number): void;
  /** Another engine on what is kept. */
  restart(): void;
  state(): CanaryState;
};

let random: () => number;
beforeEach(() => {
  let seed = 12_345;
  random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
});

function world(part: Partial<CanaryPlan> = {}): World {
  const clock = manualClock();
  const mode = { ...plan, ...part };
  const startMs = clock.now();
  const planned: CanaryState = { status: 'planned', step: 0, sinceMs: startMs, text: '', figures: null };
  const { state, share } = act(mode, planned, 'start', startMs);
  const arms = [
    { key: 'a', version: '1', weight: 10_000 },
    { key: 'b', version: '2', weight: 0 },
  ];
  const make = () =>
    createCanaries({
      clock,
      records: () => [w.record],
      connected: () => w.connected,
      failure: () => w.failure,
      observed: (_, canary) => {
        w.record = { ...w.record, canary };
      },
      decided(record, move, reason, figures) {
        const moved = move.share === null ? record.arms : withShare(record.arms, mode, move.share);
        w.record = { ...record, arms: moved, canary: move.state, revision: record.revision + 1 };
        const atS = (clock.now() - startMs) / 1000;
        w.history.push({ reason, figures, share: moved[1]?.weight as number, atS });
      },
    });
  let canaries = make();
  const second = (arm: 'a' | 'b', requests: number): ArmCounters => {
    const { errors: rate, rowMs, late = 0 } = w.traffic[arm];
    const rowTimes = createHistogram();
    let errors = 0;
    for (let n = 0; n < requests; n++) if (random() < rate) errors += 1;
    for (let n = 0; n < requests; n++) rowTimes.add(rowMs * (0.9 + 0.2 * random()));
    return {
      ...{
        endpoint: 'e',
        arm,
        version: arm === 'a' ? '1' : '2',
        requests: requests - errors,
        errors: errors + late,
      },
      ...{ rows: requests, batches: requests, batchRows: requests },
      batchSizes: [],
      refused: { queueFull: 0, late, expired: 0, unavailable: 0 },
      invalid: 0,
      ...{ p50Ms: null, p95Ms: null, p99Ms: null, queueMs: null, rowTimes: rowTimes.packed() },
    };
  };
  const w: World = {
    clock,
    record: {
      ...{ id: 1, name: 'e', model: 'm', salt: 's', logging: true, enabled: true, revision: 1 },
      ...{ createdMs: 0, updatedMs: 0, sticky: { kind: 'unit' }, shadow: null, former: null },
      ...{ mode, canary: state, arms: withShare(arms, mode, share as number) },
    },
    history: [],
    connected: true,
    failure: null,
    traffic: { rate: 1_000, a: { errors: 0.001, rowMs: 2 }, b: { errors: 0.001, rowMs: 2 } },
    seconds(n, ms = 1_000) {
      for (let at = 0; at < n; at++) {
        clock.advance(ms);
        if (w.connected) {
          const share = w.record.arms[1]?.weight as number;
          const candidate = Math.round((w.traffic.rate * share) / 10_000);
          const arms = [second('a', w.traffic.rate - candidate), second('b', candidate)];
          const loop = { p50Ms: 0, p99Ms: 0 };
          canaries.take({ type: 'stats', atMs: clock.now(), queued: {}, arms, estimates: {}, loop });
        }
        canaries.tick();
      }
    },
    restart() {
      canaries = make();
    },
    state: () => w.record.canary as CanaryState,
  };
  return w;
}

describe('a canary that does well', () => {
  it('climbs every step, not before its time, and has all the traffic in the end', () => {
    const w = world();
    w.seconds(59);
    expect(w.history).toEqual([]);
    expect(w.state()).toMatchObject({ status: 'running', step: 0 });
    w.seconds(400);
    expect(w.history.map(({ share }) => share)).toEqual([500, 2_500, 5_000, 10_000, 10_000]);
    w.history.forEach(({ atS, figures }, at) => {
      expect(atS - (w.history[at - 1]?.atS ?? 0)).toBeGreaterThanOrEqual(60);
      expect(figures?.step).toBe(at);
      expect(figures?.share).toBe(plan.steps[at]);
      expect(figures?.candidate.requests).toBeGreaterThanOrEqual(plan.minRequests);
    });
    expect(w.history[1]?.reason).toContain('Step 2 of 5, 5 % to the candidate, is done: ');
    expect(w.state()).toMatchObject({ status: 'promoted', step: 4 });
    const { length } = w.history;
    w.seconds(200);
    expect(w.history).toHaveLength(length);
  });

  it('is not blamed for what overload turned away', () => {
    const w = world();
    w.traffic.b.late = 200;
    w.seconds(70);
    expect(w.history.map(({ share }) => share)).toEqual([500]);
    expect(w.history[0]?.figures?.candidate.errors).toBeLessThan(10);
  });

  it('is not blamed for the second in which it began: the try before it may have failed in that', () => {
    const w = world();
    w.traffic.b.errors = 1;
    w.seconds(1, 400);
    w.traffic.b.errors = 0.001;
    w.seconds(70);
    expect(w.history.map(({ share }) => share)).toEqual([500]);
    expect(w.history[0]?.figures?.candidate.errors).toBeLessThan(10);
  });

  it('stays at its last step when the plan says so', () => {
    const w = world({ steps: [1_000, 5_000], atEnd: 'hold' });
    w.seconds(300);
    expect(w.state()).toMatchObject({ status: 'held', step: 1 });
    expect(w.history.at(-1)?.share).toBe(5_000);
  });

  it('waits for traffic, and says how much there was', () => {
    const w = world();
    w.traffic.rate = 100;
    w.seconds(130);
    expect(w.history).toEqual([]);
    expect(w.state()).toMatchObject({ status: 'waiting', step: 0 });
    expect(w.state().text).toMatch(/1\d\d of 200 requests so far/);
    w.traffic.rate = 1_000;
    w.seconds(20);
    expect(w.history.map(({ share }) => share)).toEqual([500]);
  });

  it('does not move without a gateway, and goes on with it', () => {
    const w = world();
    w.seconds(30);
    w.connected = false;
    w.seconds(300);
    expect(w.history).toEqual([]);
    expect(w.state()).toMatchObject({ status: 'waiting', text: 'There is no gateway to tell how it goes.' });
    w.connected = true;
    w.seconds(12);
    expect(w.history.map(({ share }) => share)).toEqual([500]);
  });

  it('goes on where it was after a restart of the engine: the step, its time, and what was counted', () => {
    const w = world();
    w.seconds(100);
    expect(w.state().step).toBe(1);
    const { sinceMs, figures } = w.state();
    w.restart();
    w.seconds(11);
    expect(w.state()).toMatchObject({ step: 1, sinceMs });
    expect(w.state().figures?.candidate.requests).toBeGreaterThan(figures?.candidate.requests as number);
    w.seconds(20);
    expect(w.state().step).toBe(2);
  });
});

describe('a canary that does badly', () => {
  it('is rolled back for its errors in the window that shows them, with the figures', () => {
    const w = world();
    w.seconds(70);
    w.traffic.b.errors = 0.2;
    w.seconds(11);
    expect(w.state()).toMatchObject({ status: 'rolled-back', step: 1 });
    expect(w.record.arms.map(({ weight }) => weight)).toEqual([10_000, 0]);
    const last = w.history.at(-1);
    expect(last?.figures?.verdicts[0]).toMatchObject({ guardrail: 'error-rate', state: 'broken' });
    expect(last?.reason).toContain('Rolled back by itself: errors: candidate');
    expect(last?.figures?.candidate.errors).toBeGreaterThan(50);
    const { length } = w.history;
    w.seconds(100);
    expect(w.history).toHaveLength(length);
  });

  it('is not rolled back for errors that both arms have', () => {
    const w = world();
    w.traffic.a.errors = 0.3;
    w.traffic.b.errors = 0.3;
    w.seconds(150);
    expect(w.state().step).toBeGreaterThanOrEqual(1);
    expect(w.state().status).not.toBe('rolled-back');
  });

  it('is rolled back when it is too slow in three windows in a row, and held back before', () => {
    const w = world();
    w.seconds(120);
    const { step } = w.state();
    w.traffic.b.rowMs = 3.5;
    w.seconds(20);
    expect(w.state()).toMatchObject({ status: 'running', step });
    expect(w.state().figures?.verdicts[1]).toMatchObject({ guardrail: 'latency', state: 'warning' });
    expect(w.state().text).toContain('Held back: p99 per row');
    w.seconds(11);
    expect(w.state().status).toBe('rolled-back');
    expect(w.history.at(-1)?.reason).toContain('in 3 of 3 windows in a row');
  });

  it('is forgiven two slow windows', () => {
    const w = world();
    w.seconds(70);
    w.traffic.b.rowMs = 3.5;
    w.seconds(20);
    w.traffic.b.rowMs = 2;
    w.seconds(120);
    expect(w.state().status).toBe('running');
    expect(w.state().step).toBeGreaterThanOrEqual(2);
  });

  it('is rolled back at once when its version cannot be loaded', () => {
    const w = world();
    w.seconds(3);
    w.failure = {
      code: 'LATHE_MODELS_NOT_ONNX',
      status: 400,
      cause: 'It is no ONNX.',
      remedy: '',
      details: {},
    };
    w.seconds(1);
    expect(w.state()).toMatchObject({ status: 'rolled-back' });
    expect(w.history.at(-1)?.reason).toContain('version 2 cannot be loaded. It is no ONNX.');
  });

  it('is judged by nothing that was switched off, and by no single request', () => {
    const w = world({ guardrails: { errorRate: null, latency: null } });
    w.traffic.b = { errors: 1, rowMs: 100 };
    w.seconds(70);
    expect(w.history.map(({ share }) => share)).toEqual([500]);
    const few = world({ steps: [100], minRequests: 1 });
    few.traffic = { rate: 10, a: { errors: 0, rowMs: 2 }, b: { errors: 1, rowMs: 2 } };
    few.seconds(59);
    expect(few.state().figures?.verdicts[0]).toMatchObject({ state: 'unknown' });
  });
});

describe('guardrails on arms that are alike', () => {
  it('end at most 3 of 100 whole ramps', () => {
    let rolledBack = 0;
    for (let ramp = 0; ramp < 100; ramp++) {
      const w = world({ steps: [1_000, 5_000], minRequests: 100 });
      w.traffic = { rate: 100, a: { errors: 0.05, rowMs: 2 }, b: { errors: 0.05, rowMs: 2 } };
      w.seconds(150);
      if (w.state().status === 'rolled-back') rolledBack += 1;
    }
    expect(rolledBack).toBeLessThanOrEqual(3);
  });
});

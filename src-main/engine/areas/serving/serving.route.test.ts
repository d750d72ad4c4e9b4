import { beforeEach, describe, expect, it } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
import {
  type Arm,
  type CanaryAction,
  type CanaryPlan,
  type Route,
  routeOf,
} from '../../../contract/serving-route.ts';
import type { GatewayToEngine } from '../../../platform/link.ts';
import { until } from '../../testing-engine.ts';
import {
  bandit,
  context,
  fakeGateway,
  hasState,
  makeServing,
  recorded,
  reopen,
  routed,
  serving,
  statusOf,
} from './testing-serving.ts';

describe('a route', () => {
  const two = (first: string, second: string, share = 5_000): Arm[] => [
    { key: 'a', version: first, weight: 10_000 - share },
    { key: 'b', version: second, weight: share },
  ];
  const change = (revision: number, route: Route, reason = '') =>
    serving.setRoute({ name: 'e', revision, route, reason });
  const code = (value: string) => expect.objectContaining({ code: value });
  const canary: CanaryPlan = {
    kind: 'canary',
    champion: 'a',
    candidate: 'b',
    steps: [100, 500, 10_000],
    holdSeconds: 60,
    minRequests: 10,
    windowSeconds: 10,
    guardrails: { errorRate: null, latency: null },
    atEnd: 'promote',
  };
  beforeEach(() => serving.create({ name: 'e', model: 'm', version: '1' }));

  it('keeps its plan, its shadow and what a unit is, and goes back to any revision in one call', () => {
    const full = routed(two('1', '2', 0), {
      sticky: { kind: 'cookie', name: 'sid' },
      mode: canary,
      shadow: { version: '3', fraction: 0.5 },
    });
    const set = change(1, full, 'try 2');
    expect(routeOf(set)).toEqual(full);
    expect(set.canary).toMatchObject({ status: 'planned', step: 0 });
    expect(serving.servedBy('m', '3')).toEqual(['e']);
    reopen();
    expect(routeOf(serving.get('e'))).toEqual(full);
    const back = serving.rollback({ name: 'e', revision: 2, to: 1, reason: '' });
    expect(routeOf(back)).toEqual(routed([{ key: 'main', version: '1', weight: 10_000 }]));
    expect(back.canary).toBeNull();
    expect(serving.history('e')).toMatchObject([
      { revision: 3, reason: 'back to revision 1', automatic: false, figures: null },
      { revision: 2, reason: 'try 2', route: full },
      { revision: 1 },
    ]);
    expect(() => serving.rollback({ name: 'e', revision: 3, to: 9, reason: '' })).toThrow(
      code('LATHE_NOT_FOUND'),
    );
    expect(() => serving.rollback({ name: 'e', revision: 2, to: 1, reason: '' })).toThrow(
      code('LATHE_CONFLICT'),
    );
  });

  it.each<[string, Route]>([
    ['the same arm', routed(two('1', '2'), { mode: { ...canary, candidate: 'a' } })],
    ['names the arm c', routed(two('1', '2'), { mode: { ...canary, candidate: 'c' } })],
    ['longer than a step', routed(two('1', '2'), { mode: { ...canary, windowSeconds: 61 } })],
    ['do not rise', routed(two('1', '2'), { mode: { ...canary, steps: [500, 500] } })],
    [
      'arm c has traffic',
      routed(
        [
          ...two('1', '2', 0).slice(1),
          { key: 'c', version: '1', weight: 1 },
          { key: 'a', version: '1', weight: 9_999 },
        ],
        { mode: canary },
      ),
    ],
    ['names version 9', routed(two('1', '2'), { shadow: { version: '9', fraction: 1 } })],
    [
      'two arms or more',
      routed(
        two('1', '2')
          .slice(0, 1)
          .map((arm) => ({ ...arm, weight: 10_000 })),
        { mode: bandit(500) },
      ),
    ],
    ['cannot keep', routed(two('1', '2'), { mode: bandit(5_001) })],
    ['less than the floor', routed(two('1', '2', 100), { mode: bandit(500) })],
  ])('is refused when it is nonsense: %s', (reason, route) => {
    expect(() => change(1, route)).toThrow(code('LATHE_SERVING_ROUTE_INVALID'));
    expect(() => change(1, route)).toThrow(reason);
    expect(serving.get('e').revision).toBe(1);
  });

  it('has its canary started, paused, moved on and ended, and refuses what makes no sense', () => {
    change(1, routed(two('1', '2', 0), { mode: canary }));
    let revision = 2;
    const shares: number[] = [];
    const act = (action: CanaryAction) => {
      const {
        arms,
        canary: state,
        revision: next,
      } = serving.canary({ name: 'e', revision, action, reason: '' });
      revision = next;
      shares.push(arms[1]?.weight as number);
      return state?.status;
    };
    expect(() => act('advance')).toThrow(code('LATHE_SERVING_CANARY_ACTION'));
    expect(act('start')).toBe('running');
    expect(act('pause')).toBe('paused');
    expect(() => act('start')).toThrow('it is paused');
    expect(act('resume')).toBe('running');
    expect(act('advance')).toBe('running');
    expect(act('rollback')).toBe('rolled-back');
    expect(() => act('rollback')).toThrow(code('LATHE_SERVING_CANARY_ACTION'));
    expect([act('start'), act('advance'), act('advance'), act('advance')].at(-1)).toBe('promoted');
    expect(shares).toEqual([100, 100, 100, 500, 0, 100, 500, 10_000, 10_000]);
    // A plan that is changed is not under way; what does not touch it leaves it where it is.
    const same = routeOf(serving.get('e'));
    expect(change(revision, { ...same, sticky: { kind: 'input' } }).canary?.status).toBe('promoted');
    const other = { ...same, mode: { ...canary, holdSeconds: 120 } };
    expect(change(revision + 1, other).canary?.status).toBe('planned');
    change(revision + 2, routed(two('1', '2')));
    expect(() => serving.canary({ name: 'e', revision: revision + 3, action: 'start', reason: '' })).toThrow(
      'not a canary',
    );
  });

  it('has its weights changed by a rule, which says on what figures', () => {
    change(1, routed(two('1', '2'), { mode: bandit(500) }));
    const figures = { kind: 'bandit' as const, atMs: 1, rewards: 10, arms: [] };
    const by = { actor: 'bandit', reason: 'b is better', figures };
    const weights = { a: 4_000, b: 6_000 };
    expect(serving.reweigh({ name: 'e', revision: 2, weights, ...by }).arms).toMatchObject(
      two('1', '2', 6_000),
    );
    expect(serving.history('e')[0]).toMatchObject({ ...by, automatic: true });
    expect(() => serving.reweigh({ name: 'e', revision: 2, weights, ...by })).toThrow(code('LATHE_CONFLICT'));
  });

  it('is taken back by itself when the candidate fails, and everyone is told', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    gateway.send(statusOf(gateway, 1));
    const told: string[] = [];
    context.events.listen((event) => void (event.type === 'notice' && told.push(event.title)));
    const guardrails = { errorRate: { margin: 0.01, confidence: 0.99 }, latency: null };
    change(1, routed(two('1', '2', 0), { mode: { ...canary, guardrails } }));
    serving.canary({ name: 'e', revision: 2, action: 'start', reason: '' });
    await until(
      'the candidate has its share',
      () => gateway.state().endpoints[0]?.arms[1]?.weight === 100,
      2_000,
    );
    const arm = (key: string, version: string, requests: number, errors: number) => ({
      ...{ endpoint: 'e', arm: key, version, requests, errors, rows: requests, batches: 0, batchRows: 0 },
      batchSizes: [],
      refused: { queueFull: 0, late: 0, expired: 0, unavailable: 0 },
      invalid: 0,
      ...{ p50Ms: null, p95Ms: null, p99Ms: null, queueMs: null, rowTimes: [] },
    });
    const arms = [arm('a', '1', 990, 0), arm('b', '2', 5, 5), arm('b', '1', 0, 500)];
    const second = { queued: {}, arms, estimates: {}, loop: { p50Ms: 0, p99Ms: 0 } };
    for (let at = 0; at < 4; at++) {
      context.clock.advance(1_000);
      gateway.send({ type: 'stats', atMs: context.clock.now(), ...second });
    }
    await until('it is heard', () => serving.recent('e').length >= 4, 2_000);
    context.clock.advance(10_000);
    await until('it is rolled back', () => serving.get('e').canary?.status === 'rolled-back', 5_000);
    await until('and sent', () => gateway.state().endpoints[0]?.arms[1]?.weight === 0, 2_000);
    const last = serving.history('e')[0];
    expect(last).toMatchObject({ actor: 'canary', automatic: true });
    // What an older version answered in the candidate's place is not counted against it.
    expect(last?.figures).toMatchObject({
      candidate: { requests: 40, errors: 20 },
      champion: { requests: 3_960 },
    });
    expect(last?.reason).toContain('candidate 50 % of 40, champion 0 % of 3960');
    expect(told).toContain('The canary of e was rolled back');
    expect(recorded).toContain('The canary of e was rolled back');
    const before = serving.get('e');
    expect(makeServing().get('e').canary).toEqual(before.canary);
  });

  it('is answered by the former arms until the gateway says that the new ones are loaded, also by the next engine', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    const report = (
      states: Record<string, 'ready' | 'loading' | 'failed'>,
      revision = gateway.state().revision,
    ) =>
      gateway.send({
        ...(statusOf(gateway, 1) as Extract<GatewayToEngine, { type: 'status' }>),
        revision,
        models: Object.entries(states).map(([version, state]) => {
          const error =
            state === 'failed'
              ? new LatheError('LATHE_MODELS_NOT_ONNX', { file: 'f', reason: 'r' }).report()
              : null;
          return {
            key: `m@${version}`,
            state,
            error,
            loadMs: 1,
            memoryBytes: 1,
            provider: null,
            fallback: null,
          };
        }),
      });
    const spec = () => gateway.state().endpoints[0];
    const versions = () =>
      gateway
        .state()
        .models.map(({ version }) => version)
        .sort()
        .join();
    report({ 1: 'ready' });
    await until('it is ready', () => serving.get('e').arms[0]?.state === 'ready', 2_000);
    change(1, routed(two('1', '2')));
    await until('both are sent', () => versions() === '1,2', 2_000);
    expect(spec()?.former).toEqual([{ key: 'main', version: '1', weight: 10_000 }]);
    const old = gateway.state().revision;
    change(2, routed(two('3', '2')));
    await until('the third is sent', () => versions() === '1,2,3', 2_000);
    // What is said of the state before it settles nothing.
    report({ 1: 'ready', 2: 'ready', 3: 'ready' }, old);
    await until('it is heard', () => serving.get('e').arms[0]?.state === 'ready', 2_000);
    expect(spec()?.former).not.toBeNull();
    report({ 1: 'ready', 2: 'ready', 3: 'failed' });
    await until('it has failed', () => serving.get('e').arms[0]?.state === 'failed', 2_000);
    expect(serving.get('e').arms).toMatchObject([
      { key: 'a', version: '3', serving: '1', error: { code: 'LATHE_MODELS_NOT_ONNX' } },
      { key: 'b', version: '2', serving: '2', error: null },
    ]);
    expect(makeServing().find('e')?.former).toMatchObject([{ version: '1' }]);
    report({ 1: 'ready', 2: 'ready', 3: 'ready' });
    await until('the former are gone', () => versions() === '2,3', 2_000);
    expect(spec()?.former).toBeNull();
    expect(serving.get('e').arms.map(({ serving: by }) => by)).toEqual(['3', '2']);
  });
});

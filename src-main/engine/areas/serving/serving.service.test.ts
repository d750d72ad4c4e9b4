/** Endpoints on a real workspace; the gateway is a stand-in that speaks the real link over the real socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
import type { ModelTuning } from '../../../contract/serving.ts';
import {
  type Arm,
  type BanditPlan,
  type CanaryAction,
  type CanaryPlan,
  type Route,
  routeOf,
} from '../../../contract/serving-route.ts';
import { readFrames, writeFrame } from '../../../platform/frames.ts';
import type { DesiredState, EngineToGateway, GatewayStart, GatewayToEngine } from '../../../platform/link.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { until } from '../../testing-engine.ts';
import { createSettingsArea, type SettingsService } from '../settings/index.ts';
import type { FoundVersion } from './serving.rules.ts';
import { createServingService, type ServingService } from './serving.service.ts';
import { DEFAULT_TUNING } from './tuning.ts';

let context: TestContext;
let serving: ServingService;
let makeServing: () => ServingService;
const services: ServingService[] = [];
const recorded: string[] = [];
let settings: SettingsService;
let sha256 = '';
let numbers: string[];

beforeEach(async () => {
  numbers = ['3', '1', '2'];
  context = await openTestContext();
  ({ sha256 } = await context.blobs.put(Buffer.from('a model')));
  context.db.exec("INSERT INTO registered_model(uuid, name, created_ms, updated_ms) VALUES ('u', 'm', 1, 1)");
  ({ settings } = createSettingsArea(context, { ports: {} }));
  const version: FoundVersion = {
    sha256,
    notServable: null,
    inputs: [],
    outputs: [],
    prediction: { label: null, score: null, threshold: 0.5 },
  };
  makeServing = () => {
    const made = createServingService(context, {
      findVersion: (model, number) => (model === 'm' && Number(number) <= 3 ? version : null),
      versionsOf: () => numbers,
      activities: { record: (entry) => void recorded.push(entry.title) },
      settings,
    });
    services.push(made);
    return made;
  };
  serving = makeServing();
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) gateway.socket.destroy();
  for (const service of services.splice(0)) await service.close();
  await context.close();
});

type FakeGateway = {
  socket: Socket;
  heard: EngineToGateway[];
  send(message: GatewayToEngine): void;
  state(): DesiredState;
};
const gateways: FakeGateway[] = [];
const start = () => context.host.ensured.find(({ id }) => id === 'gateway')?.start as GatewayStart;

async function fakeGateway(nonce = start().nonce, pid = 1): Promise<FakeGateway> {
  const socket = connect(start().engineSocket);
  const heard: EngineToGateway[] = [];
  readFrames<EngineToGateway>(socket, ({ header }) => void heard.push(header));
  socket.on('error', () => {});
  await once(socket, 'connect');
  const gateway: FakeGateway = {
    socket,
    heard,
    send: (message) => void writeFrame(socket, message),
    state: () => {
      const last = heard.findLast((message) => message.type === 'state');
      if (!last) throw new Error('no state was sent');
      return last.state;
    },
  };
  gateways.push(gateway);
  gateway.send({ type: 'hello', nonce, pid });
  return gateway;
}
const statusOf = (
  gateway: FakeGateway,
  http: number | null,
  models: Extract<GatewayToEngine, { type: 'status' }>['models'] = [],
): GatewayToEngine => ({
  type: 'status',
  revision: gateway.state().revision,
  listening: { http, grpc: null },
  listenErrors: [],
  models,
  runner: { connected: true, pid: 2 },
  memory: { usedBytes: 0, budgetBytes: 1 },
});
const hasState = (gateway: FakeGateway) => () => gateway.heard.some(({ type }) => type === 'state');
const tap = (seq: number): GatewayToEngine => ({ type: 'tap', seq, predictions: [], dropped: 0 });
const acks = ({ heard }: FakeGateway) => heard.flatMap((m) => (m.type === 'tap-ack' ? [m.seq] : []));

const routed = (arms: Arm[], part: Partial<Route> = {}): Route => ({
  arms,
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  ...part,
});

const bandit = (floor: number): BanditPlan => ({ kind: 'bandit', floor, reward: 'binary', everyRewards: 10 });

describe('the tuning of a model', () => {
  const tuned = (part: Partial<ModelTuning>) => ({ ...DEFAULT_TUNING, ...part });

  it('is revisioned, kept, and sent to the gateway at once', async () => {
    expect(serving.tuning('m')).toEqual({ model: 'm', revision: 0, tuning: DEFAULT_TUNING });
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    const saved = serving.setTuning({ model: 'm', revision: 0, tuning: tuned({ sloMs: 50, priority: 1 }) });
    expect(saved.revision).toBe(1);
    await until('the state', () => gateway.state().models[0]?.tuning?.sloMs === 50, 2_000);
    const old = { model: 'm', revision: 0, tuning: DEFAULT_TUNING };
    expect(() => serving.setTuning(old)).toThrow('was changed by someone else');
    expect(() => serving.setTuning({ ...old, model: 'nobody' })).toThrow('no model named nobody');
    // It goes with the model, whatever that is called.
    context.db.exec("UPDATE registered_model SET name = 'renamed' WHERE name = 'm'");
    expect(serving.tuning('renamed')).toMatchObject({ revision: 1, tuning: { sloMs: 50 } });
  });

  it('remembers what a client of the protocol unloaded, also for the next gateway', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    gateway.send({ type: 'repository', model: 'm', loaded: false });
    await until('it is kept', () => serving.tuning('m').tuning.loaded === false, 2_000);
    await until('the state says so', () => gateway.state().models[0]?.loaded === false, 2_000);
    // What is unknown here is nobody's business; the next message is heard all the same.
    gateway.send({ type: 'repository', model: 'nobody', loaded: false });
    serving.setLoaded({ model: 'm', loaded: true });
    await until('it is back', () => gateway.state().models[0]?.loaded === true, 2_000);
  });

  it('keeps a new version in memory when the policy says so', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    serving.setTuning({ model: 'm', revision: 0, tuning: tuned({ versions: { kind: 'latest', count: 1 } }) });
    const versions = () => gateway.state().models.map(({ version }) => version);
    await until('the newest is there', () => versions().join() === '1,3', 2_000);
    numbers = ['1', '2'];
    context.events.changed('models');
    await until('the newest is another', () => versions().join() === '1,2', 2_000);
  });

  it('that cannot be read is the default', () => {
    context.db.exec(
      "INSERT INTO setting(key, value, rev, updated_ms) SELECT 'serving.model.' || id, '{\"sloMs\":-1}', 4, 1 FROM registered_model",
    );
    expect(serving.tuning('m')).toEqual({ model: 'm', revision: 4, tuning: DEFAULT_TUNING });
  });
});

describe('endpoints', () => {
  it('are made, split, switched and removed; each change is kept with who, when and why', () => {
    const made = serving.create({ name: 'e', model: 'm', version: '1' });
    expect(made).toMatchObject({
      revision: 1,
      enabled: true,
      logging: true,
      arms: [{ key: 'main', weight: 10_000 }],
    });
    const arms = [
      { key: 'a', version: '1', weight: 9000 },
      { key: 'b', version: '2', weight: 1000 },
    ];
    context.clock.advance(10);
    const split = serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: 'try 2' });
    expect(split.arms.map(({ weight }) => weight)).toEqual([9000, 1000]);
    serving.setLogging({ name: 'e', revision: 2, logging: false });
    serving.setEnabled({ name: 'e', revision: 3, enabled: false });
    const history = serving.history('e');
    expect(history.map(({ revision, reason }) => [revision, reason])).toEqual([
      [4, 'disabled'],
      [3, 'prediction logging off'],
      [2, 'try 2'],
      [1, 'created'],
    ]);
    expect(history[2]).toMatchObject({ route: { arms }, atMs: (history[3]?.atMs as number) + 10 });
    expect(history[0]?.actor).not.toBe('');
    serving.remove({ name: 'e', revision: 4 });
    expect(serving.list()).toEqual([]);
  });

  it('refuse a change that is based on an old revision, and stay as they are', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    serving.setLogging({ name: 'e', revision: 1, logging: false });
    const before = serving.get('e');
    const arms = [{ key: 'a', version: '2', weight: 10_000 }];
    const conflict = expect.objectContaining({ code: 'LATHE_CONFLICT' });
    expect(() => serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: '' })).toThrow(
      conflict,
    );
    expect(() => serving.remove({ name: 'e', revision: 1 })).toThrow(conflict);
    expect(serving.get('e')).toEqual(before);
  });

  it('refuse names that are taken or unknown, and versions that do not exist', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => serving.create({ name: 'e', model: 'm', version: '1' })).toThrow(code('LATHE_CONFLICT'));
    expect(() => serving.create({ name: 'f', model: 'm', version: '9' })).toThrow(code('LATHE_NOT_FOUND'));
    expect(() => serving.get('nobody')).toThrow(code('LATHE_NOT_FOUND'));
    const arms = [{ key: 'a', version: '9', weight: 10_000 }];
    expect(() => serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: '' })).toThrow(
      code('LATHE_SERVING_SPLIT_INVALID'),
    );
  });

  it('give their name free when they are removed', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    const first = serving.find('e')?.id;
    serving.remove({ name: 'e', revision: 1 });
    serving.create({ name: 'e', model: 'm', version: '2' });
    expect(serving.find('e')?.id).not.toBe(first);
    expect(serving.history('e')).toHaveLength(1);
  });
});

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
    serving = makeServing();
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
    for (let at = 0; at < 4; at++) gateway.send({ type: 'stats', atMs: context.clock.now(), ...second });
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

describe('the gateway', () => {
  beforeEach(() => serving.start());

  it('is asked for with a runner, and must know the nonce', async () => {
    const lasting = context.host.ensured.filter(({ once }) => !once);
    expect(lasting.map(({ id, entry }) => [id, entry])).toEqual([
      ['gateway', 'gateway'],
      ['runner:cpu-0', 'runner'],
    ]);
    const stranger = await fakeGateway('0'.repeat(64));
    await once(stranger.socket, 'close');
    expect(stranger.heard).toEqual([]);
    const talker = await fakeGateway();
    await until('the state', hasState(talker), 2_000);
  });

  it('gets the whole state on connecting and on every change, with rising revisions', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    expect(gateway.state().endpoints).toEqual([]);
    const first = gateway.state().revision;
    serving.create({ name: 'e', model: 'm', version: '1' });
    await until('the endpoint', () => gateway.state().endpoints.length === 1, 2_000);
    expect(gateway.state()).toMatchObject({
      models: [{ key: 'm@1', sha256, path: context.blobs.path(sha256) }],
    });
    expect(gateway.state().revision).toBeGreaterThan(first);
    settings.update(0, { ports: { inferenceHttp: 8123 } });
    await until('the new port', () => gateway.state().listen.httpPort === 8123, 2_000);
  });

  it('keeps its port when it is restarted, and is not moved while it lives', async () => {
    const first = await fakeGateway(undefined, 11);
    await until('the state', hasState(first), 2_000);
    expect(first.state().listen.httpPort).toBe(0);
    first.send(statusOf(first, 45_678));
    await until('the url', () => serving.urls().http === 'http://127.0.0.1:45678', 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    await until('the endpoint', () => first.state().endpoints.length === 1, 2_000);
    expect(first.state().listen.httpPort).toBe(0);
    first.socket.destroy();
    await until('it is gone', () => serving.urls().http === null, 2_000);
    const second = await fakeGateway(undefined, 12);
    await until('the state', hasState(second), 2_000);
    expect(second.state().listen.httpPort).toBe(45_678);
    const { revision } = second.state();
    second.send({
      ...statusOf(second, null),
      listenErrors: [
        { code: 'LATHE_SERVING_PORT_IN_USE', status: 409, cause: 'taken', remedy: 'r', details: {} },
      ],
    } as GatewayToEngine);
    await until(
      'any other port',
      () => second.state().revision > revision && second.state().listen.httpPort === 0,
      2_000,
    );
  });

  it('that outlives the engine is known to the next one, and is neither stopped nor moved', async () => {
    const place = start();
    const before = await fakeGateway(undefined, 31);
    await until('the state', hasState(before), 2_000);
    before.send(statusOf(before, 45_679));
    await until('the url', () => serving.urls().http !== null, 2_000);
    const second = await fakeGateway(undefined, 32);
    await until('the state', hasState(second), 2_000);
    second.send(statusOf(second, 45_679));
    const { revision } = second.state();
    context.clock.advance(1_000);
    const next = makeServing();
    await next.start();
    try {
      expect(context.host.stopped).toEqual([]);
      expect(context.host.ensured.filter(({ id }) => id === 'gateway').at(-1)?.start).toEqual(place);
      const again = await fakeGateway(undefined, 32);
      await until('the state', hasState(again), 2_000);
      expect(again.state().revision).toBeGreaterThan(revision);
      expect(again.state().listen.httpPort).toBe(45_679);
    } finally {
      await next.close();
    }
  });

  it('is told that predictions are safe only once they are, and only the one that sent them', async () => {
    let commit: () => void = () => {};
    let tries = 0;
    serving.setTapHandler(async () => {
      tries += 1;
      if (tries === 1) throw new Error('disk full');
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
    });
    const first = await fakeGateway(undefined, 21);
    await until('the state', hasState(first), 2_000);
    first.send(tap(1));
    await until('the second try', () => tries === 2, 5_000);
    expect(acks(first)).toEqual([]);
    commit();
    await until('the acknowledgement', () => acks(first).length === 1, 2_000);
    first.send(tap(2));
    await until('the commit under way', () => tries === 3, 2_000);
    first.socket.destroy();
    const second = await fakeGateway(undefined, 22);
    await until('the state', hasState(second), 2_000);
    commit();
    second.send(tap(1));
    await until('its own', () => tries === 4, 2_000);
    commit();
    await until('the acknowledgement', () => acks(second).length > 0, 2_000);
    // Number 2 belonged to the first gateway: told to the second, it would forget rows that are not saved.
    expect(acks(second)).toEqual([1]);
  });

  it('tries a model and lets it go again, whatever comes of it', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    const answerWith = async (state: 'ready' | 'failed') => {
      await until('the temporary model', () => gateway.state().models.length === 1, 2_000);
      const key = gateway.state().models[0]?.key as string;
      const error = {
        code: 'LATHE_MODELS_NOT_ONNX' as const,
        status: 422,
        cause: 'c',
        remedy: 'r',
        details: { file: 'f', reason: 'no' },
      };
      gateway.send(
        statusOf(gateway, 1, [
          {
            key,
            state,
            error: state === 'failed' ? error : null,
            loadMs: 1,
            provider: 'cpu',
            fallback: null,
            memoryBytes: 0,
          },
        ]),
      );
    };
    const good = serving.verifyModel('/some/file', 'abc');
    await answerWith('ready');
    await good;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
    const bad = serving.verifyModel('/some/file', 'abc');
    const refused = expect(bad).rejects.toMatchObject({ code: 'LATHE_MODELS_NOT_ONNX' });
    await answerWith('failed');
    await refused;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
  });

  it('does not let a model that kills the runner kill it again and again', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    const refused = expect(serving.verifyModel('/some/file', 'abc')).rejects.toMatchObject({
      code: 'LATHE_MODELS_LOAD_FAILED',
    });
    await until('the temporary model', () => gateway.state().models.length === 1, 2_000);
    const process = {
      id: 'runner:cpu-0',
      state: 'restarting' as const,
      pid: null,
      restarts: 1,
      startedMs: 0,
      lastExit: null,
    };
    context.host.emit({ type: 'died', process, code: null, signal: 'SIGSEGV' });
    await refused;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
  });
});

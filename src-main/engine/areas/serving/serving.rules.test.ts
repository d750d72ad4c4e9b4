import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../contract/serving-route.ts';
import {
  armState,
  checkedArms,
  checkSameInputs,
  desiredState,
  type EndpointRecord,
  endpointView,
  type GatewayStatus,
  heldModels,
  liveSample,
  type Registry,
  type ServableVersion,
} from './serving.rules.ts';
import { DEFAULT_TUNING } from './tuning.ts';

const arm = (key: string, version: string, weight: number): Arm => ({ key, version, weight });
const record = (part: Partial<EndpointRecord> = {}): EndpointRecord => ({
  id: 1,
  name: 'e',
  model: 'm',
  salt: 's',
  arms: [arm('a', '1', 8000), arm('b', '2', 2000)],
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  canary: null,
  former: null,
  logging: true,
  enabled: true,
  revision: 3,
  createdMs: 1,
  updatedMs: 2,
  ...part,
});
const status = (part: Partial<GatewayStatus> = {}): GatewayStatus => ({
  type: 'status',
  revision: 5,
  listening: { http: 8000, grpc: null },
  listenErrors: [],
  models: [],
  runner: { connected: true, pid: 1 },
  memory: { usedBytes: 0, budgetBytes: 1 },
  ...part,
});
const network = {
  httpPort: 0,
  grpcPort: 0,
  limits: {
    maxBatchRows: 8,
    maxQueueDelayUs: 1,
    sloMs: 0,
    memoryBudgetBytes: 0,
    provider: 'auto' as const,
    requestTimeoutMs: 10,
    maxBodyBytes: 1024,
  },
};
const version = {
  sha256: 'x',
  inputs: [],
  outputs: [],
  prediction: { label: null, score: null, threshold: 0.5 },
};

describe('a split', () => {
  it('is accepted exactly when it adds up, names existing versions and no arm twice', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
        fc.array(fc.nat(10_000), { minLength: 4, maxLength: 4 }),
        (keys, cuts) => {
          const sorted = [0, ...cuts.slice(0, keys.length - 1).sort((x, y) => x - y), 10_000];
          const arms = keys.map((key, at) =>
            arm(key, '1', (sorted[at + 1] as number) - (sorted[at] as number)),
          );
          expect(checkedArms(arms, () => true)).toEqual(arms);
          const over = arms.map((one, at) => (at === 0 ? { ...one, weight: one.weight + 1 } : one));
          expect(() => checkedArms(over, () => true)).toThrow('add up to 100.01 %');
        },
      ),
    );
  });
  it('says what is wrong with it', () => {
    expect(() => checkedArms([arm('a', '1', 5000), arm('a', '2', 5000)], () => true)).toThrow(
      'arm a is there twice',
    );
    expect(() => checkedArms([arm('a', '9', 10_000)], () => false)).toThrow(
      'version 9, which does not exist',
    );
    expect(() => checkedArms([], () => true)).toThrow('no arm');
  });
  it('is between versions that answer the same requests', () => {
    const x: Pick<ServableVersion, 'inputs'> = { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }] };
    const y: Pick<ServableVersion, 'inputs'> = { inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 4] }] };
    checkSameInputs(
      new Map([
        ['1', x],
        ['2', { inputs: [...x.inputs] }],
      ]),
    );
    expect(() =>
      checkSameInputs(
        new Map([
          ['1', x],
          ['2', y],
        ]),
      ),
    ).toThrow('versions 1 and 2 take different inputs (x)');
  });
});

const registry = (part: Partial<Registry> = {}): Registry => ({
  versionOf: () => ({ ...version, path: '/p' }),
  versionsOf: () => ['1', '9', '10', '2'],
  tuningOf: () => DEFAULT_TUNING,
  deviceFor: () => ({ provider: 'cpu', fallback: false, refused: null }),
  ...part,
});

describe('the desired state', () => {
  it.each([
    [{ kind: 'routed' }, ['1', '2']],
    [{ kind: 'latest', count: 2 }, ['1', '2', '10', '9']],
    [{ kind: 'all' }, ['1', '2', '10', '9']],
    [{ kind: 'specific', versions: ['9'] }, ['1', '2', '9']],
  ] as const)('keeps the routed versions in memory, and those of the policy %j', (policy, expected) => {
    const versions = policy.kind === 'specific' ? { ...policy, versions: [...policy.versions] } : policy;
    const tuningOf = () => ({ ...DEFAULT_TUNING, versions, sloMs: 50, loaded: false });
    const { models } = desiredState(1, [record()], registry({ tuningOf }), [], network);
    expect(models.map(({ version: number }) => number)).toEqual(expected);
    for (const model of models) expect(model).toMatchObject({ loaded: false, tuning: { sloMs: 50 } });
  });
  it('says where and on how many threads a model runs apart from how it is batched', () => {
    const tuningOf = () => ({ ...DEFAULT_TUNING, provider: 'cpu' as const, threads: 3, weight: 2 });
    const deviceFor: Registry['deviceFor'] = ({ provider, threads }) => ({
      ...{ provider: provider === 'cpu' ? 'cpu' : 'cuda', fallback: false, refused: null, threads },
    });
    const { models } = desiredState(1, [record()], registry({ tuningOf, deviceFor }), [], network);
    for (const { device, tuning } of models) {
      expect(device).toMatchObject({ provider: 'cpu', threads: 3 });
      expect(tuning).toEqual(expect.objectContaining({ weight: 2 }));
      expect(tuning).not.toHaveProperty('threads');
    }
    expect(models).toHaveLength(2);
  });
  it('has every served version once, and nothing of an endpoint that is off', () => {
    const state = desiredState(
      7,
      [
        record(),
        record({ name: 'f', arms: [arm('a', '2', 10_000)] }),
        record({ name: 'g', model: 'n', enabled: false }),
      ],
      registry(),
      [],
      network,
    );
    expect(state.models.map(({ key }) => key)).toEqual(['m@1', 'm@2']);
    expect(state.endpoints.map(({ name }) => name)).toEqual(['e', 'f']);
    expect(state.revision).toBe(7);
  });
  it('leaves out a version whose file is gone, and serves the rest', () => {
    const state = desiredState(
      1,
      [record()],
      registry({ versionOf: (_, v) => (v === '1' ? { ...version, path: '/p' } : null) }),
      [],
      network,
    );
    expect(state.models.map(({ key }) => key)).toEqual(['m@1']);
    expect(state.endpoints).toHaveLength(1);
  });
});

describe('what is held', () => {
  it('is what the gateway says, with what batches cost, and without what is only tried', () => {
    expect(heldModels(null, {}, () => false)).toEqual({ memory: null, models: [] });
    const model = (key: string) => ({
      key,
      state: 'ready' as const,
      error: null,
      loadMs: 3,
      provider: 'cpu' as const,
      fallback: null,
      memoryBytes: 7,
    });
    const estimate = { baseMs: 1, rowMs: 2, cap: 8, rowsPerSecond: 470 };
    const held = heldModels(
      status({ models: [model('a@b@1'), model('try@1')] }),
      { 'a@b@1': estimate },
      (key) => key === 'try@1',
    );
    expect(held.models).toEqual([
      {
        model: 'a@b',
        version: '1',
        state: 'ready',
        error: null,
        loadMs: 3,
        provider: 'cpu',
        fallback: null,
        memoryBytes: 7,
        estimate,
      },
    ]);
    expect(held.memory).toEqual({ usedBytes: 0, budgetBytes: 1 });
  });
});

describe('what is observed', () => {
  it('is unavailable without a gateway, loading until it says more', () => {
    expect(armState(null, record(), '1').state).toBe('unavailable');
    expect(armState(status(), record(), '1').state).toBe('loading');
    const ready = status({
      models: [
        {
          key: 'm@1',
          state: 'ready',
          error: null,
          loadMs: 3,
          provider: 'cpu',
          fallback: null,
          memoryBytes: 7,
        },
      ],
    });
    expect(armState(ready, record(), '1').state).toBe('ready');
    expect(armState(ready, record({ enabled: false }), '1').state).toBe('unavailable');
    expect(endpointView(record(), ready, 'http://127.0.0.1:1').url).toBe(
      'http://127.0.0.1:1/v2/models/e/infer',
    );
    expect(endpointView(record(), null, null)).toMatchObject({ url: null });
    expect(endpointView(record(), null, null)).not.toHaveProperty('salt');
  });
  it('is one sample an endpoint, idle arms as zeros, batches as means', () => {
    const counters = {
      endpoint: 'e',
      arm: 'a',
      version: '1',
      requests: 4,
      rows: 8,
      errors: 1,
      refused: { queueFull: 1, late: 0, expired: 0, unavailable: 0 },
      invalid: 2,
      batches: 2,
      batchRows: 8,
      batchSizes: [0, 0, 2],
      p50Ms: 1,
      p95Ms: 2,
      p99Ms: 3,
      queueMs: 0.5,
      rowTimes: [],
    };
    const sample = liveSample(record(), {
      type: 'stats',
      atMs: 9,
      queued: { 'm@1': 3, 'm@2': 1, 'other@1': 50 },
      arms: [counters, { ...counters, endpoint: 'x' }],
      estimates: {},
      loop: { p50Ms: 0, p99Ms: 0 },
    });
    expect(sample).toMatchObject({ endpoint: 'e', atMs: 9, queued: 4 });
    expect(sample.arms).toHaveLength(2);
    expect(sample.arms[0]).toMatchObject({ arm: 'a', meanBatch: 4, requests: 4, batchSizes: [0, 0, 2] });
    expect(sample.arms[0]).toMatchObject({ refused: { queueFull: 1, late: 0 }, invalid: 2 });
    expect(sample.arms[1]).toMatchObject({ arm: 'b', meanBatch: 0, requests: 0, p50Ms: null });
  });
});

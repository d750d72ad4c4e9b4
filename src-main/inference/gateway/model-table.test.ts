/** Models in the gateway against a runner that is played: what it is told, and what comes of its answers. */
import { describe, expect, it } from 'vitest';
import type { EndpointSpec, GatewayToRunner, ModelSpec } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { simBatcher, simLimits } from '../testing/simulator.ts';
import { endpoint, LIMITS } from '../testing/stack.ts';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import { createModelTable, type ModelTable } from './model-table.ts';
import { createRepository } from './repository.ts';

const MB = 1_000_000;
const quiet = { info() {}, warn() {}, error() {}, debug() {} } as unknown as Logger;
const FLOATS = [{ name: 'v', datatype: 'FP32' as const, shape: [-1, 1] }];

const spec = (model: string, version = '1', part: Partial<ModelSpec> = {}): ModelSpec => ({
  key: `${model}@${version}`,
  model,
  version,
  path: `/${model}-${version}`,
  sha256: `${model}${version}`.padEnd(64, '0'),
  inputs: FLOATS,
  outputs: FLOATS,
  prediction: { label: null, score: null, threshold: 0.5 },
  ...part,
});

/** The runner answers when told to: `bad` in a path is a file that does not load. */
function world() {
  const time = createVirtualClock();
  const heard: string[] = [];
  let inbox: GatewayToRunner[] = [];
  let connected = false;
  const batcher = simBatcher<string, string>(time, ({ id, key }) => {
    table.session(key) ?? heard.push(`no session of ${key}`);
    inbox.push({ type: 'infer', id, key, inputs: [] });
  });
  batcher.configure(simLimits({ pipeline: 2 }));
  const table: ModelTable = createModelTable({
    clock: time.clock,
    log: quiet,
    batcher,
    send(message) {
      if (!connected) return false;
      inbox.push(message);
      return true;
    },
    fileBytes: () => MB,
    automaticBudgetBytes: 100 * MB,
    changed: () => {},
  });
  const settle = () => {
    const untilMs = time.nowMs();
    while (time.step(untilMs));
  };
  /** The runner takes up to so many messages; returns what they were. */
  const serve = (most = Number.POSITIVE_INFINITY) => {
    const done: string[] = [];
    settle();
    for (let n = 0; n < most && inbox.length > 0; n++) {
      const message = inbox.shift() as GatewayToRunner;
      const key = 'key' in message ? message.key.replace(/#.*/, '') : '';
      done.push(`${message.type} ${key}`);
      if (message.type === 'load') {
        const report = {
          code: 'LATHE_MODELS_NOT_ONNX' as const,
          status: 422,
          cause: 'bad.',
          remedy: '',
          details: {},
        };
        if (message.path.includes('bad'))
          table.onMessage({ type: 'load-failed', key: message.key, error: report });
        else
          table.onMessage({
            type: 'loaded',
            key: message.key,
            inputs: FLOATS,
            outputs: FLOATS,
            loadMs: 1,
            footprintBytes: 10 * MB,
          });
      } else if (message.type === 'warm')
        table.onMessage({ ...message, type: 'warmed', runUs: 1_000, grownBytes: 0, error: null });
      else if (message.type === 'infer') {
        table.ran(message.key);
        batcher.finish(message.id, ['answer']);
      }
      settle();
    }
    heard.push(...done);
    return done;
  };
  const outcomes: string[] = [];
  return {
    table,
    batcher,
    time,
    heard,
    outcomes,
    serve,
    connect() {
      connected = true;
      table.runnerConnected('cpu');
    },
    /** As the gateway does it. */
    die() {
      connected = false;
      inbox = [];
      table.runnerLost();
      batcher.deviceLost();
      settle();
    },
    ask(key: string) {
      const model = table.get(key);
      if (!model) throw new Error(`no ${key}`);
      table.use(model);
      batcher.submit({
        key,
        shapeKey: '',
        rows: 1,
        bytes: 1,
        payload: key,
        settle: (outcome) => outcomes.push(outcome.ok ? 'ok' : outcome.error.code),
      });
      settle();
    },
    states: () => [...table.all()].map((model) => `${model.spec.key} ${model.state}`),
  };
}

describe('loading', () => {
  it('goes one after the other, and warms every size twice before a model is ready', () => {
    const w = world();
    w.table.apply([spec('a'), spec('b', '1', { tuning: { maxBatchRows: 3 } })], {
      ...LIMITS,
      maxBatchRows: 4,
    });
    expect(w.states()).toEqual(['a@1 unavailable', 'b@1 unavailable']);
    w.connect();
    expect(w.states()).toEqual(['a@1 loading', 'b@1 loading']);
    const done = w.serve();
    // Sizes 1, 2, 4; sizes 1, 2, 3.
    const one = (key: string) => [`load ${key}`, ...Array.from({ length: 6 }, () => `warm ${key}`)];
    expect(done).toEqual([...one('a@1'), ...one('b@1')]);
    expect(w.states()).toEqual(['a@1 ready', 'b@1 ready']);
    expect(w.batcher.estimate('a@1')?.rowsPerSecond).toBe(4_000);
  });

  it('takes turns with the batches of those that serve already', () => {
    const w = world();
    w.table.apply([spec('a')], { ...LIMITS, maxBatchRows: 1 });
    w.connect();
    w.serve();
    w.heard.length = 0;
    w.table.apply([spec('a'), spec('b')], { ...LIMITS, maxBatchRows: 2 });
    for (let n = 0; n < 5; n++) {
      w.ask('a@1');
      w.serve(2);
    }
    w.serve();
    const turns = w.heard.filter((entry) => /infer|warm/.test(entry)).slice(0, 8);
    expect(turns).toEqual(Array.from({ length: 4 }, () => ['infer a@1', 'warm b@1']).flat());
  });

  it('is forgotten when the model leaves meanwhile, and its memory is freed', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('a')], LIMITS);
    w.serve(1);
    w.table.apply([], LIMITS);
    expect(w.serve().filter((entry) => !entry.startsWith('warm'))).toEqual(['unload a@1']);
    expect(w.states()).toEqual([]);
    expect(w.table.memory().usedBytes).toBe(0);
  });
});

describe('the repository', () => {
  const endpoints = (names: string[]): EndpointSpec[] => names.map((name) => endpoint(name, ['1']));
  function repositoryOf(w: ReturnType<typeof world>, named: EndpointSpec[]) {
    const asked: string[] = [];
    const repository = createRepository({
      models: w.table,
      asked: (model, loaded) => asked.push(`${model} ${loaded}`),
      endpoints: () => named,
      endpoint(name) {
        const found = named.find((each) => each.name === name);
        if (!found) throw new Error(`nothing named ${name}`);
        return found;
      },
    });
    return { repository, asked };
  }

  it('lists, unloads and loads; each is done when it says so, and is remembered', async () => {
    const w = world();
    w.connect();
    const specs = [spec('m'), spec('m', '2'), spec('other')];
    w.table.apply(specs, LIMITS);
    w.serve();
    const { repository, asked } = repositoryOf(w, endpoints(['other', 'm']));
    expect(repository.index()).toEqual([
      { name: 'm', version: '1', state: 'READY', reason: '' },
      { name: 'm', version: '2', state: 'READY', reason: '' },
      { name: 'other', version: '1', state: 'READY', reason: '' },
    ]);
    w.ask('m@1');
    let done = false;
    const unloading = repository.unload('m').then(() => {
      done = true;
    });
    await Promise.resolve();
    expect(repository.status('m').map(({ state }) => state)).toEqual(['UNLOADING', 'UNAVAILABLE']);
    expect(done).toBe(false);
    w.serve();
    await unloading;
    expect(w.outcomes).toEqual(['ok']);
    expect(repository.status('m')).toEqual([
      { name: 'm', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
      { name: 'm', version: '2', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
    // The engine has not heard of it yet, and sends its state for another reason.
    w.table.apply(specs, LIMITS);
    w.serve();
    expect(repository.status('m')[0]?.state).toBe('UNAVAILABLE');
    expect([...w.table.asked()]).toEqual([['m', false]]);
    w.table.apply(
      specs.map((each) => ({ ...each, loaded: each.model !== 'm' })),
      LIMITS,
    );
    expect([...w.table.asked()]).toEqual([]);
    const loading = repository.load('m');
    expect(repository.status('m')[0]?.state).toBe('LOADING');
    w.serve();
    await loading;
    expect(repository.status('m').map(({ state }) => state)).toEqual(['READY', 'READY']);
    expect(asked).toEqual(['m false', 'm true']);
    expect(() => repository.status('nobody')).toThrow('nothing named nobody');
  });

  it('says what keeps a version from loading, and tries it again when asked', async () => {
    const w = world();
    w.connect();
    w.table.apply([spec('m', '1', { path: '/bad' })], LIMITS);
    w.serve();
    const { repository } = repositoryOf(w, endpoints(['m']));
    expect(repository.index()).toEqual([{ name: 'm', version: '1', state: 'UNAVAILABLE', reason: 'bad.' }]);
    const again = repository.load('m');
    expect(w.serve()).toEqual(['load m@1']);
    await expect(again).rejects.toMatchObject({ code: 'LATHE_SERVING_MODEL_UNAVAILABLE' });
  });
});

describe('a runner that dies', () => {
  it('has its models loaded again, those in use first, without a second long warm-up', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('a'), spec('b')], LIMITS);
    w.serve();
    w.time.at(5, () => w.ask('b@1'));
    while (w.time.step(5));
    w.serve();
    w.die();
    expect(w.states()).toEqual(['a@1 unavailable', 'b@1 unavailable']);
    w.ask('a@1');
    w.connect();
    const done = w.serve();
    expect(done.filter((entry) => entry.startsWith('load'))).toEqual(['load a@1', 'load b@1']);
    expect(done.filter((entry) => entry.startsWith('warm'))).toHaveLength(4);
    expect(w.outcomes).toEqual(['ok', 'ok']);
  });

  it('three times while it ran one model, with no answer between: that model is stopped, not the others', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('deadly'), spec('good')], LIMITS);
    w.serve();
    for (let n = 0; n < 3; n++) {
      w.ask('deadly@1');
      w.die();
      w.connect();
      w.serve();
    }
    expect(w.states()).toEqual(['deadly@1 failed', 'good@1 ready']);
    expect(w.table.get('deadly@1')?.error?.code).toBe('LATHE_SERVING_MODEL_STOPPED');
    expect(w.outcomes).toEqual(Array.from({ length: 3 }, () => 'LATHE_SERVING_RUNNER_LOST'));
  });

  it('of another reason, with answers between: the model goes on', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('m')], LIMITS);
    w.serve();
    for (let n = 0; n < 6; n++) {
      w.ask('m@1');
      w.serve();
      w.ask('m@1');
      w.die();
      w.connect();
      w.serve();
    }
    expect(w.states()).toEqual(['m@1 ready']);
  });

  it('while it loads a new file for a version twice: the new one is given up, the old one serves', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('m')], LIMITS);
    w.serve();
    const fresh = [spec('m', '1', { sha256: 'f'.repeat(64), path: '/new' })];
    w.table.apply(fresh, LIMITS);
    w.serve(0);
    w.die();
    w.connect();
    // What served before comes back first, then the new one is tried again.
    expect(w.serve(3)).toEqual(['load m@1', 'warm m@1', 'warm m@1']);
    expect(w.states()).toEqual(['m@1 ready']);
    w.die();
    w.connect();
    w.serve();
    // The engine says the same again; the file that was given up is not tried.
    w.table.apply(fresh, LIMITS);
    expect(w.serve()).toEqual([]);
    expect(w.states()).toEqual(['m@1 ready']);
    expect(w.table.get('m@1')?.spec.path).toBe('/m-1');
    expect(w.table.get('m@1')?.rejected?.error.code).toBe('LATHE_MODELS_LOAD_FAILED');
  });
});

describe('memory', () => {
  it('is counted while a model leaves, and freed once it has answered', () => {
    const w = world();
    w.connect();
    w.table.apply([spec('a')], LIMITS);
    w.serve();
    w.ask('a@1');
    w.table.apply([], LIMITS);
    expect(w.table.memory().usedBytes).toBe(10 * MB);
    expect(w.serve()).toEqual(['infer a@1', 'unload a@1']);
    expect(w.table.memory().usedBytes).toBe(0);
    expect(w.outcomes).toEqual(['ok']);
  });

  it('lets the longest unused rest, brings it back when asked, and never a busy one before an idle one', () => {
    const w = world();
    w.connect();
    const limits = { ...LIMITS, memoryBudgetBytes: 25 * MB };
    w.table.apply([spec('a'), spec('b')], limits);
    w.serve();
    w.heard.length = 0;
    w.time.at(1, () => w.ask('b@1'));
    while (w.time.step(1));
    w.serve();
    while (w.time.step(2));
    w.ask('a@1');
    w.serve();
    while (w.time.step(3));
    w.table.apply([spec('a'), spec('b'), spec('c')], limits);
    w.serve();
    // By its file it fits; once it is measured another has to go.
    expect(w.heard.filter((entry) => /load/.test(entry))).toEqual(['load c@1', 'unload b@1']);
    expect(w.states()).toEqual(['a@1 ready', 'b@1 ready', 'c@1 ready']);
    w.heard.length = 0;
    w.ask('b@1');
    w.serve();
    expect(w.heard.filter((entry) => /load|infer/.test(entry))).toEqual([
      'unload a@1',
      'load b@1',
      'infer b@1',
    ]);
    expect(w.outcomes).toEqual(['ok', 'ok', 'ok']);
    expect(w.table.memory().usedBytes).toBe(20 * MB);
  });
});

/** Models in the gateway against a runner that is played: what it is told, and what comes of its answers. */
import { describe, expect, it } from 'vitest';
import type { EndpointSpec } from '../../platform/link.ts';
import { endpoint, LIMITS } from '../testing/stack.ts';
import { spec, tableWorld } from '../testing/table-world.ts';
import { createRepository } from './repository.ts';
import { type ServedModel, settingsOf } from './served-model.ts';

describe('loading', () => {
  it('goes one after the other, and warms every size twice before a model is ready', () => {
    const w = tableWorld();
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
    // Four rows in ten milliseconds.
    expect(w.batcher.estimate('a@1')?.rowsPerSecond).toBe(400);
  });

  it('takes turns with the batches of those that serve already', () => {
    const w = tableWorld();
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
    const w = tableWorld();
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
  function repositoryOf(w: ReturnType<typeof tableWorld>, named: EndpointSpec[]) {
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
    const w = tableWorld();
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
    const w = tableWorld();
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

describe('a version that failed', () => {
  it('is loaded again when someone says so, and no other is', () => {
    const w = tableWorld();
    w.connect();
    const specs = [spec('m', '1', { path: '/bad' }), spec('m', '2'), spec('other', '1', { path: '/bad' })];
    w.table.apply(specs, LIMITS);
    w.serve();
    expect(w.states()).toEqual(['m@1 failed', 'm@2 ready', 'other@1 failed']);
    // The state as it was tries nothing again.
    w.table.apply(specs, LIMITS);
    expect(w.serve()).toEqual([]);
    w.table.retry('m');
    expect(w.states()).toEqual(['m@1 loading', 'm@2 ready', 'other@1 failed']);
    expect(w.serve()).toEqual(['load m@1']);
    expect(w.states()[0]).toBe('m@1 failed');
  });
});

describe('a runner that dies', () => {
  it('has its models loaded again, those in use first, without a second long warm-up', () => {
    const w = tableWorld();
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
    const w = tableWorld();
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
    const w = tableWorld();
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
    const w = tableWorld();
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

  it('while it loads a model on a device that may be left out: the CPU runs it from then on', () => {
    const w = tableWorld();
    const device = { provider: 'cuda' as const, fallback: true, refused: null };
    w.connect();
    w.table.apply([spec('m', '1', { device })], LIMITS);
    w.serve(0);
    w.die();
    w.connect();
    w.serve();
    expect(w.states()).toEqual(['m@1 ready']);
    const fallback = 'cuda: it ended the process that was loading the model';
    expect(w.table.get('m@1')).toMatchObject({ provider: 'cpu', fallback, deaths: 0 });
    // The engine says the same again, and the runner dies of something else: it stays on the CPU.
    w.table.apply([spec('m', '1', { device })], LIMITS);
    expect(w.serve()).toEqual([]);
    w.die();
    w.connect();
    w.serve();
    expect(w.table.get('m@1')).toMatchObject({ provider: 'cpu', fallback });
    // One that is asked for by hand is tried again.
    void w.table.setLoaded('m', false);
    w.serve();
    void w.table.setLoaded('m', true);
    w.serve();
    expect(w.table.get('m@1')).toMatchObject({ provider: 'cuda', fallback: null });
  });

  it('while it loads a model on a device that a person chose: it is given up after two', () => {
    const w = tableWorld();
    w.connect();
    w.table.apply([spec('m', '1', { device: { provider: 'cuda', fallback: false, refused: null } })], LIMITS);
    for (let n = 0; n < 2; n++) {
      w.serve(0);
      w.die();
      w.connect();
    }
    expect(w.states()).toEqual(['m@1 failed']);
    expect(w.table.get('m@1')?.error?.cause).toContain('on cuda died 2 times');
  });
});

describe('a warm-up', () => {
  it('says which run is the last of the largest size, by which threads are spared', () => {
    const w = tableWorld();
    w.connect();
    w.table.apply([spec('m')], { ...LIMITS, maxBatchRows: 48 });
    w.serve();
    expect(w.largest).toEqual([48]);
  });

  it('after a restart is as long as the first where that takes no time, and cut short otherwise', () => {
    for (const [us, expected] of [
      [100, [4]],
      [100_000, []],
    ] as const) {
      const w = tableWorld();
      w.setRunUs(us);
      w.connect();
      w.table.apply([spec('m')], { ...LIMITS, maxBatchRows: 4 });
      w.serve();
      w.largest.length = 0;
      w.die();
      w.connect();
      w.serve();
      expect(w.states()).toEqual(['m@1 ready']);
      expect(w.largest).toEqual(expected);
    }
  });
});

describe('a warm-up whose first run of each size is slow', () => {
  const ms = (first: number, second: number) => (_rows: number, nth: number) =>
    1_000 * (nth % 2 === 1 ? first : second);
  const warmedBy = (runUs: (rows: number, nth: number) => number, padded: boolean) => {
    const w = tableWorld();
    w.setRunUs(runUs);
    w.connect();
    w.table.apply([spec('m', '1', { tuning: { padded } })], { ...LIMITS, maxBatchRows: 32 });
    w.serve();
    expect(w.states()).toEqual(['m@1 ready']);
    return w.warmed();
  };
  const ALL = [1, 2, 4, 8, 16, 32];

  it('goes on through every size before the model is ready: the second run is judged', () => {
    for (const padded of [true, false]) expect(warmedBy(ms(1_300, 5), padded)).toEqual(ALL);
  });

  it('stops at what is not worth knowing, unless the device plans anew for each size', () => {
    expect(warmedBy(ms(600, 600), false)).toEqual([1]);
    expect(warmedBy(ms(450, 450), false)).toEqual([1, 2, 4, 8, 16]);
    expect(warmedBy(ms(600, 600), true)).toEqual(ALL);
  });

  it('ends after a minute in all', () => {
    for (const padded of [true, false]) expect(warmedBy(ms(25_000, 1), padded)).toEqual([1, 2, 4]);
  });
});

describe('a model whose threads are changed', () => {
  it('is made anew beside the old one, which serves until then', () => {
    const w = tableWorld();
    w.connect();
    const on = (threads: number | null) => ({
      device: { provider: 'cpu' as const, fallback: false, refused: null, threads },
    });
    w.table.apply([spec('m', '1', on(null))], LIMITS);
    w.serve();
    w.table.apply([spec('m', '1', on(2))], LIMITS);
    expect(w.states()).toEqual(['m@1 ready']);
    expect(w.serve().filter((entry) => !entry.startsWith('warm'))).toEqual(['load m@1', 'unload m@1']);
    w.table.apply([spec('m', '1', on(2))], LIMITS);
    expect(w.serve()).toEqual([]);
  });
});

describe('a model on a device that plans by size', () => {
  it('is padded there, and not on the CPU', () => {
    const w = tableWorld();
    w.connect();
    const on = (provider: 'cpu' | 'cuda') => ({ provider, fallback: false, refused: null });
    w.table.apply([spec('m', '1', { device: on('cuda') })], LIMITS);
    w.serve();
    expect(settingsOf(w.table.get('m@1') as ServedModel, LIMITS).padded).toBe(true);
    w.table.apply([spec('m', '1', { device: on('cpu') })], LIMITS);
    expect(w.serve().filter((entry) => !entry.startsWith('warm'))).toEqual(['load m@1', 'unload m@1']);
    expect(settingsOf(w.table.get('m@1') as ServedModel, LIMITS).padded).toBe(false);
  });
});

/**
 * The model versions that should be loaded, and how far each has come. Loads go to the runner one at a time,
 * so that when it dies we know which model it was loading: one that kills it twice is not tried again.
 */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { GatewayToRunner, ModelSpec, RunnerToGateway } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import type { Batcher } from './batcher.ts';
import { type ModelPlan, planOf } from './plan.ts';

export type ModelState = 'loading' | 'ready' | 'failed' | 'unloading' | 'unavailable';

export type ServedModel = {
  readonly spec: ModelSpec;
  state: ModelState;
  /** It should be in memory; false after an unload. */
  wanted: boolean;
  error: ErrorReport | null;
  loadMs: number | null;
  /** From the loaded file itself, or from the spec until it is loaded. */
  plan: ModelPlan;
  /** How often the runner died while it loaded this. */
  deaths: number;
};

export type ModelTable = {
  get(key: string): ServedModel | undefined;
  all(): Iterable<ServedModel>;
  /** Makes the table hold exactly these: loads what is new or changed, unloads what is gone. */
  apply(specs: readonly ModelSpec[]): void;
  runnerConnected(): void;
  /** Call before the batcher is told, while it still knows whether a batch was running. */
  runnerLost(): void;
  onMessage(message: RunnerToGateway): void;
  /** The model's outputs cannot be cut into requests: from now on its requests run one by one. */
  setUnbatchable(key: string): void;
  /**
   * Loads or unloads every version of a registered model, whatever the engine said last. Resolves when each is
   * ready, failed or gone.
   */
  setLoaded(model: string, loaded: boolean): Promise<void>;
};

/** How long requests of a model that was ready wait for a runner that died. */
const RUNNER_GRACE_MS = 1_500;
const MAX_LOAD_DEATHS = 2;

export function createModelTable(ports: {
  clock: Clock;
  log: Logger;
  batcher: Pick<Batcher<never, never>, 'open' | 'hold' | 'drop' | 'setPaused' | 'isRunning'>;
  send(message: GatewayToRunner): boolean;
  changed(): void;
}): ModelTable {
  const { clock, log, batcher, send } = ports;
  const models = new Map<string, ServedModel>();
  /** What was asked for here, until the engine says the same. */
  const asked = new Map<string, boolean>();
  let waiters: { settled(): boolean; resolve(): void }[] = [];
  let connected = false;
  let loading: ServedModel | null = null;

  const loadNext = () => {
    if (loading || !connected) return;
    for (const model of models.values()) {
      if (model.state !== 'loading') continue;
      const { key, path, sha256 } = model.spec;
      // The runner is busy with the load anyway; with nothing sent after it, its death has one cause.
      loading = model;
      batcher.setPaused(true);
      send({ type: 'load', key, path, sha256 });
      return;
    }
    batcher.setPaused(false);
  };

  const changed = () => {
    ports.changed();
    const settled = waiters.filter((waiter) => waiter.settled());
    waiters = waiters.filter((waiter) => !settled.includes(waiter));
    for (const waiter of settled) waiter.resolve();
  };

  const isWanted = (spec: ModelSpec): boolean => asked.get(spec.model) ?? spec.loaded !== false;

  const add = (spec: ModelSpec) => {
    const plan = planOf(spec.key, spec.version, spec.inputs, spec.outputs);
    const wanted = isWanted(spec);
    const state = connected && wanted ? 'loading' : 'unavailable';
    models.set(spec.key, { spec, state, wanted, error: null, loadMs: null, plan, deaths: 0 });
  };

  const remove = (model: ServedModel) => {
    const { key, model: name, version } = model.spec;
    models.delete(key);
    const reason = 'it was taken out of service';
    batcher.drop(key, new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', { name, version, reason }));
    if (connected) send({ type: 'unload', key });
  };

  const finishLoad = (key: string): ServedModel | null => {
    if (loading?.spec.key !== key) return null;
    const model = loading;
    loading = null;
    // Taken out or replaced while it loaded.
    return models.get(key) === model ? model : null;
  };

  const fail = (model: ServedModel, error: ErrorReport) => {
    model.state = 'failed';
    model.error = error;
    batcher.hold(model.spec.key, Number.NEGATIVE_INFINITY);
  };

  const setWanted = (model: ServedModel, wanted: boolean) => {
    const { key, model: name, version } = model.spec;
    if (wanted) {
      if (model.wanted && model.state !== 'failed') return;
      Object.assign(model, { wanted, error: null, deaths: 0, state: connected ? 'loading' : 'unavailable' });
      return;
    }
    if (!model.wanted) return;
    const loaded = model.state === 'ready' || model.state === 'loading';
    Object.assign(model, { wanted, error: null, state: connected && loaded ? 'unloading' : 'unavailable' });
    batcher.hold(key, Number.NEGATIVE_INFINITY);
    batcher.drop(key, unavailable(name, version, model));
    if (model.state === 'unloading') send({ type: 'unload', key });
  };

  return {
    get: (key) => models.get(key),
    all: () => models.values(),
    apply(specs) {
      const wanted = new Map(specs.map((spec) => [spec.key, spec]));
      for (const model of [...models.values()]) {
        const spec = wanted.get(model.spec.key);
        if (spec && spec.sha256 === model.spec.sha256 && spec.path === model.spec.path) {
          models.set(spec.key, Object.assign(model, { spec }));
          if (asked.get(spec.model) === (spec.loaded !== false)) asked.delete(spec.model);
          if (isWanted(spec) !== model.wanted) setWanted(model, isWanted(spec));
          wanted.delete(spec.key);
        } else remove(model);
      }
      for (const spec of wanted.values()) add(spec);
      loadNext();
      changed();
    },
    runnerConnected() {
      connected = true;
      loading = null;
      for (const model of models.values())
        if (model.state !== 'failed') model.state = model.wanted ? 'loading' : 'unavailable';
      loadNext();
      changed();
    },
    runnerLost() {
      connected = false;
      const untilMs = clock.monotonic() + RUNNER_GRACE_MS;
      // A batch that was sent before the load is run before it, and is the one to blame while unanswered.
      if (loading && !batcher.isRunning() && models.get(loading.spec.key) === loading) {
        const model = loading;
        model.deaths += 1;
        log.warn({ key: model.spec.key, deaths: model.deaths }, 'the runner died while loading');
        if (model.deaths >= MAX_LOAD_DEATHS) {
          const reason = `the process that loads it died ${model.deaths} times while doing so`;
          fail(model, new LatheError('LATHE_MODELS_LOAD_FAILED', { file: model.spec.key, reason }).report());
        }
      }
      loading = null;
      for (const model of models.values()) {
        if (model.state === 'ready') batcher.hold(model.spec.key, untilMs);
        if (model.state !== 'failed') model.state = 'unavailable';
      }
      changed();
    },
    onMessage(message) {
      if (message.type === 'loaded') {
        const model = finishLoad(message.key);
        if (model?.wanted) {
          const { key, version } = model.spec;
          const known = model.plan.batchable;
          model.plan = planOf(key, version, message.inputs, message.outputs);
          // What was found out by splitting stays known for the same file.
          if (model.loadMs !== null && !known) model.plan = { ...model.plan, batchable: false };
          Object.assign(model, { state: 'ready', error: null, loadMs: message.loadMs, deaths: 0 });
          batcher.open(key, model.plan.batchable);
        }
      } else if (message.type === 'load-failed') {
        const model = finishLoad(message.key);
        if (model?.wanted) fail(model, message.error);
      } else if (message.type === 'unloaded') {
        const model = models.get(message.key);
        if (model?.state === 'unloading') model.state = 'unavailable';
      } else return;
      loadNext();
      changed();
    },
    setUnbatchable(key) {
      const model = models.get(key);
      if (!model) return;
      model.plan = { ...model.plan, batchable: false };
      batcher.open(key, false);
    },
    setLoaded(name, loaded) {
      asked.set(name, loaded);
      const own = () => [...models.values()].filter((model) => model.spec.model === name);
      for (const model of own()) setWanted(model, loaded);
      loadNext();
      const isSettled = ({ state }: ServedModel) =>
        loaded ? state === 'ready' || state === 'failed' : state === 'unavailable';
      return new Promise((resolve) => {
        waiters.push({ settled: () => own().every(isSettled), resolve });
        changed();
      });
    },
  };
}

/** Why a model cannot answer now, as one of the catalogue's errors. */
export function unavailable(name: string, version: string, model: ServedModel | undefined): LatheError {
  const reason =
    model === undefined
      ? 'it is not part of what is served'
      : model.state === 'failed'
        ? (model.error?.cause.replace(/\.$/, '') ?? 'loading it failed')
        : !model.wanted
          ? 'it was unloaded'
          : model.state === 'loading'
            ? 'it is being loaded'
            : 'the process that runs it is being started';
  return new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', { name, version, reason });
}

/**
 * The model versions that should be served, and how far each has come. Loads go to the runner one at a time,
 * so that when it dies we know which model it was loading: one that kills it twice is not tried again.
 *
 * A version that leaves is answered to the end before its memory is freed. A new file for a version takes the
 * old one's place only once it is loaded. When memory runs out, the version that was not asked for the longest
 * rests: it stays ready, and the next request brings it back.
 */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { ModelSpec } from '../../platform/link.ts';
import { ON_CPU, sessionOf } from '../model-key.ts';
import { warmUpSizes } from './batch-policy.ts';
import { afterCrash, afterHang, afterLoadDeath } from './model-faults.ts';
import { createModelLoader, type Loaded } from './model-loader.ts';
import { createModelMemory } from './model-memory.ts';
import type { ModelTable, TablePorts } from './model-table-types.ts';
import { planOf, sameSignature } from './plan.ts';
import { type Limits, type ServedModel, servedModel, settingsOf, unavailable } from './served-model.ts';

/** How long requests of a model that was ready wait for a runner that died. */
const RUNNER_GRACE_MS = 1_500;
/** A batch that takes longer than this is no use without a target. */
const ENOUGH_MS = 500;
/** A model whose largest batch takes no longer is warmed up whole again after a restart. */
const BRIEF_MS = 5;

export function createModelTable(ports: TablePorts): ModelTable {
  const { clock, log, batcher, send } = ports;
  const models = new Map<string, ServedModel>();
  /** Taken out of the table and still answering what is queued. */
  const leaving = new Map<string, ServedModel>();
  /** What was asked for here, until the engine says the same. */
  const asked = new Map<string, boolean>();
  const loader = createModelLoader({ log, batcher, send });
  const memory = createModelMemory({
    clock,
    residents: () =>
      [...new Set([...models.values(), ...leaving.values()])].filter(({ session }) => session !== null),
    budgetBytes: () => budgetBytes(),
    fileBytes: ports.fileBytes,
    isBusy: batcher.isBusy,
    rest,
  });
  let waiters: { settled(): boolean; resolve(): void }[] = [];
  let limits: Limits = { maxBatchRows: 64, maxQueueDelayUs: 0, requestTimeoutMs: 30_000, maxBodyBytes: 0 };
  let connected = false;

  const changed = () => {
    ports.changed();
    const settled = waiters.filter((waiter) => waiter.settled());
    waiters = waiters.filter((waiter) => !settled.includes(waiter));
    for (const waiter of settled) waiter.resolve();
  };

  const isWanted = (spec: ModelSpec): boolean => asked.get(spec.model) ?? spec.loaded !== false;
  const budgetBytes = (): number => limits.memoryBudgetBytes || ports.automaticBudgetBytes;

  // ---- loading ---------------------------------------------------------------------------------------

  const toLoad = (model: ServedModel): ModelSpec | null => {
    if (!model.wanted || model.state === 'failed') return null;
    // What served before comes back before something new is tried.
    if (model.session === null && (model.state === 'loading' || model.called)) return model.spec;
    return model.next;
  };

  /** Those in use first: after the runner died, that is what people wait for. */
  function loadNext(): void {
    if (!connected || loader.current()) return;
    const due = [...models.values()]
      .filter((model) => toLoad(model) !== null)
      .sort((left, right) => right.lastUsedMs - left.lastUsedMs);
    for (const model of due) {
      const spec = toLoad(model) as ModelSpec;
      const room = memory.fit(model, spec);
      if (room === 'later') continue;
      if (room === 'fits') {
        begin(model, spec);
        return;
      }
      fail(model, room.report());
      changed();
    }
  }

  function begin(model: ServedModel, spec: ModelSpec): void {
    const session = sessionOf(spec);
    const shunned = model.shunned?.session === session ? model.shunned : null;
    loader.begin({
      spec,
      device: shunned ? { ...ON_CPU, threads: spec.device?.threads ?? null } : (spec.device ?? ON_CPU),
      sizes(loaded) {
        const { batchable } = planOf(spec.key, spec.version, loaded.inputs, loaded.outputs);
        const settings = settingsOf(model, limits, loaded.provider);
        const all = warmUpSizes(settings.maxBatchRows, batchable && !model.unbatchable);
        const known = session === sessionOf(model.spec) ? batcher.estimate(spec.key) : null;
        // After a mere restart it is known what batches cost: only devices that plan by size pay again, and brief models.
        const isBrief = settings.padded || !known || known.baseMs + known.rowMs * known.cap < BRIEF_MS;
        return { all, now: isBrief ? all : [1], padded: settings.padded };
      },
      enoughMs: (model.spec.tuning?.sloMs ?? (limits.sloMs || 2 * ENOUGH_MS)) / 2,
      runLimitMs: limits.requestTimeoutMs,
      done(outcome) {
        // The same file may have been announced again meanwhile.
        const wanted = models.get(spec.key) === model ? toLoad(model) : null;
        const present = wanted && sessionOf(wanted) === session ? wanted : null;
        if (!present && outcome.ok) send({ type: 'unload', key: session });
        else if (present && outcome.ok)
          loaded(model, present, shunned ? { ...outcome.loaded, fallback: shunned.reason } : outcome.loaded);
        else if (present && !outcome.ok) loadFailed(model, present, outcome.error);
        loadNext();
        changed();
      },
    });
  }

  function loaded(
    model: ServedModel,
    spec: ModelSpec,
    { inputs, outputs, loadMs, provider, fallback, footprintBytes }: Loaded,
  ): void {
    const { key, model: name, version } = spec;
    const { session: old, spec: before } = model;
    const plan = planOf(key, version, inputs, outputs);
    if (old !== null) {
      // What is queued was checked against the old file.
      const reason = 'it was replaced by a file with another signature';
      if (!sameSignature(plan, model.plan))
        batcher.drop(key, new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', { name, version, reason }));
      send({ type: 'unload', key: old });
    }
    if (spec !== before) Object.assign(model, { spec, next: null, rejected: null, unbatchable: false });
    Object.assign(model, { plan, loadMs, provider, fallback, state: 'ready', error: null, called: false });
    if (!model.next) model.deaths = 0;
    const nowMs = clock.monotonic();
    Object.assign(model, { session: sessionOf(spec), lastUsedMs: nowMs, loadedAtMs: nowMs });
    // The second load of a file grows the process less: it finds memory that the first one left.
    const known = spec === before ? model.footprintBytes : 0;
    model.footprintBytes = Math.max(known, footprintBytes, ports.fileBytes(spec.path));
    batcher.open(key, settingsOf(model, limits));
    // It may have turned out larger than it looked.
    const room = memory.fit(model, null);
    if (room instanceof LatheError) fail(model, room.report());
  }

  function loadFailed(model: ServedModel, spec: ModelSpec, error: ErrorReport): void {
    if (model.session !== null && spec === model.next) {
      log.warn(
        { key: spec.key, cause: error.cause },
        'the new file does not load; the old one goes on serving',
      );
      Object.assign(model, { next: null, rejected: { session: sessionOf(spec), error } });
    } else fail(model, error);
  }

  function fail(model: ServedModel, error: ErrorReport): void {
    if (model.session !== null && connected) send({ type: 'unload', key: model.session });
    Object.assign(model, { state: 'failed', error, session: null, called: false, next: null });
    batcher.hold(model.spec.key, Number.NEGATIVE_INFINITY);
  }

  // ---- memory ----------------------------------------------------------------------------------------

  /** Frees a model's memory for another's. It stays ready, and comes back when it is asked for. */
  function rest(model: ServedModel): void {
    const { key } = model.spec;
    // One that leaves is freed when it has answered what is queued.
    if (leaving.has(key)) return;
    log.info({ key }, 'rests: its memory is needed');
    const busy = batcher.isBusy(key);
    if (model.session !== null) send({ type: 'unload', key: model.session });
    Object.assign(model, { session: null, called: busy });
    batcher.hold(key, busy ? clock.monotonic() + limits.requestTimeoutMs : Number.NEGATIVE_INFINITY);
  }

  // ---- coming and going ------------------------------------------------------------------------------

  function add(spec: ModelSpec): void {
    const back = leaving.get(spec.key);
    if (back && isWanted(spec)) {
      leaving.delete(spec.key);
      back.wanted = true;
      models.set(spec.key, back);
      batcher.open(spec.key, settingsOf(back, limits));
      update(back, spec);
      return;
    }
    models.set(spec.key, servedModel(spec, isWanted(spec), connected));
  }

  /** Answers what is queued, then frees the memory. */
  function leave(model: ServedModel, gone: () => void): void {
    const { key, model: name, version } = model.spec;
    if (model.session === null) {
      batcher.drop(key, unavailable(name, version, model));
      gone();
      return;
    }
    leaving.set(key, model);
    batcher.drain(key, () => {
      if (leaving.get(key) !== model) return;
      leaving.delete(key);
      if (model.session !== null && connected) send({ type: 'unload', key: model.session });
      model.session = null;
      gone();
    });
  }

  function remove(model: ServedModel): void {
    models.delete(model.spec.key);
    model.wanted = false;
    leave(model, () => loadNext());
  }

  function setWanted(model: ServedModel, wanted: boolean): void {
    if (wanted) {
      if (model.wanted && model.state !== 'failed') return;
      leaving.delete(model.spec.key);
      Object.assign(model, { wanted, error: null, shunned: null, deaths: 0, crashes: 0, hangs: 0 });
      model.state = model.session !== null ? 'ready' : connected ? 'loading' : 'unavailable';
      if (model.session !== null) batcher.open(model.spec.key, settingsOf(model, limits));
      return;
    }
    if (!model.wanted) return;
    Object.assign(model, { wanted, error: null, called: false, next: null, state: 'unloading' });
    leave(model, () => {
      if (!model.wanted) model.state = 'unavailable';
      changed();
      loadNext();
    });
  }

  function update(model: ServedModel, spec: ModelSpec): void {
    // The same file on another device is loaded there first, too.
    if (sessionOf(spec) === sessionOf(model.spec) && spec.path === model.spec.path) {
      Object.assign(model, { spec, next: null, rejected: null });
      if (model.state === 'ready' && model.session !== null)
        batcher.open(spec.key, settingsOf(model, limits));
    } else if (model.loadMs !== null && model.state !== 'failed') {
      model.next = model.rejected?.session === sessionOf(spec) ? null : spec;
      // Until then, and if it never loads, the old one is treated as is wanted now.
      const { path, sha256, device } = model.spec;
      model.spec = { ...spec, path, sha256, device: device ?? ON_CPU };
      if (model.session !== null && model.state === 'ready')
        batcher.open(spec.key, settingsOf(model, limits));
    } else Object.assign(model, servedModel(spec, model.wanted, connected));
    if (asked.get(spec.model) === (spec.loaded !== false)) asked.delete(spec.model);
    if (isWanted(spec) !== model.wanted) setWanted(model, isWanted(spec));
  }

  return {
    get: (key) => models.get(key),
    session: (key) => (models.get(key) ?? leaving.get(key))?.session ?? null,
    all: () => models.values(),
    apply(specs, next) {
      limits = next;
      const wanted = new Map(specs.map((spec) => [spec.key, spec]));
      for (const model of [...models.values()]) {
        const spec = wanted.get(model.spec.key);
        wanted.delete(model.spec.key);
        if (spec) update(model, spec);
        else remove(model);
      }
      for (const spec of wanted.values()) add(spec);
      // The budget may be smaller than it was.
      memory.trim();
      loadNext();
      changed();
    },
    runnerConnected() {
      connected = true;
      for (const model of models.values())
        if (model.state === 'unavailable' && model.wanted) model.state = 'loading';
      loadNext();
      changed();
    },
    runnerLost(blameless) {
      connected = false;
      const untilMs = clock.monotonic() + (blameless ? limits.requestTimeoutMs : RUNNER_GRACE_MS);
      const spec = loader.current()?.spec;
      const [running] = batcher.runningKeys();
      loader.reset();
      blame(spec, running === undefined ? undefined : models.get(running));
      for (const model of leaving.values()) {
        model.session = null;
        batcher.hold(model.spec.key, Number.NEGATIVE_INFINITY);
      }
      for (const model of models.values()) {
        const { session, state } = model;
        model.session = null;
        if (state === 'ready' && session === null) continue;
        if (state === 'ready') batcher.hold(model.spec.key, untilMs);
        if (state === 'ready' || state === 'loading') model.state = 'unavailable';
      }
      changed();
    },
    onMessage: (message) => void loader.onMessage(message),
    use(model) {
      model.lastUsedMs = clock.monotonic();
      if (model.state !== 'ready' || model.session !== null || model.called) return;
      model.called = true;
      batcher.hold(model.spec.key, model.lastUsedMs + limits.requestTimeoutMs);
      loadNext();
    },
    ran(key) {
      const model = models.get(key);
      if (model) model.crashes = 0;
      // Others may wait for memory that this one held while it had work.
      loadNext();
    },
    hung(key) {
      const model = models.get(key);
      if (!model) return;
      log.warn({ key }, 'a run never ended');
      const error = afterHang(model);
      if (error) fail(model, error);
    },
    setUnbatchable(key) {
      const model = models.get(key);
      if (!model) return;
      model.unbatchable = true;
      batcher.open(key, settingsOf(model, limits));
    },
    setLoaded(name, want) {
      asked.set(name, want);
      const own = () => [...models.values()].filter((model) => model.spec.model === name);
      for (const model of own()) setWanted(model, want);
      loadNext();
      const isSettled = ({ state }: ServedModel) =>
        want ? state === 'ready' || state === 'failed' : state === 'unavailable';
      return new Promise((resolve) => {
        waiters.push({ settled: () => own().every(isSettled), resolve });
        changed();
      });
    },
    retry(name) {
      for (const model of models.values())
        if (model.spec.model === name && model.wanted && model.state === 'failed') setWanted(model, true);
      loadNext();
      changed();
    },
    asked: () => asked,
    memory: () => ({ usedBytes: memory.usedBytes(), budgetBytes: budgetBytes() }),
  };

  /** A load and a batch are never on the device together: what was there is to blame. */
  function blame(loading: ModelSpec | undefined, running: ServedModel | undefined): void {
    if (running && running.state !== 'failed') {
      const error = afterCrash(running);
      if (error) fail(running, error);
    }
    const model = loading && !running ? models.get(loading.key) : undefined;
    if (!model) return;
    log.warn({ key: model.spec.key }, 'the runner died while loading');
    const error = afterLoadDeath(model, loading as ModelSpec);
    if (!error) return;
    if (model.next && loading && sessionOf(loading) === sessionOf(model.next)) {
      Object.assign(model, { rejected: { session: sessionOf(loading), error }, next: null, deaths: 0 });
    } else fail(model, error);
  }
}

/** Endpoints: who is served where, by which versions, in which shares. Changes are compare-and-set by revision. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Devices } from '../../../contract/devices.ts';
import { LatheError } from '../../../contract/errors.ts';
import type {
  Arm,
  Endpoint,
  Held,
  LiveSample,
  ModelTuning,
  RouteChange,
  TunedModel,
} from '../../../contract/serving.ts';
import type { Prober } from '../../../platform/devices/prober.ts';
import type { AreaContext } from '../../context.ts';
import type { SettingsService } from '../settings/index.ts';
import { createDeviceService } from './devices.ts';
import { createGatewayControl, type Tap } from './gateway-control.ts';
import { createLive } from './live.ts';
import {
  checkedArms,
  checkSameInputs,
  desiredState,
  type EndpointRecord,
  endpointView,
  type FoundVersion,
  type GatewayStats,
  heldModels,
  type ServableVersion,
} from './serving.rules.ts';
import { createServingStore } from './serving.store.ts';
import { createTunings } from './tuning.ts';

/** What the models area tells about a version; null when there is none of that name and number. */
export type FindVersion = (model: string, version: string) => FoundVersion | null;

export type ServingDeps = {
  findVersion: FindVersion;
  /** The numbers of a model's versions; none for a model that is gone. */
  versionsOf(model: string): readonly string[];
  settings: Pick<SettingsService, 'get' | 'ports' | 'onChange'>;
  /** By default this machine's own. */
  prober?: Prober;
};

export type ServingService = ReturnType<typeof createServingService>;

const FULL = 10_000;
const IDLE_AFTER_MS = 1_500;

export function createServingService(context: AreaContext, deps: ServingDeps) {
  const { clock, events, ids, log, status } = context;
  const store = createServingStore(context.db);
  const tunings = createTunings(context.db, clock);
  const live = createLive();
  const changeListeners = new Set<() => void>();
  let records = store.list();
  let onTap: (tap: Tap) => Promise<void> = async () => {};
  let said = '';
  let estimates: GatewayStats['estimates'] = {};
  let statsMs = Number.NEGATIVE_INFINITY;

  const devices = createDeviceService(context, () => control.useLibraries(devices.libraries()), deps.prober);
  const wishForAll = () => deps.settings.get().serving.provider;

  const control = createGatewayControl(context, {
    build: (revision, temporary) => {
      const ports = deps.settings.ports();
      const limits = deps.settings.get().serving;
      const network = { httpPort: ports.inferenceHttp, grpcPort: ports.inferenceGrpc, limits };
      const registry = {
        versionOf: servable,
        versionsOf: deps.versionsOf,
        tuningOf: tunings.of,
        deviceFor: (tuning: ModelTuning) => devices.orderFor(tuning.provider ?? limits.provider),
      };
      return desiredState(revision, records, registry, temporary, network);
    },
    onStatus: () => {
      const now = control.status();
      const urls = control.urls();
      status.setUrls({ inferenceHttp: urls.http, inferenceGrpc: urls.grpc });
      reportPorts(now?.listenErrors[0] ?? null);
      events.changed('serving', 'overview');
    },
    onStats: (stats) => {
      statsMs = clock.monotonic();
      estimates = stats.estimates;
      live.take(records, stats);
    },
    onRepository: (model, loaded) => {
      try {
        setLoaded(model, loaded);
      } catch (thrown) {
        // It does so on; only the next gateway will not know.
        log.warn({ err: thrown, model, loaded }, 'what a client asked for could not be kept');
      }
    },
    onTap: (tap) => onTap(tap),
  });

  /** A version whose file is gone must not stop the others from being served. */
  function servable(model: string, version: string): (ServableVersion & { path: string }) | null {
    const found = deps.findVersion(model, version);
    if (!found?.sha256) return null;
    const { sha256 } = found;
    try {
      return { ...found, sha256, path: context.blobs.path(sha256) };
    } catch (thrown) {
      log.error({ err: thrown, model, version }, 'a served model file is missing');
      return null;
    }
  }

  function reportPorts(error: ReturnType<LatheError['report']> | null): void {
    const text = error ? error.cause : '';
    if (text === said) return;
    said = text;
    status.report('gateway', { error });
    if (error) events.notice({ level: 'error', title: error.cause, detail: error.remedy, href: '/settings' });
  }

  function changed(): void {
    records = store.list();
    control.apply();
    events.changed('serving', 'models', 'overview');
    for (const listener of changeListeners) listener();
  }

  const find = (name: string): EndpointRecord | null =>
    records.find((record) => record.name === name) ?? null;
  function record(name: string): EndpointRecord {
    const found = find(name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return found;
  }
  const view = (endpoint: EndpointRecord): Endpoint =>
    endpointView(endpoint, control.status(), control.urls().http);

  /** Arms that exist and answer the same requests. */
  function usable(model: string, arms: readonly Arm[]): Arm[] {
    const checked = checkedArms(arms, (version) => deps.findVersion(model, version) !== null);
    const versions = checked.flatMap(({ version }) => {
      const found = deps.findVersion(model, version);
      if (found && found.sha256 === null)
        throw new LatheError('LATHE_MODELS_NOT_SERVABLE', {
          model,
          version,
          reason: found.notServable ?? 'it has no ONNX file',
        });
      return found ? [[version, found] as const] : [];
    });
    checkSameInputs(new Map(versions));
    return checked;
  }

  function save(name: string, revision: number, part: Partial<EndpointRecord>, reason: string): Endpoint {
    const present = record(name);
    const change = { actor: actor(), reason, atMs: clock.now() };
    if (present.revision !== revision || !store.update({ ...present, ...part }, change))
      throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name });
    changed();
    return view(record(name));
  }

  function create(input: { name: string; model: string; arms: readonly Arm[]; reason: string }): Endpoint {
    const { name, model, reason } = input;
    if (find(name)) throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name });
    for (const { version } of input.arms)
      if (!deps.findVersion(model, version))
        throw new LatheError('LATHE_NOT_FOUND', { kind: 'model version', name: `${model} ${version}` });
    const arms = usable(model, input.arms);
    const salt = randomBytes(16).toString('hex');
    const change = { actor: actor(), reason, atMs: clock.now() };
    if (!store.create({ uuid: ids.next(), name, model, salt, arms }, change))
      throw new LatheError('LATHE_NOT_FOUND', { kind: 'model', name: model });
    changed();
    return view(record(name));
  }

  function setTuning(next: TunedModel): TunedModel {
    const saved = tunings.set(next);
    changed();
    return saved;
  }

  function setLoaded(model: string, loaded: boolean): TunedModel {
    const present = tunings.get(model);
    return setTuning({ ...present, tuning: { ...present.tuning, loaded } });
  }

  /** A new version may be among those that a policy keeps in memory. */
  const unlisten = events.listen((event) => {
    if (event.type !== 'changed' || !event.topics.includes('models')) return;
    if (records.some(({ model }) => tunings.of(model).versions.kind !== 'routed')) control.apply();
  });
  deps.settings.onChange(() => control.apply());
  // A gateway without traffic says nothing: its seconds are zeros, so that a live line goes on.
  const idle = setInterval(() => {
    if (control.status() === null || clock.monotonic() - statsMs < IDLE_AFTER_MS) return;
    const nothing = { queued: {}, arms: [], estimates: {}, loop: { p50Ms: 0, p99Ms: 0 } };
    live.take(records, { type: 'stats', atMs: clock.now(), ...nothing });
  }, 1_000);
  idle.unref();

  return {
    start: () => {
      devices.start();
      return control.start(devices.libraries());
    },
    close: async () => {
      clearInterval(idle);
      unlisten();
      devices.close();
      await control.close();
    },
    waitListening: control.waitListening,
    verifyModel: control.verifyModel,
    urls: control.urls,
    gateway: control.status,
    /** The one who commits logged predictions; what it throws is tried again. */
    setTapHandler(handler: (tap: Tap) => Promise<void>): void {
      onTap = handler;
    },
    /** Called after every change of endpoints. */
    onChange(listener: () => void): () => void {
      changeListeners.add(listener);
      return () => void changeListeners.delete(listener);
    },
    records: (): readonly EndpointRecord[] => records,
    find,
    list: (): Endpoint[] => records.map(view),
    get: (name: string): Endpoint => view(record(name)),
    create: (input: { name: string; model: string; version: string }): Endpoint =>
      create({ ...input, arms: [{ key: 'main', version: input.version, weight: FULL }], reason: 'created' }),
    /** An endpoint that begins with a split. */
    createSplit: create,
    setSplit: (input: { name: string; revision: number; arms: readonly Arm[]; reason: string }): Endpoint =>
      save(input.name, input.revision, { arms: usable(record(input.name).model, input.arms) }, input.reason),
    setEnabled: (input: { name: string; revision: number; enabled: boolean }): Endpoint =>
      save(input.name, input.revision, { enabled: input.enabled }, input.enabled ? 'enabled' : 'disabled'),
    setLogging: (input: { name: string; revision: number; logging: boolean }): Endpoint =>
      save(
        input.name,
        input.revision,
        { logging: input.logging },
        input.logging ? 'prediction logging on' : 'prediction logging off',
      ),
    remove(input: { name: string; revision: number }): void {
      const present = record(input.name);
      const change = { actor: actor(), reason: 'removed', atMs: clock.now() };
      if (present.revision !== input.revision || !store.remove(present, change))
        throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name: input.name });
      changed();
    },
    tuning: tunings.get,
    setTuning,
    setLoaded: (input: { model: string; loaded: boolean }): TunedModel =>
      setLoaded(input.model, input.loaded),
    held: (): Held => heldModels(control.status(), estimates, control.isTrial),
    devices: (): Devices => devices.view(wishForAll()),
    async reprobe(): Promise<Devices> {
      await devices.reprobe();
      return devices.view(wishForAll());
    },
    history: (name: string): RouteChange[] => store.changes(record(name).id),
    recent(name: string): LiveSample[] {
      record(name);
      return live.recent(name);
    },
    listen(name: string, push: (sample: LiveSample) => void): () => void {
      record(name);
      return live.listen(name, push);
    },
    /** Names of endpoints that route to this version. */
    servedBy: (model: string, version: string): string[] =>
      records
        .filter(
          (endpoint) => endpoint.model === model && endpoint.arms.some((arm) => arm.version === version),
        )
        .map(({ name }) => name),
  };
}

/** Who changes things here: the user of this machine. */
function actor(): string {
  try {
    return userInfo().username;
  } catch {
    return 'local user';
  }
}

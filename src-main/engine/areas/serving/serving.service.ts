/** Endpoints: who is served where, by which versions, along which route. Changes are compare-and-set by revision. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Feedback, FeedbackResult } from '../../../contract/ab-tests.ts';
import type { Pushed } from '../../../contract/business-metrics.ts';
import type { Devices } from '../../../contract/devices.ts';
import { LatheError } from '../../../contract/errors.ts';
import type {
  Endpoint,
  Held,
  LiveSample,
  ModelTuning,
  TryAnswer,
  TunedModel,
} from '../../../contract/serving.ts';
import type { Arm, Route, RouteChange, ShadowReport } from '../../../contract/serving-route.ts';
import type { Prober } from '../../../platform/devices/prober.ts';
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { createCanaries } from './canary.ts';
import { createDeviceService } from './devices.ts';
import { checkedFeedback } from './feedback-items.ts';
import { createGatewayControl, type Tap } from './gateway-control.ts';
import { createLive } from './live.ts';
import { createRouteChanges } from './route-changes.ts';
import {
  armState,
  desiredState,
  type EndpointRecord,
  endpointView,
  type FoundVersion,
  type GatewayStats,
  type GatewayStatus,
  heldModels,
  isSettled,
  type ServableVersion,
} from './serving.rules.ts';
import { type Change, createServingStore } from './serving.store.ts';
import { type TryInput, tryEndpoint } from './try-it.ts';
import { createTunings } from './tuning.ts';

/** What the models area tells about a version; null when there is none of that name and number. */
export type FindVersion = (model: string, version: string) => FoundVersion | null;

export type ServingDeps = {
  findVersion: FindVersion;
  /** The numbers of a model's versions; none for a model that is gone. */
  versionsOf(model: string): readonly string[];
  activities: Pick<Activities, 'record'>;
  settings: Pick<SettingsService, 'get' | 'ports' | 'onChange'>;
  /** By default this machine's own. */
  prober?: Prober;
};

export type ServingService = ReturnType<typeof createServingService>;

const FULL = 10_000;
const PLAIN: Omit<Route, 'arms'> = { sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null };
const IDLE_AFTER_MS = 1_500;

export function createServingService(context: AreaContext, deps: ServingDeps) {
  const { clock, events, ids, log, status } = context;
  const store = createServingStore(context.db);
  const tunings = createTunings(context.db, clock);
  const live = createLive();
  const changeListeners = new Set<() => void>();
  const secondListeners = new Set<(stats: GatewayStats) => void>();
  let records = store.list();
  let onTaps: (taps: readonly Tap[]) => Promise<void> = async () => {};
  let onFeedback: (items: readonly Feedback[]) => Promise<FeedbackResult[]> = async () => {
    throw new LatheError('LATHE_AB_TESTS_FEEDBACK_AWAY', { reason: 'the workspace is being opened' });
  };
  let onMetrics: (body: unknown) => Promise<Pushed> = async () => {
    throw new LatheError('LATHE_BUSINESS_METRICS_AWAY', { reason: 'the workspace is being opened' });
  };
  let said = '';
  let estimates: GatewayStats['estimates'] = {};
  /** As the gateway told last; it begins anew with the gateway, and nothing of it is kept. */
  const shadowReports = new Map<string, ShadowReport>();
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
        deviceFor: ({ provider, threads }: Pick<ModelTuning, 'provider' | 'threads'>) => ({
          ...devices.orderFor(provider ?? limits.provider),
          ...(threads === null ? {} : { threads }),
        }),
      };
      return desiredState(revision, records, registry, temporary, network);
    },
    onStatus: () => {
      const now = control.status();
      const urls = control.urls();
      status.setUrls({ inferenceHttp: urls.http, inferenceGrpc: urls.grpc });
      reportPorts(now?.listenErrors[0] ?? null);
      if (now) settleRoutes(now);
      events.changed('serving', 'overview');
    },
    onStats: (stats) => {
      statsMs = clock.monotonic();
      estimates = stats.estimates;
      live.take(records, stats);
      canaries.take(stats);
      for (const listener of secondListeners) listener(stats);
    },
    onShadow: (reports) => {
      for (const { endpoint, report } of reports) shadowReports.set(endpoint, report);
    },
    onRepository: (model, loaded) => {
      try {
        setLoaded(model, loaded);
      } catch (thrown) {
        // It does so on; only the next gateway will not know.
        log.warn({ err: thrown, model, loaded }, 'what a client asked for could not be kept');
      }
    },
    onTaps: (taps) => onTaps(taps),
    onFeedback: async (items) => onFeedback(checkedFeedback(items)),
    onMetrics: async (body) => onMetrics(body),
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

  /** What is loaded as a whole needs its former arms no more: they leave when they have answered what they have. */
  function settleRoutes(now: GatewayStatus): void {
    if (!control.isCurrent()) return;
    const settled = records.filter((each) => each.former && each.enabled && isSettled(now, each));
    if (settled.length === 0) return;
    for (const each of settled) store.settle(each);
    records = store.list();
    control.apply();
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

  const byUser = (reason: string): Change => ({
    actor: actor(),
    reason,
    atMs: clock.now(),
    automatic: false,
    figures: null,
  });

  function save(name: string, revision: number, part: Partial<EndpointRecord>, change: Change): Endpoint {
    const present = record(name);
    // The last arms that answered as a whole go on doing so until the new ones can.
    const former = part.arms ? (present.former ?? present.arms) : present.former;
    if (present.revision !== revision || !store.update({ ...present, former, ...part }, change))
      throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name });
    changed();
    return view(record(name));
  }

  const routes = createRouteChanges({
    context,
    activities: deps.activities,
    findVersion: deps.findVersion,
    record,
    save,
    change: ({ id }, revision) => store.change(id, revision),
    byUser,
  });
  const canaries = createCanaries({
    clock,
    records: () => records,
    connected: () => control.status() !== null,
    failure(each, version) {
      const { state, error } = armState(control.status(), each, version);
      // A version that is ready may tell of an error too: of a new file that was not taken.
      return control.isCurrent() && state === 'failed' ? error : null;
    },
    decided: routes.decided,
    observed(each, canary) {
      if (!store.setCanary({ ...each, canary })) return;
      records = records.map((present) => (present.id === each.id ? { ...present, canary } : present));
      events.changed('serving');
    },
  });

  function create(input: { name: string; model: string; arms: readonly Arm[]; reason: string }): Endpoint {
    const { name, model, reason } = input;
    if (find(name)) throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name });
    for (const { version } of input.arms)
      if (!deps.findVersion(model, version))
        throw new LatheError('LATHE_NOT_FOUND', { kind: 'model version', name: `${model} ${version}` });
    const { arms } = routes.usable(model, { ...PLAIN, arms: [...input.arms] });
    const salt = randomBytes(16).toString('hex');
    if (!store.create({ uuid: ids.next(), name, model, salt, arms }, byUser(reason)))
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
  const ramp = setInterval(() => {
    try {
      canaries.tick();
    } catch (thrown) {
      // A full disk, or someone was faster: it is decided again in the next second.
      log.warn({ err: thrown }, 'a canary could not be moved');
    }
  }, 1_000);
  ramp.unref();
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
      clearInterval(ramp);
      unlisten();
      devices.close();
      await control.close();
    },
    waitListening: control.waitListening,
    verifyModel: control.verifyModel,
    urls: control.urls,
    gateway: control.status,
    /** The one who commits logged predictions; what it throws is tried again. */
    setTapHandler(handler: (taps: readonly Tap[]) => Promise<void>): void {
      onTaps = handler;
    },
    /** The one who keeps the feedback that clients send to the gateway. */
    setFeedbackHandler(handler: typeof onFeedback): void {
      onFeedback = handler;
    },
    /** The one who checks and keeps the business metrics that clients push to the gateway. */
    setMetricsHandler(handler: typeof onMetrics): void {
      onMetrics = handler;
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
    setRoute: routes.setRoute,
    rollback: routes.rollback,
    canary: routes.canary,
    reweigh: routes.reweigh,
    shadowReport(name: string): ShadowReport | null {
      const { shadow } = record(name);
      const report = shadowReports.get(name);
      return shadow && report?.version === shadow.version ? report : null;
    },
    setEnabled: (input: { name: string; revision: number; enabled: boolean }): Endpoint =>
      save(
        input.name,
        input.revision,
        { enabled: input.enabled },
        byUser(input.enabled ? 'enabled' : 'disabled'),
      ),
    setLogging: (input: { name: string; revision: number; logging: boolean }): Endpoint =>
      save(
        input.name,
        input.revision,
        { logging: input.logging },
        byUser(input.logging ? 'prediction logging on' : 'prediction logging off'),
      ),
    remove(input: { name: string; revision: number }): void {
      const present = record(input.name);
      if (present.revision !== input.revision || !store.remove(present, byUser('removed')))
        throw new LatheError('LATHE_CONFLICT', { kind: 'The endpoint', name: input.name });
      changed();
    },
    tuning: tunings.get,
    setTuning,
    /** What failed to load is tried again, also where it was to be loaded before. */
    setLoaded({ model, loaded }: { model: string; loaded: boolean }): TunedModel {
      const saved = setLoaded(model, loaded);
      if (loaded) control.retry(model);
      return saved;
    },
    held: (): Held => heldModels(control.status(), estimates, control.isTrial),
    devices: (): Devices => devices.view(wishForAll()),
    async reprobe(): Promise<Devices> {
      await devices.reprobe();
      return devices.view(wishForAll());
    },
    history: (name: string): RouteChange[] => store.changes(record(name).id),
    /** Those after a revision, oldest first. */
    changesAfter: store.changesAfter,
    /** Calls with every second of the gateway's counters. */
    onSecond(listener: (stats: GatewayStats) => void): () => void {
      secondListeners.add(listener);
      return () => void secondListeners.delete(listener);
    },
    tryIt: async (input: TryInput, signal?: AbortSignal): Promise<TryAnswer> =>
      tryEndpoint(view(record(input.name)), input, deps.settings.get().serving.requestTimeoutMs, signal),
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
          (endpoint) =>
            endpoint.model === model &&
            [...endpoint.arms, endpoint.shadow].some((part) => part?.version === version),
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

/**
 * Serving, whatever protocol asked: finds the arm and its model, queues the request, counts it, and taps it.
 */
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Ids } from '../../platform/ids.ts';
import type { ArmSpec, DesiredState, EndpointSpec } from '../../platform/link.ts';
import type { Batcher, Outcome } from './batcher-types.ts';
import type { Job, JobResult } from './job.ts';
import type { ModelTable } from './model-table-types.ts';
import { sameSignature } from './plan.ts';
import { createRepository, type Repository } from './repository.ts';
import type { InferRequest } from './request.ts';
import { armFor, bucketOf, unitOfInput } from './router.ts';
import { canAnswer, type ServedModel, unavailable } from './served-model.ts';
import type { Shadows } from './shadow.ts';
import { splitRequest } from './split-request.ts';
import { type ArmStats, countFailed, countFailure, type Stats } from './stats.ts';
import { createStringChecks, isUnchecked } from './string-checks.ts';
import { submitParts } from './submit-parts.ts';
import type { Tap } from './tap.ts';
import type { LogBudget } from './tap-budget.ts';
import { watchedValues } from './tap-gather.ts';
import type { Sampler } from './tap-sampler.ts';
import { type Named, unitOf } from './units.ts';

export type Route = {
  endpoint: EndpointSpec;
  /** Key of the arm, or "direct" when the version was named in the URL. */
  arm: string;
  model: ServedModel;
  stats: ArmStats;
  /** As the request named it; null where its input stood for it. */
  unit: string | null;
  /** What stood for it, where the split asked. */
  inputUnit: string | null;
  /** It says nothing about the split: a tester named the arm, or an arm's version is still being loaded. */
  apart: boolean;
};

export type Target = Named & {
  name: string;
  version: string | null;
  forceArm: string | null;
  /** The bytes of the input, asked for only where they stand for the unit. */
  input(): readonly Uint8Array[];
};

/** One request from its arrival on. */
export type Call = {
  route: Route;
  request: InferRequest;
  id: string;
  eventMs: number | null;
  receivedMs: number;
  beganMs: number;
  /** 1 is served first; 0 or none means the model's default. */
  priority?: number;
  /** How long the client waits in all, in microseconds; 0 or none leaves it to the server. */
  timeoutUs?: number;
};

export type Service = {
  apply(state: DesiredState): void;
  endpoints(): Iterable<EndpointSpec>;
  /** Throws LATHE_SERVING_MODEL_NOT_FOUND. */
  endpoint(name: string): EndpointSpec;
  /** The model of an arm; undefined when the engine named an arm without its model. */
  find(endpoint: EndpointSpec, version: string): ServedModel | undefined;
  /** The served model of a version, which need not be loaded. Throws LATHE_SERVING_VERSION_NOT_FOUND. */
  version(endpoint: EndpointSpec, version: string): ServedModel;
  /** Throws when nothing can answer. */
  route(target: Target): Route;
  /** Throws LATHE_SERVING_MODEL_UNAVAILABLE for a model that failed to load or never was loaded yet. */
  requireLoaded(route: Route): void;
  /** Whether every unit is answered, be it by what answered it before. */
  isReady(endpoint: EndpointSpec): boolean;
  /**
   * The endpoint that keeps the server as a whole from being ready, or undefined. As in Triton, a model that was
   * unloaded on purpose does not: one that loads or failed to load does.
   */
  notReady(): EndpointSpec | undefined;
  /** `done` is called exactly once. Returns the cancel, after which it is called with LATHE_CANCELLED if it was not. */
  submit(call: Call, done: (outcome: Outcome<JobResult>) => void): () => void;
  /** Counts and taps a call after its answer was handed to the socket. */
  answered(call: Call, result: JobResult): void;
  /** Counts a failure; `beganMs` is when the request arrived (monotonic), where that is known. */
  failed(route: Route | null, error: LatheError, beganMs?: number): void;
  newId(): string;
  readonly repository: Repository;
};

export const SERVER_NAME = 'lathe';
export const SERVER_VERSION = '0.1.0';
const DIRECT_ARM = 'direct';
/** Of all requests whose strings are being looked at. */
const MOST_UNCHECKED_BYTES = 256 * 1024 * 1024;

export function createService(ports: {
  clock: Clock;
  ids: Ids;
  models: ModelTable;
  batcher: Batcher<Job, JobResult>;
  stats: Stats;
  tap: Tap;
  /** `counted` takes sizes in feature values, `logged` in rows. */
  samplers: { counted: Sampler; logged: Pick<LogBudget, 'take'> };
  shadows: Shadows;
  /** Of a request whose strings cannot wait to be looked at, so many bytes of others before it. */
  full(key: string, queuedBytes: number): LatheError;
  /** Calls back in a later turn of the loop. */
  defer(callback: () => void): void;
  /** A client loaded or unloaded a registered model. */
  asked(model: string, loaded: boolean): void;
}): Service {
  const { clock, ids, models, batcher, stats, tap, samplers, shadows } = ports;
  const checks = createStringChecks(ports.defer);
  let endpoints = new Map<string, EndpointSpec>();

  const endpointOf = (name: string): EndpointSpec => {
    const endpoint = endpoints.get(name);
    if (!endpoint) throw new LatheError('LATHE_SERVING_MODEL_NOT_FOUND', { name: name.slice(0, 128) });
    return endpoint;
  };

  const modelOf = (endpoint: EndpointSpec, version: string): ServedModel | undefined =>
    models.get(`${endpoint.model}@${version}`);

  const versionOf = (endpoint: EndpointSpec, version: string): ServedModel => {
    const model = modelOf(endpoint, version);
    if (model) return model;
    throw new LatheError('LATHE_SERVING_VERSION_NOT_FOUND', {
      name: endpoint.name,
      version: version.slice(0, 32),
    });
  };

  const answers = (endpoint: EndpointSpec, arm: ArmSpec): boolean => {
    const model = modelOf(endpoint, arm.version);
    return model !== undefined && canAnswer(model);
  };

  /** The arm by the route; where its version is not loaded yet, the one by the route before. */
  function pick(endpoint: EndpointSpec, by: (arms: readonly ArmSpec[]) => ArmSpec | null): ArmSpec | null {
    const arm = by(endpoint.arms);
    if (!endpoint.former || (arm && answers(endpoint, arm))) return arm;
    const former = by(endpoint.former);
    return former && answers(endpoint, former) ? former : arm;
  }

  function armOfTarget(endpoint: EndpointSpec, target: Target, unit: () => string): ArmSpec {
    const { name, forceArm } = target;
    if (forceArm !== null) {
      const arm = pick(endpoint, (arms) => arms.find(({ key }) => key === forceArm) ?? null);
      if (arm) return arm;
      const reason = `${name} has no arm named ${forceArm.slice(0, 40)}`;
      throw new LatheError('LATHE_INPUT_INVALID', { reason });
    }
    let known: number | null = null;
    const bucket = () => {
      known ??= bucketOf(endpoint.salt, unit());
      return known;
    };
    const arm = pick(endpoint, (arms) => armFor(arms, bucket));
    if (arm) return arm;
    const reason = 'none of its arms has any traffic';
    throw new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', { name, version: '', reason });
  }

  /** Every unit is answered by the arm that the present route gives it. */
  const isWhole = (endpoint: EndpointSpec): boolean =>
    !endpoint.former || endpoint.arms.every((arm) => arm.weight === 0 || answers(endpoint, arm));

  const isServed = (endpoint: EndpointSpec, arms: readonly ArmSpec[]): boolean =>
    arms.every((arm) => arm.weight === 0 || modelOf(endpoint, arm.version)?.state === 'ready');

  const isReady = (endpoint: EndpointSpec): boolean =>
    isServed(endpoint, endpoint.arms) || (endpoint.former != null && isServed(endpoint, endpoint.former));

  /** What is not loaded was unloaded on purpose. */
  const isUnloaded = (endpoint: EndpointSpec): boolean =>
    endpoint.arms.every((arm) => {
      const model = modelOf(endpoint, arm.version);
      return arm.weight === 0 || model?.state === 'ready' || model?.wanted === false;
    });

  function submitChecked(call: Call, done: (outcome: Outcome<JobResult>) => void): () => void {
    const { request, route } = call;
    const { key } = route.model.spec;
    shadows.busy();
    const submission = {
      key,
      shapeKey: request.shapeKey,
      rows: request.rows,
      bytes: request.bytes,
      payload: { request, stats: route.stats },
      arrivedMs: call.beganMs,
      timeoutMs: (call.timeoutUs ?? 0) / 1000,
      priority: call.priority ?? 0,
      settle(outcome: Outcome<JobResult>, queuedMs: number) {
        if (outcome.ok) {
          const totals = stats.totals(key);
          const { computeUs, inputUs, outputUs } = outcome.result;
          route.stats.queueMs += queuedMs;
          totals.queueUs += queuedMs * 1000;
          totals.queueTimes.add(queuedMs);
          totals.computeUs += computeUs;
          totals.computeInputUs += inputUs;
          totals.computeOutputUs += outputUs;
        }
        done(outcome);
      },
    };
    const parts = splitRequest(request, batcher.largestBatch(key)).map((each, at) => {
      const { rows, bytes } = each;
      const part = { first: at === 0, allRows: request.rows };
      return { ...submission, rows, bytes, part, payload: { request: each, stats: route.stats } };
    });
    if (parts.length === 1) return batcher.submit(submission);
    return submitParts(parts, batcher.submit, submission.settle, () => {
      models.setUnbatchable(key);
      return batcher.submit(submission);
    });
  }

  return {
    apply(state) {
      endpoints = new Map(state.endpoints.map((endpoint) => [endpoint.name, endpoint]));
      shadows.apply(state.endpoints, state.limits);
    },
    endpoints: () => endpoints.values(),
    endpoint: endpointOf,
    find: modelOf,
    version: versionOf,
    route(target) {
      const { name, version } = target;
      const endpoint = endpointOf(name);
      const unit = unitOf(target, endpoint.sticky);
      if (version !== null) {
        const model = versionOf(endpoint, version);
        const direct = stats.arm(name, DIRECT_ARM, version);
        return { endpoint, arm: DIRECT_ARM, model, stats: direct, unit, inputUnit: null, apart: true };
      }
      let inputUnit: string | null = null;
      const arm = armOfTarget(endpoint, target, () => {
        if (unit !== null) return unit;
        inputUnit ??= unitOfInput(target.input());
        return inputUnit;
      });
      const model = modelOf(endpoint, arm.version);
      if (!model) throw unavailable(name, arm.version, undefined);
      const apart = target.forceArm !== null || !isWhole(endpoint);
      const counters = stats.arm(name, arm.key, arm.version);
      return { endpoint, arm: arm.key, model, stats: counters, unit, inputUnit, apart };
    },
    requireLoaded({ endpoint, model }) {
      // A model that was loaded and lost its runner has a plan to check against; its requests may wait.
      if (!canAnswer(model)) throw unavailable(endpoint.name, model.spec.version, model);
      models.use(model);
    },
    isReady,
    notReady: () => [...endpoints.values()].find((endpoint) => !isReady(endpoint) && !isUnloaded(endpoint)),
    submit(call, done) {
      if (!isUnchecked(call.request)) return submitChecked(call, done);
      const { model, endpoint } = call.route;
      const { plan } = model;
      const refuse = (error: LatheError) => done({ ok: false, error });
      if (checks.bytes() > 0 && checks.bytes() + call.request.bytes > MOST_UNCHECKED_BYTES) {
        refuse(ports.full(model.spec.key, checks.bytes()));
        return () => {};
      }
      let cancel = checks.check(call.request, (error) => {
        // The file may have been replaced by one that takes other inputs.
        if (error) refuse(error);
        else if (canAnswer(model) && sameSignature(plan, model.plan)) cancel = submitChecked(call, done);
        else refuse(unavailable(endpoint.name, model.spec.version, model));
      });
      return () => cancel();
    },
    answered(call, result) {
      const { route, request } = call;
      const latencyMs = clock.monotonic() - call.beganMs;
      route.stats.requests += 1;
      route.stats.rows += request.rows;
      route.stats.latency.add(latencyMs);
      const totals = stats.totals(route.model.spec.key);
      totals.success += 1;
      totals.successUs += latencyMs * 1000;
      totals.requestTimes.add(latencyMs);
      totals.lastInferenceMs = clock.now();
      if (route.endpoint.shadow && route.arm !== DIRECT_ARM)
        shadows.answered({
          ...{ endpoint: route.endpoint, model: route.model, request, outputs: result.outputs },
          ...{ requestId: call.id, atMs: call.receivedMs, arm: route.arm, version: route.model.spec.version },
        });
      if (!route.endpoint.logging) return;
      // Counted or not as a whole, and of the counted ones logged or not as a whole.
      if (!samplers.counted.take(watchedValues(request))) {
        tap.leaveOut(request.rows);
        return;
      }
      const log = samplers.logged.take(request.rows, call.eventMs !== null);
      tap.record(call, result.outputs, Math.round(latencyMs * 1000), log);
    },
    failed(route, error, beganMs) {
      if (!route) return;
      const tookMs = beganMs === undefined ? 0 : clock.monotonic() - beganMs;
      countFailed(stats.totals(route.model.spec.key), error, tookMs);
      countFailure(route.stats, error);
    },
    newId: () => ids.next(),
    repository: createRepository({
      models,
      asked: ports.asked,
      endpoints: () => endpoints.values(),
      endpoint: endpointOf,
    }),
  };
}

/**
 * The gateway: the data plane between clients and the runner. It is told what to do by the engine, does it by
 * difference, and goes on doing it while the engine is away.
 */

import { statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { LatheError } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import type { Running } from '../../platform/lifecycle.ts';
import type {
  DesiredState,
  EngineToGateway,
  GatewayStart,
  GatewayToEngine,
  ModelEstimate,
} from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { createBatchFiles } from '../batch-files.ts';
import { createBatcher } from './batcher.ts';
import type { Batcher } from './batcher-types.ts';
import { createCpuIdle } from './cpu-idle.ts';
import { connectEngine } from './engine-link.ts';
import { createExecutor } from './executor.ts';
import { createFeedbackDesk } from './feedback.ts';
import { openHttp } from './http-listener.ts';
import { createHttpHandler } from './http-routes.ts';
import type { Job, JobResult } from './job.ts';
import { createJsonDoor } from './json-door.ts';
import { createJsonThread } from './json-thread.ts';
import { createLoopWatch, ON_TIME } from './loop-watch.ts';
import { metricsText } from './metrics.ts';
import { createModelTable } from './model-table.ts';
import type { ModelTable } from './model-table-types.ts';
import { keepListening } from './ports.ts';
import { processFigures } from './process-figures.ts';
import { listenForRunner, type RunnerLink } from './runner-link.ts';
import { schedulerErrors } from './scheduler-errors.ts';
import type { Limits } from './served-model.ts';
import { createService } from './service.ts';
import { createShadows } from './shadow.ts';
import { createStats } from './stats.ts';
import { createTap } from './tap.ts';
import { createLogBudget } from './tap-budget.ts';
import { COUNTED_VALUES_PER_SECOND, createSampler } from './tap-sampler.ts';

const STATS_MS = 1_000;
const TAP_MS = 200;
/** Memory set aside for models where nothing is configured; the desktop needs the rest. */
const MEMORY_SHARE = 0.5;
const QUEUED_BYTES = 256 * 1024 * 1024;
/** Nothing is served before the engine has spoken. */
const LIMITS_BEFORE_STATE: Limits = {
  maxBatchRows: 64,
  maxQueueDelayUs: 0,
  requestTimeoutMs: 30_000,
  maxBodyBytes: 1024 * 1024,
};

/** `jsonWorker` is the entry of the thread for heavy JSON. */
export async function startGateway(start: GatewayStart, log: Logger, jsonWorker: URL): Promise<Running> {
  const clock = systemClock;
  const ids = createIds(clock);
  const stats = createStats();
  const loopWatch = createLoopWatch();
  const cpuIdle = createCpuIdle();
  const logBudget = createLogBudget(clock);
  /** Of the last second. */
  let loop = ON_TIME;
  const tap = createTap(() => engine.flushTap());
  let state: DesiredState | null = null;
  let runner: RunnerLink | null = null;
  let lastStatus = '';
  let statusDue = false;
  /** Called when what is served may have changed. */
  const changes = new Set<() => void>();

  const files = createBatchFiles();
  const executor = createExecutor({
    files,
    batcher: (): Batcher<Job, JobResult> => batcher,
    clock,
    stats,
    send: (message, body) => runner?.send(message, body) ?? false,
    session: (key) => models.session(key),
    ran: (key) => models.ran(key),
    setUnbatchable: (key) => models.setUnbatchable(key),
  });
  const errors = schedulerErrors((key) => models.get(key));
  const batcher = createBatcher<Job, JobResult>({
    clock,
    setTimer: unrefTimer,
    defer: (callback) => setImmediate(callback),
    dispatch: (batch) => executor.dispatch(batch),
    stuck(key, ranMs) {
      log.warn({ key, ranMs: Math.round(ranMs) }, 'a run does not end');
      models.hung(key);
      runner?.kill();
    },
    errors,
    lagMs: () => loop.p99Ms,
  });
  const models: ModelTable = createModelTable({
    clock,
    log,
    batcher,
    send: (message) => runner?.send(message) ?? false,
    fileBytes,
    automaticBudgetBytes: Math.floor(MEMORY_SHARE * totalmem()),
    changed: () => reportSoon(),
  });
  const shadows = createShadows({
    clock,
    batcher,
    model: (key) => models.get(key),
    setTimer: unrefTimer,
  });
  const service = createService({
    clock,
    ids,
    models,
    batcher,
    stats,
    tap,
    samplers: {
      counted: createSampler(clock, COUNTED_VALUES_PER_SECOND),
      logged: logBudget,
    },
    shadows,
    full: (key, queuedBytes) => errors.overloaded(key, { queuedRows: 0, queuedBytes, late: null }),
    defer: (callback) => setImmediate(callback),
    asked: (model, loaded) => engine.send({ type: 'repository', model, loaded }),
  });
  const limits = (): Limits => state?.limits ?? LIMITS_BEFORE_STATE;
  const metrics = () => {
    const queued = batcher.queuedRows();
    const pending = batcher.queuedRequests();
    const versions = [...models.all()].map(({ spec: { key, model, version } }) => ({
      model,
      version,
      totals: stats.totals(key),
      queuedRows: queued[key] ?? 0,
      queuedRequests: pending[key] ?? 0,
    }));
    return metricsText(versions, processFigures(loop));
  };
  const jsonThread = createJsonThread(jsonWorker, clock);
  const roomBytes = (key: string) => QUEUED_BYTES - batcher.queuedBytes(key);
  const desk = createFeedbackDesk((message) => engine.send(message));
  const { handle, infer } = createHttpHandler({
    service,
    stats,
    clock,
    log,
    limits,
    metrics,
    jsonThread,
    jsonDoor: createJsonDoor({ service, limits, errors, roomBytes }),
    desk,
  });
  const maxBodyBytes = () => limits().maxBodyBytes;
  const openPort = openHttp(handle, maxBodyBytes, log, undefined, infer);
  const http = keepListening('Inference over HTTP', openPort, log, () => reportSoon());
  const grpc = keepListening(
    'Inference over gRPC',
    async (host, port) => {
      const { openGrpc } = await import('./grpc-server.ts');
      return openGrpc(host, port, { service, stats, clock, limits, changes });
    },
    log,
    () => reportSoon(),
  );

  const apply = (next: DesiredState) => {
    // The library takes its limit when it opens.
    if (state && state.limits.maxBodyBytes !== next.limits.maxBodyBytes) grpc.set(next.listen.host, -1);
    state = next;
    const { maxQueueDelayUs, requestTimeoutMs } = next.limits;
    batcher.configure({ maxQueueDelayUs, requestTimeoutMs, maxQueueBytes: QUEUED_BYTES, pipeline: 2 });
    models.apply(next.models, next.limits);
    service.apply(next);
    http.set(next.listen.host, next.listen.httpPort);
    grpc.set(next.listen.host, next.listen.grpcPort);
    reportSoon();
  };

  /** How busy the machine is matters only while rows come. */
  function tendLog(served: boolean): void {
    const idle = served ? cpuIdle().catch(() => null) : Promise.resolve(null);
    void idle.then((share) => logBudget.second(share));
  }

  const status = (): GatewayToEngine => ({
    type: 'status',
    revision: state?.revision ?? 0,
    listening: { http: http.port(), grpc: grpc.port() },
    listenErrors: [http.error(), grpc.error()].filter((error) => error !== null),
    models: [...models.all()].map(
      ({
        spec,
        state: modelState,
        error,
        rejected,
        loadMs,
        provider,
        fallback,
        session,
        footprintBytes,
      }) => ({
        key: spec.key,
        state: modelState === 'unloading' ? 'unavailable' : modelState,
        error: error ?? rejected?.error ?? null,
        loadMs,
        provider,
        fallback,
        memoryBytes: session === null ? 0 : footprintBytes,
      }),
    ),
    runner: { connected: runner?.pid() != null, pid: runner?.pid() ?? null },
    memory: models.memory(),
  });

  /** Several changes of one turn are one status; the same status is not said twice. */
  function reportSoon(): void {
    if (statusDue) return;
    statusDue = true;
    setImmediate(() => {
      statusDue = false;
      for (const changed of changes) changed();
      const message = status();
      const text = JSON.stringify(message);
      if (text === lastStatus) return;
      lastStatus = text;
      engine.send(message);
    });
  }

  const engine = connectEngine(
    start.engineSocket,
    start.nonce,
    log,
    { tap, instance: ids.next() },
    {
      connected() {
        lastStatus = '';
        reportSoon();
        shadows.rewind();
        for (const [model, loaded] of models.asked()) engine.send({ type: 'repository', model, loaded });
      },
      message(message: EngineToGateway) {
        if (message.type === 'state') apply(message.state);
        else if (message.type === 'load') models.retry(message.model);
        else if (message.type === 'shutdown') process.kill(process.pid, 'SIGTERM');
        else if ('id' in message) desk.answered(message);
      },
      lost: () => desk.lost(),
    },
  );
  runner = await listenForRunner(start.runnerSocket, start.nonce, log, {
    connected() {
      const folder = files.renew();
      if (folder !== null) runner?.send({ type: 'files', folder });
      models.runnerConnected();
    },
    message(message, body) {
      if (message.type === 'files-opened') files.opened(message.folder);
      executor.onMessage(message, body);
      models.onMessage(message);
    },
    lost() {
      models.runnerLost(batcher.isAside());
      executor.deviceLost();
      batcher.deviceLost();
    },
  });

  const statsTimer = setInterval(() => {
    const reports = shadows.changed();
    if (reports.length > 0) engine.send({ type: 'shadow', reports });
    const arms = stats.take();
    loop = loopWatch.take(arms.length > 0);
    tendLog(arms.length > 0);
    if (arms.length === 0) return;
    const estimates: Record<string, ModelEstimate> = {};
    for (const { spec } of models.all()) {
      const estimate = batcher.estimate(spec.key);
      if (estimate) estimates[spec.key] = estimate;
    }
    engine.send({ type: 'stats', atMs: clock.now(), queued: batcher.queuedRows(), arms, estimates, loop });
  }, STATS_MS);
  const tapTimer = setInterval(() => engine.flushTap(), TAP_MS);

  return {
    async close() {
      clearInterval(statsTimer);
      clearInterval(tapTimer);
      loopWatch.close();
      shadows.close();
      await Promise.all([http.close(), grpc.close()]);
      jsonThread.close();
      batcher.close(new LatheError('LATHE_CANCELLED', { kind: 'request' }));
      engine.flushTap();
      engine.close();
      await runner?.close();
      files.close();
    },
  };
}

function unrefTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.ceil(ms));
  timer.unref();
  return () => clearTimeout(timer);
}

function fileBytes(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

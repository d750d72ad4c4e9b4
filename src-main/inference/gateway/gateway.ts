/**
 * The gateway: the data plane between clients and the runner. It is told what to do by the engine, does it by
 * difference, and goes on doing it while the engine is away.
 */
import { LatheError, toErrorReport } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import type { DesiredState, EngineToGateway, GatewayStart, GatewayToEngine } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import type { Running } from '../lifecycle.ts';
import { type Batcher, createBatcher } from './batcher.ts';
import { connectEngine } from './engine-link.ts';
import { createExecutor } from './executor.ts';
import { openHttp } from './http-listener.ts';
import { createHttpHandler } from './http-routes.ts';
import { metricsText } from './metrics.ts';
import { createModelTable, type ModelTable, unavailable } from './model-table.ts';
import { keepListening } from './ports.ts';
import { listenForRunner, type RunnerLink } from './runner-link.ts';
import { createService, type Job, type JobResult } from './service.ts';
import { createStats } from './stats.ts';
import { createTap } from './tap.ts';

const STATS_MS = 1_000;
const TAP_MS = 200;
/** Most rows that wait for one model, in batches of the largest size. */
const QUEUED_BATCHES = 16;
const QUEUED_BYTES = 256 * 1024 * 1024;

export async function startGateway(start: GatewayStart, log: Logger): Promise<Running> {
  const clock = systemClock;
  const stats = createStats();
  const tap = createTap(() => engine.flushTap());
  let state: DesiredState | null = null;
  let runner: RunnerLink | null = null;
  let lastStatus = '';
  let statusDue = false;

  const versionOf = (key: string): [name: string, version: string] => {
    const [name = key, version = ''] = key.split('@');
    return [name, version];
  };
  const executor = createExecutor({
    batcher: (): Batcher<Job, JobResult> => batcher,
    clock,
    stats,
    send: (message, body) => runner?.send(message, body) ?? false,
    setUnbatchable: (key) => models.setUnbatchable(key),
  });
  const batcher = createBatcher<Job, JobResult>({
    clock,
    setTimer(ms, callback) {
      const timer = setTimeout(callback, Math.ceil(ms));
      timer.unref();
      return () => clearTimeout(timer);
    },
    defer: (callback) => setImmediate(callback),
    dispatch: (batch) => executor.dispatch(batch),
    errors: {
      timeout(key, ms) {
        const [name, version] = versionOf(key);
        return new LatheError('LATHE_SERVING_TIMEOUT', { name, version, ms });
      },
      overloaded(key, queued) {
        const reason = `its queue is full (${queued} rows)`;
        return new LatheError('LATHE_SERVING_OVERLOADED', { name: versionOf(key)[0], queued, reason });
      },
      unavailable(key) {
        const [name, version] = versionOf(key);
        return unavailable(name, version, models.get(key));
      },
      lost: (key) => new LatheError('LATHE_SERVING_RUNNER_LOST', { name: versionOf(key)[0] }),
      internal: (thrown) => new LatheError('LATHE_INTERNAL', { reason: toErrorReport(thrown).cause }),
    },
  });
  const models: ModelTable = createModelTable({
    clock,
    log,
    batcher,
    send: (message) => runner?.send(message) ?? false,
    changed: () => reportSoon(),
  });
  const service = createService({ clock, ids: createIds(clock), models, batcher, stats, tap });
  const maxBodyBytes = () => state?.limits.maxBodyBytes ?? 1024 * 1024;
  const handle = createHttpHandler({
    service,
    clock,
    log,
    maxBodyBytes,
    metrics: () => metricsText(stats, batcher.queuedRows()),
  });
  const http = keepListening('Inference over HTTP', openHttp(handle, maxBodyBytes, log), log, () =>
    reportSoon(),
  );
  const grpc = keepListening(
    'Inference over gRPC',
    async (host, port) => {
      const { openGrpc } = await import('./grpc-server.ts');
      return openGrpc(host, port, { service, clock, maxMessageBytes: maxBodyBytes() });
    },
    log,
    () => reportSoon(),
  );

  const apply = (next: DesiredState) => {
    // The library takes its limit when it opens.
    if (state && state.limits.maxBodyBytes !== next.limits.maxBodyBytes) grpc.set(next.listen.host, -1);
    state = next;
    const { maxBatchRows, maxQueueDelayUs } = next.limits;
    const maxQueueRows = Math.max(1_024, QUEUED_BATCHES * maxBatchRows);
    batcher.configure({ maxBatchRows, maxQueueDelayUs, maxQueueRows, maxQueueBytes: QUEUED_BYTES });
    models.apply(next.models);
    service.apply(next);
    http.set(next.listen.host, next.listen.httpPort);
    grpc.set(next.listen.host, next.listen.grpcPort);
    reportSoon();
  };

  const status = (): GatewayToEngine => ({
    type: 'status',
    revision: state?.revision ?? 0,
    listening: { http: http.port(), grpc: grpc.port() },
    listenErrors: [http.error(), grpc.error()].filter((error) => error !== null),
    models: [...models.all()].map(({ spec, state: modelState, error, loadMs }) => ({
      key: spec.key,
      state: modelState === 'unloading' ? 'unavailable' : modelState,
      error,
      loadMs,
    })),
    runner: { connected: runner?.pid() != null, pid: runner?.pid() ?? null },
  });

  /** Several changes of one turn are one status; the same status is not said twice. */
  function reportSoon(): void {
    if (statusDue) return;
    statusDue = true;
    setImmediate(() => {
      statusDue = false;
      const message = status();
      const text = JSON.stringify(message);
      if (text === lastStatus) return;
      lastStatus = text;
      engine.send(message);
    });
  }

  const engine = connectEngine(start.engineSocket, start.nonce, log, tap, {
    connected() {
      lastStatus = '';
      reportSoon();
    },
    message(message: EngineToGateway) {
      if (message.type === 'state') apply(message.state);
      else if (message.type === 'shutdown') process.kill(process.pid, 'SIGTERM');
    },
  });
  runner = await listenForRunner(start.runnerSocket, start.nonce, log, {
    connected: () => models.runnerConnected(),
    message(message, body) {
      executor.onMessage(message, body);
      models.onMessage(message);
    },
    lost() {
      models.runnerLost();
      batcher.deviceLost();
    },
  });

  const statsTimer = setInterval(() => {
    const arms = stats.take();
    if (arms.length === 0) return;
    engine.send({ type: 'stats', atMs: clock.now(), queued: batcher.queuedRows(), arms });
  }, STATS_MS);
  const tapTimer = setInterval(() => engine.flushTap(), TAP_MS);

  return {
    async close() {
      clearInterval(statsTimer);
      clearInterval(tapTimer);
      await Promise.all([http.close(), grpc.close()]);
      batcher.close(new LatheError('LATHE_CANCELLED', { kind: 'request' }));
      engine.flushTap();
      engine.close();
      await runner?.close();
    },
  };
}

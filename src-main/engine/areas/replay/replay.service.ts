/**
 * Plays a dataset through an endpoint as if it happened now. Where it stands is committed every second; after
 * a crash it goes on from there, and as ids and labels repeat exactly, nothing is counted twice.
 */
import { basename } from 'node:path';
import type { TensorSpec } from '../../../contract/common.ts';
import { type ErrorReport, LatheError } from '../../../contract/errors.ts';
import { REPLAY_SPEEDS, type ReplayStatus } from '../../../contract/replay.ts';
import type { AreaContext } from '../../context.ts';
import type { Activities, ActivityHandle } from '../activity/index.ts';
import type { LabelService } from '../labels/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { createLabelDesk } from './label-desk.ts';
import { checkColumns, evenSpan } from './replay.rules.ts';
import { createReplayStore, type ReplayRecord } from './replay.store.ts';
import type { FromWorker } from './replay-messages.ts';
import { inspectFile, type ReplayThread, startThread } from './worker-host.ts';

export type ReplayDeps = {
  endpoints: () => readonly EndpointRecord[];
  /** Calls when endpoints changed. */
  onEndpoints: (listener: () => void) => void;
  inputs: (model: string, version: string) => TensorSpec[] | null;
  pushLabels: LabelService['push'];
  activities: Activities;
  uploads: Uploads;
};

export type ReplayService = ReturnType<typeof createReplayService>;

const DEFAULT_SPEED = REPLAY_SPEEDS[2];
const PERSIST_EVERY_MS = 1_000;
const STOP_LIMIT_MS = 5_000;

type Run = {
  thread: ReplayThread;
  pass: number;
  activity: ActivityHandle;
  live: Extract<FromWorker, { type: 'progress' }> | null;
  persistedMs: number;
  /** Nothing it says counts any more. */
  over: boolean;
};

export function createReplayService(context: AreaContext, deps: ReplayDeps) {
  const { clock, events, log, paths, status: engineStatus } = context;
  const store = createReplayStore(context.db);
  const desk = createLabelDesk({
    push: deps.pushLabels,
    joined: (count) => {
      store.addLabels(count);
      events.changed('replay');
    },
    log,
  });
  let run: Run | null = null;
  let error: ErrorReport | null = null;
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** Commands one after the other: a start waits for the stop before it. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  const endpointOf = (record: ReplayRecord): EndpointRecord | null =>
    deps.endpoints().find(({ id }) => id === record.endpointId) ?? null;

  function status(): ReplayStatus {
    const record = store.get();
    if (!record)
      return {
        state: 'empty',
        endpoint: null,
        source: null,
        fromMs: null,
        nowMs: null,
        toMs: null,
        speed: DEFAULT_SPEED,
        sent: 0,
        failed: 0,
        labels: 0,
        total: 0,
        requestsPerSecond: 0,
        error,
      };
    const { source, fromMs, toMs, speed, labels, total } = record;
    const live = run?.live ?? null;
    return {
      state: stateOf(record),
      endpoint: endpointOf(record)?.name ?? null,
      source,
      fromMs,
      nowMs: Math.min(Math.max(live?.nowMs ?? record.nowMs, fromMs), toMs),
      toMs,
      speed,
      sent: live?.sent ?? record.sent,
      failed: live?.failed ?? record.failed,
      labels,
      total,
      requestsPerSecond: live?.requestsPerSecond ?? 0,
      error: live?.error ?? error,
    };
  }

  function stateOf(record: ReplayRecord): ReplayStatus['state'] {
    if (run) return 'running';
    if (error) return 'failed';
    if (record.nowMs >= record.toMs) return 'finished';
    return record.nowMs <= record.fromMs && record.sent === 0 ? 'idle' : 'paused';
  }

  /** Throws LATHE_NOT_FOUND when the endpoint or its model is gone. */
  function play(record: ReplayRecord): void {
    const endpoint = endpointOf(record);
    const version = endpoint?.arms[0]?.version;
    const inputs = endpoint && version !== undefined ? deps.inputs(endpoint.model, version) : null;
    if (!endpoint || !inputs)
      throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name: 'of the replay' });
    error = null;
    const { pass, fromMs, toMs, speed, nowMs, sent, failed } = record;
    const job = {
      file: context.blobs.path(record.blob),
      endpoint: endpoint.name,
      url: engineStatus.urls().inferenceHttp,
      inputs,
      pass,
      fromMs,
      toMs,
      start: { ms: nowMs, sent, failed },
      speed,
    };
    const activity = deps.activities.start({
      kind: 'replay',
      title: `Replay ${record.source} through ${endpoint.name}`,
      cancellable: true,
      href: `/monitoring/${endpoint.name}`,
    });
    const mine: Run = {
      thread: startThread(paths.bundles, { mode: 'play', job }, (message) => hear(mine, message)),
      pass,
      activity,
      live: null,
      persistedMs: clock.monotonic(),
      over: false,
    };
    run = mine;
    activity.signal.addEventListener('abort', () => {
      if (!closed && run === mine) void inTurn(pause);
    });
    store.setRunning(true);
    events.changed('replay', 'overview');
  }

  function hear(from: Run, message: FromWorker): void {
    if (from.over) return;
    if (message.type === 'labels') desk.add(message.labels);
    else if (message.type === 'progress') progress(from, message);
    else if (message.type === 'stopped') {
      store.setPosition(from.pass, message.position);
      if (message.finished) finish(from);
    } else if (message.type === 'failed') fail(from, message.error);
  }

  function progress(from: Run, message: Extract<FromWorker, { type: 'progress' }>): void {
    from.live = message;
    const record = store.get();
    if (!record) return;
    if (clock.monotonic() - from.persistedMs >= PERSIST_EVERY_MS) {
      from.persistedMs = clock.monotonic();
      store.setPosition(from.pass, message.position);
    }
    const day = new Date(message.nowMs).toISOString().slice(0, 10);
    const detail = `${day}, ${Math.round(message.requestsPerSecond)} requests/s`;
    from.activity.progress((message.nowMs - record.fromMs) / (record.toMs - record.fromMs || 1), detail);
    events.changed('replay');
  }

  function finish(from: Run): void {
    end(from);
    const record = store.get();
    if (record) store.setPosition(from.pass, { ms: record.toMs, sent: record.sent, failed: record.failed });
    store.setRunning(false);
    from.activity.done('Played to the end');
    events.changed('replay', 'overview');
    events.notice({
      level: 'success',
      title: 'The replay has played to the end',
      detail: record && `${record.sent} rows sent, ${record.labels} labels joined`,
      href: '/monitoring',
    });
  }

  function fail(from: Run, report: ErrorReport): void {
    end(from);
    error = report;
    store.setRunning(false);
    from.activity.failed(new LatheError(report.code, report.details));
    events.changed('replay', 'overview');
  }

  function end(from: Run): void {
    from.over = true;
    if (run === from) run = null;
  }

  /** Lets the thread finish what is under way, so that the position it leaves is exact. */
  async function halt(): Promise<Run | null> {
    const mine = run;
    if (!mine) return null;
    mine.thread.send({ type: 'stop' });
    const late = setTimeout(() => void mine.thread.terminate(), STOP_LIMIT_MS);
    await mine.thread.ended;
    clearTimeout(late);
    if (mine.over) return null;
    end(mine);
    return mine;
  }

  async function pause(): Promise<ReplayStatus> {
    const halted = await halt();
    store.setRunning(false);
    if (halted?.activity.signal.aborted)
      halted.activity.failed(new LatheError('LATHE_CANCELLED', { kind: 'replay' }));
    else halted?.activity.done('Paused');
    events.changed('replay', 'overview');
    return status();
  }

  /** Puts a dataset in place, paused at its beginning. */
  async function prepare(
    record: Omit<ReplayRecord, 'running' | 'sent' | 'failed' | 'labels' | 'pass' | 'speed'>,
  ) {
    await pause();
    const before = store.get();
    const speed = before?.speed ?? DEFAULT_SPEED;
    // Passes go on counting, or rows played again from another file would have ids that are taken.
    const pass = (before?.pass ?? 0) + 1;
    error = null;
    store.put({ ...record, pass, speed, running: false, sent: 0, failed: 0, labels: 0 });
    events.changed('replay', 'overview');
    return status();
  }

  const unwatchUrls = engineStatus.onUrls((urls) =>
    run?.thread.send({ type: 'url', url: urls.inferenceHttp }),
  );
  deps.onEndpoints(() => {
    const record = run && store.get();
    if (!run || !record || endpointOf(record)) return;
    const gone = run;
    void gone.thread.terminate();
    fail(gone, new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name: 'of the replay' }).report());
  });

  return {
    status,
    /** Goes on by itself when it was running as the last engine ended. */
    resume: (): Promise<void> =>
      inTurn(async () => {
        const record = store.get();
        if (!record?.running || run) return;
        try {
          play(record);
        } catch (thrown) {
          log.warn({ err: thrown }, 'the replay could not go on');
          store.setRunning(false);
        }
      }),
    start: (): Promise<ReplayStatus> =>
      inTurn(async () => {
        const record = store.get();
        if (!record) throw new LatheError('LATHE_NOT_FOUND', { kind: 'dataset', name: 'to replay' });
        if (!run && record.nowMs < record.toMs) play(record);
        return status();
      }),
    pause: (): Promise<ReplayStatus> => inTurn(pause),
    setSpeed: (speed: number): ReplayStatus => {
      store.setSpeed(speed);
      run?.thread.send({ type: 'speed', speed });
      events.changed('replay');
      return status();
    },
    rewind: (): Promise<ReplayStatus> =>
      inTurn(async () => {
        const wasRunning = run !== null;
        await pause();
        error = null;
        store.rewind();
        const record = store.get();
        if (wasRunning && record) play(record);
        events.changed('replay', 'overview');
        return status();
      }),
    prepare: (record: Parameters<typeof prepare>[0]): Promise<ReplayStatus> => inTurn(() => prepare(record)),
    useFile: (input: { uploadId: string; endpoint: string }): Promise<ReplayStatus> =>
      inTurn(async () => {
        const endpoint = deps.endpoints().find(({ name }) => name === input.endpoint);
        const version = endpoint?.arms[0]?.version;
        const inputs = endpoint && version !== undefined ? deps.inputs(endpoint.model, version) : null;
        if (!endpoint || !inputs)
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name: input.endpoint });
        const upload = await deps.uploads.take(input.uploadId);
        const name = basename(upload.fileName);
        try {
          const { shape, span } = await inspectFile(paths.bundles, upload.file, name);
          checkColumns(name, endpoint.name, shape.columns, inputs);
          const { sha256 } = await context.blobs.adopt(upload.file);
          const when = span
            ? { fromMs: span.firstMs, toMs: span.lastMs + 1 }
            : evenSpan(shape.rows, clock.now());
          return await prepare({
            endpointId: endpoint.id,
            source: name,
            blob: sha256,
            ...when,
            nowMs: when.fromMs,
            total: shape.rows,
          });
        } catch (thrown) {
          await upload.discard();
          throw thrown;
        }
      }),
    /** Ends the thread and leaves `running` as it is, so that the next engine goes on. */
    async close(): Promise<void> {
      closed = true;
      unwatchUrls();
      await inTurn(async () => {
        const halted = await halt();
        halted?.activity.done('Goes on when Lathe is opened again');
      });
      desk.close();
    },
  };
}

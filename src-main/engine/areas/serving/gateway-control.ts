/**
 * Keeps the gateway at the desired state: starts the processes, sends the whole state on every connect and
 * change, remembers what is observed, and hands logged predictions on. Whoever dies, the state is sent again.
 */
import type { FeedbackResult } from '../../../contract/ab-tests.ts';
import type { Pushed } from '../../../contract/business-metrics.ts';
import { LatheError, toErrorReport } from '../../../contract/errors.ts';
import type {
  BlockHeader,
  DesiredState,
  EngineToGateway,
  GatewayToEngine,
  ModelSpec,
} from '../../../platform/link.ts';
import { decodeBlocks, type TapBlock } from '../../../platform/tap-block.ts';
import type { AreaContext } from '../../context.ts';
import {
  type GatewayLink,
  linkPlaces,
  listenForGateway,
  recallPorts,
  rememberPorts,
  startMessages,
} from './gateway-link.ts';
import type { GatewayStats, GatewayStatus } from './serving.rules.ts';

export type ShadowReports = Extract<GatewayToEngine, { type: 'shadow' }>['reports'];
export type Tap = Omit<Extract<GatewayToEngine, { type: 'tap' }>, 'type' | 'blocks'> & { blocks: TapBlock[] };

export type GatewayControl = {
  /** `libraries`: see `useLibraries`. */
  start(libraries: readonly string[]): Promise<void>;
  /** Sends the state again, newly built. */
  apply(): void;
  /** Has what failed of a model tried again. A gateway that comes later tries it anyway. */
  retry(model: string): void;
  /**
   * Folders in which the runner's dynamic linker is to look first. They are read when it starts, so a runner with
   * others is replaced. Sends the state again either way.
   */
  useLibraries(folders: readonly string[]): void;
  status(): GatewayStatus | null;
  /** What is observed is of the state that was sent last. */
  isCurrent(): boolean;
  urls(): { http: string | null; grpc: string | null };
  /** Resolves when the gateway has said where it listens, or why not; or after `timeoutMs`. */
  waitListening(timeoutMs: number): Promise<void>;
  verifyModel(path: string, sha256: string): Promise<void>;
  /** This version is there only to be tried. */
  isTrial(key: string): boolean;
  close(): Promise<void>;
};

type Options = {
  build(revision: number, temporary: readonly ModelSpec[]): DesiredState;
  onStatus(): void;
  onStats(stats: GatewayStats): void;
  onShadow(reports: ShadowReports): void;
  /** A client of the protocol loaded or unloaded a model. */
  onRepository(model: string, loaded: boolean): void;
  /** Resolves once all of them are committed; asked again with the same ones when it rejects. They are in order. */
  onTaps(taps: readonly Tap[]): Promise<void>;
  /** Resolves once the feedback is committed; throws for items that are none. */
  onFeedback(items: readonly unknown[]): Promise<FeedbackResult[]>;
  /** The same for business metrics. */
  onMetrics(body: unknown): Promise<Pushed>;
};

const GATEWAY = 'gateway';
const RUNNER = 'runner:cpu-0';
const VERIFY_LIMIT_MS = 60_000;
const RETRY_COMMIT_MS = 1_000;

export function createGatewayControl(context: AreaContext, options: Options): GatewayControl {
  const { clock, host, log } = context;
  let link: GatewayLink | null = null;
  let status: GatewayStatus | null = null;
  let revision = 0;
  /** Counts connections: an acknowledgement is only for the gateway that sent the tap, as each counts from 1. */
  let connection = 0;
  let closed = false;
  let libraries: readonly string[] = [];
  let startRunner: (() => void) | null = null;
  /**
   * What port 0 means for the present gateway: any, or the one that the gateway before it picked, so that URLs
   * stay when it is restarted. Fixed for a gateway's life, or it would move each time the state is sent.
   */
  let ports = recallPorts(context.paths.run);
  const temporary = new Map<string, ModelSpec>();
  const watchers = new Set<() => void>();
  /** Taps that wait for the ones under way: they are committed together. */
  let waiting: { tap: Tap; from: number }[] = [];
  let committing: Promise<void> | null = null;

  const send = (message: EngineToGateway) => link?.send(message) ?? false;
  const observe = () => {
    options.onStatus();
    for (const watcher of [...watchers]) watcher();
  };

  function apply(): void {
    // The gateway may outlive this engine: its revisions must go on rising, hence the clock.
    revision = Math.max(revision + 1, clock.now());
    const state = options.build(revision, [...temporary.values()]);
    const { listen } = state;
    send({
      type: 'state',
      state: {
        ...state,
        listen: {
          ...listen,
          httpPort: listen.httpPort || ports.asked.http,
          grpcPort: listen.grpcPort || ports.asked.grpc,
        },
      },
    });
  }

  function keepPorts(next: typeof ports): void {
    if (JSON.stringify(next) === JSON.stringify(ports)) return;
    ports = next;
    rememberPorts(context.paths.run, ports);
  }

  function onStatus(next: GatewayStatus): void {
    status = next;
    const { http, grpc } = next.listening;
    keepPorts({ ...ports, last: { http: http ?? ports.last.http, grpc: grpc ?? ports.last.grpc } });
    // Whoever has the picked port now keeps it; a chosen one is waited for by the gateway itself.
    if (next.listenErrors.length > 0 && ports.asked.http + ports.asked.grpc > 0) {
      keepPorts({ ...ports, asked: { http: 0, grpc: 0 } });
      apply();
    }
    observe();
  }

  /** Acknowledged after commit. A commit that fails (a full disk) is tried again: the gateway keeps the rows. */
  async function commitWaiting(): Promise<void> {
    while (waiting.length > 0 && !closed) {
      const taken = waiting;
      waiting = [];
      const taps = taken.map(({ tap }) => tap);
      while (!closed) {
        try {
          await options.onTaps(taps);
          const own = taken.findLast(({ from }) => from === connection);
          if (own) send({ type: 'tap-ack', seq: own.tap.seq });
          break;
        } catch (thrown) {
          log.error({ err: thrown, chunks: taps.length }, 'predictions could not be saved yet');
          await new Promise((resolve) => setTimeout(resolve, RETRY_COMMIT_MS).unref());
        }
      }
    }
    committing = null;
  }

  function takeTap(message: Extract<GatewayToEngine, { type: 'tap' }>, body: Uint8Array): void {
    const { instance, seq, sampledOut } = message;
    let { dropped } = message;
    let blocks: TapBlock[] = [];
    try {
      blocks = decodeBlocks(message.blocks, body);
    } catch (thrown) {
      // Sent again it would be no better: its rows are lost, so that what comes after it is not held up.
      const rows = message.blocks.reduce((sum, block) => sum + rowsOf(block), 0);
      log.error({ err: thrown, seq, rows }, 'served rows that cannot be read are not counted');
      dropped += rows;
    }
    waiting.push({ tap: { instance, seq, dropped, sampledOut, blocks }, from: connection });
    committing ??= commitWaiting();
  }

  async function takeMetrics({ id, body }: Extract<GatewayToEngine, { type: 'metrics' }>): Promise<void> {
    const from = connection;
    const answer = await options.onMetrics(body).then(
      (pushed) => ({ type: 'metrics-done', id, pushed }) as const,
      (thrown: unknown) => {
        if (!(thrown instanceof LatheError)) log.error({ err: thrown }, 'business metrics could not be kept');
        return { type: 'metrics-failed', id, error: toErrorReport(thrown) } as const;
      },
    );
    if (from === connection) send(answer);
  }

  /** Answered after commit, and only to the gateway that asked. */
  async function takeFeedback({ id, items }: Extract<GatewayToEngine, { type: 'feedback' }>): Promise<void> {
    const from = connection;
    const answer = await options.onFeedback(items).then(
      (results) => ({ type: 'feedback-done', id, results }) as const,
      (thrown: unknown) => {
        if (!(thrown instanceof LatheError)) log.error({ err: thrown }, 'feedback could not be kept');
        return { type: 'feedback-failed', id, error: toErrorReport(thrown) } as const;
      },
    );
    if (from === connection) send(answer);
  }

  function onMessage(message: Exclude<GatewayToEngine, { type: 'hello' }>, body: Uint8Array): void {
    if (message.type === 'status') onStatus(message);
    else if (message.type === 'stats') options.onStats(message);
    else if (message.type === 'shadow') options.onShadow(message.reports);
    else if (message.type === 'repository') options.onRepository(message.model, message.loaded);
    else if (message.type === 'feedback') void takeFeedback(message);
    else if (message.type === 'metrics') void takeMetrics(message);
    else takeTap(message, body);
  }

  /** Waits for `look` to give a value; it is asked now and after everything that is observed. */
  function watch<T>(look: () => T | undefined, timeoutMs: number, late: () => LatheError): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(again);
        settle();
      };
      const again = () => {
        try {
          const value = look();
          if (value !== undefined) finish(() => resolve(value));
        } catch (thrown) {
          finish(() => reject(thrown));
        }
      };
      const timer = setTimeout(() => finish(() => reject(late())), timeoutMs);
      watchers.add(again);
      again();
    });
  }

  return {
    apply,
    retry: (model) => void send({ type: 'load', model }),
    useLibraries(folders) {
      const same = JSON.stringify(folders) === JSON.stringify(libraries);
      libraries = folders;
      if (same || !startRunner) {
        apply();
        return;
      }
      // Said only to the new one: on the old one the models could not be loaded where they are to run.
      void host.processes.stop(RUNNER).then(() => {
        if (closed) return;
        startRunner?.();
        apply();
      });
    },
    isTrial: (key) => temporary.has(key),
    status: () => status,
    isCurrent: () => status?.revision === revision,
    urls: () => ({
      http: urlOf(status?.listening.http ?? null),
      grpc: status?.listening.grpc == null ? null : `127.0.0.1:${status.listening.grpc}`,
    }),
    async start(folders) {
      libraries = folders;
      const places = linkPlaces(context.paths.run);
      const hear = {
        connected: (pid: number) => {
          log.info({ pid }, 'gateway connected');
          connection += 1;
          if (pid !== ports.pid) keepPorts({ ...ports, pid, asked: ports.last });
          apply();
        },
        message: onMessage,
        disconnected: () => {
          log.warn('gateway disconnected');
          status = null;
          if (!closed) observe();
        },
      };
      link = await listenForGateway(places, hear, log);
      const start = startMessages(places, context.paths.logs);
      if (places.fresh)
        await Promise.all(
          host.processes
            .list()
            .filter(({ id, state }) => (id === GATEWAY || id === RUNNER) && state !== 'stopped')
            .map(({ id }) => host.processes.stop(id)),
        );
      host.processes.ensure({ id: GATEWAY, entry: 'gateway', start: start.gateway });
      startRunner = () =>
        host.processes.ensure({ id: RUNNER, entry: 'runner', start: start.runner, libraries });
      startRunner();
    },
    waitListening: (timeoutMs) =>
      watch(
        () => (status && isSettled(status) ? true : undefined),
        timeoutMs,
        () => new LatheError('LATHE_INTERNAL', { reason: 'the inference gateway did not answer' }),
      ).then(
        () => undefined,
        (thrown: unknown) => log.error({ err: thrown }, 'starting without the gateway'),
      ),
    async verifyModel(path, sha256) {
      const model = `verify-${context.ids.next()}`;
      const key = `${model}@1`;
      const prediction = { label: null, score: null, threshold: 0.5 };
      const failed = (reason: string) =>
        new LatheError('LATHE_MODELS_LOAD_FAILED', { file: 'the file', reason });
      let runnerDied = false;
      const unlisten = host.processes.on((event) => {
        if (event.type !== 'died' || event.process.id !== RUNNER) return;
        runnerDied = true;
        for (const watcher of [...watchers]) watcher();
      });
      // Whether it loads is the question, not what its batches cost.
      const tuning = { maxBatchRows: 1 };
      const signature = { inputs: [], outputs: [], prediction };
      temporary.set(key, { key, model, version: '1', path, sha256, ...signature, tuning });
      apply();
      try {
        await watch(
          () => {
            const found = status?.models.find((state) => state.key === key);
            if (found?.state === 'ready') return true;
            if (found?.state === 'failed') throw fromReport(found.error) ?? failed('it did not say why');
            if (runnerDied) throw failed('the process that tried it stopped');
            return undefined;
          },
          VERIFY_LIMIT_MS,
          () => failed(`it took longer than ${VERIFY_LIMIT_MS / 1000} s`),
        );
      } finally {
        unlisten();
        temporary.delete(key);
        apply();
      }
    },
    async close() {
      closed = true;
      await Promise.all([host.processes.stop(GATEWAY), host.processes.stop(RUNNER)]);
      await link?.close();
      await committing;
    },
  };
}

/** As far as the header can be believed. */
const rowsOf = ({ rows }: BlockHeader): number => (Number.isSafeInteger(rows) && rows > 0 ? rows : 0);

const urlOf = (port: number | null): string | null => (port === null ? null : `http://127.0.0.1:${port}`);

const fromReport = (report: GatewayStatus['models'][number]['error']): LatheError | null =>
  report && new LatheError(report.code, report.details);

/** Each of the two ports listens or has said why not. */
const isSettled = ({ listening, listenErrors }: GatewayStatus): boolean =>
  Number(listening.http !== null) + Number(listening.grpc !== null) + listenErrors.length >= 2;

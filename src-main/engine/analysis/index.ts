/**
 * Door of the analysis process: queries over raw rows and files run there, so that neither their memory nor a crash
 * of theirs is the engine's. It is started with the first job and ends after a minute without one; a job that it takes
 * with it fails with LATHE_ANALYSIS_ENDED, and the next one starts another.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type ErrorDetails, isErrorCode, LatheError } from '../../contract/errors.ts';
import { readFrames, writeFrame } from '../../platform/frames.ts';
import type { HostPort } from '../../platform/host-port.ts';
import type { Logger } from '../../platform/log.ts';
import { databaseFile } from '../data/inspect.ts';
import type { AnalysisStart, FromAnalysis, ToAnalysis } from './protocol.ts';

export type { Cell, Duck } from './duck.ts';
export type { AnalysisJob, JobTools } from './protocol.ts';

export type JobOptions = {
  /** What its abort throws is what the caller gets. */
  signal?: AbortSignal | undefined;
  progress?(share: number, detail: string): void;
};

export type Analysis = {
  /** What the module at this URL makes of `input` (see AnalysisJob), and its large arrays. */
  run<Result>(job: string, input: unknown, options?: JobOptions): Promise<{ result: Result; body: Buffer }>;
  /** Ends the process, if there is one. Whatever it works on fails. */
  close(): Promise<void>;
};

/** Of the engine's Paths. */
type Folders = { root: string; logs: string; run: string };

type Waiting = JobOptions & {
  message: Extract<ToAnalysis, { type: 'run' }>;
  resolve(done: { result: unknown; body: Buffer }): void;
  reject(reason: unknown): void;
};
type Process = { id: string; nonce: string; socket: Socket | null };

/** More at once would only share the same cores and memory. */
const MOST_AT_ONCE = 2;
const IDLE_MS = 60_000;
const START_LIMIT_MS = 20_000;

/** URL of an area's jobs: the source file itself in tests, else what the build made of it. */
export const jobUrl = (from: string, source: string, bundles: string): string =>
  from.endsWith('.ts')
    ? new URL(`./${source}.ts`, from).href
    : pathToFileURL(join(bundles, 'engine', `${source}.js`)).href;

/** The same as a path, for worker threads. */
export const jobFile = (from: string, source: string, bundles: string): string =>
  fileURLToPath(jobUrl(from, source, bundles));

export function createAnalysis(
  context: { host: Pick<HostPort, 'processes'>; log: Logger; paths: Folders },
  idleMs = IDLE_MS,
): Analysis {
  const { host, log, paths } = context;
  const path = socketPath(paths.run);
  const temporary = join(paths.root, 'monitoring', '.tmp');
  const queue: Waiting[] = [];
  const running = new Map<number, Waiting>();
  let listening: Promise<Server> | null = null;
  let present: Process | null = null;
  let startTimer: NodeJS.Timeout | null = null;
  let idleTimer: NodeJS.Timeout | null = null;
  let starts = 0;
  let jobs = 0;
  let closed = false;

  const unlisten = host.processes.on((event) => {
    if (event.type !== 'state' || event.process.id !== present?.id || event.process.state !== 'stopped')
      return;
    const { code, signal } = event.process.lastExit ?? { code: null, signal: null };
    const how = signal ?? `exit code ${code}`;
    lost(
      present.socket
        ? new LatheError('LATHE_ANALYSIS_ENDED', { how })
        : new LatheError('LATHE_ANALYSIS_START', { reason: `it ended at once (${how})` }),
    );
  });

  /** What it worked on fails; what waits gets another process, unless none can be started. */
  function lost(reason: LatheError): void {
    present?.socket?.destroy();
    present = null;
    clearTimers();
    const failed = [...running.values()];
    if (reason.code !== 'LATHE_ANALYSIS_ENDED') failed.push(...queue.splice(0));
    running.clear();
    for (const job of failed) job.reject(reason);
    next();
  }

  function clearTimers(): void {
    if (startTimer) clearTimeout(startTimer);
    if (idleTimer) clearTimeout(idleTimer);
    startTimer = null;
    idleTimer = null;
  }

  async function start(): Promise<void> {
    const nonce = randomBytes(32).toString('hex');
    const process: Process = { id: `analysis:${++starts}`, nonce, socket: null };
    present = process;
    try {
      listening ??= listen();
      await listening;
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary, { recursive: true });
    } catch (thrown) {
      listening = null;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      lost(new LatheError('LATHE_ANALYSIS_START', { reason }, { cause: thrown }));
      return;
    }
    if (closed || present !== process) return;
    startTimer = setTimeout(() => {
      lost(new LatheError('LATHE_ANALYSIS_START', { reason: 'it did not answer in time' }));
      void host.processes.stop(process.id);
    }, START_LIMIT_MS);
    const message: AnalysisStart = {
      role: 'analysis',
      socket: path,
      nonce,
      logFile: join(paths.logs, 'analysis.log'),
      database: databaseFile(paths.root),
      temporary,
    };
    host.processes.ensure({ id: process.id, entry: 'analysis', start: message, once: true });
  }

  /** A socket file that a killed engine left would refuse the new one; the run folder is ours alone. */
  function listen(): Promise<Server> {
    if (globalThis.process.platform !== 'win32') rmSync(path, { force: true });
    const server = createServer(answer);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        if (globalThis.process.platform !== 'win32') chmodSync(path, 0o600);
        server.unref();
        resolve(server);
      });
    });
  }

  function answer(socket: Socket): void {
    let from: Process | null = null;
    socket.on('error', (error) => log.warn({ err: error }, 'analysis link'));
    readFrames<FromAnalysis>(socket, ({ header, body }) => {
      if (header.type === 'hello') {
        if (!present || present.socket || header.nonce !== present.nonce) {
          socket.destroy();
          return;
        }
        from = present;
        present.socket = socket;
        if (startTimer) clearTimeout(startTimer);
        startTimer = null;
        next();
      } else if (from === null || from !== present) socket.destroy();
      else hear(header, body);
    });
    socket.on('close', () => {
      // Its end is told by the host too, with how it ended; whichever comes later finds nothing to do.
      if (from !== null && from === present)
        setTimeout(() => {
          if (from === present) lost(new LatheError('LATHE_ANALYSIS_ENDED', { how: 'its connection broke' }));
        }, 500).unref();
    });
  }

  function hear(header: Exclude<FromAnalysis, { type: 'hello' }>, body: Buffer): void {
    const job = running.get(header.id);
    if (header.type === 'progress') {
      job?.progress?.(header.share, header.detail);
      return;
    }
    running.delete(header.id);
    if (job && header.type === 'done') job.resolve({ result: header.result, body });
    else if (job && header.type === 'failed')
      job.reject(errorOf(header.code, header.details, header.message));
    next();
  }

  function next(): void {
    if (closed) return;
    if (queue.length > 0 && !present) void start();
    while (present?.socket && queue.length > 0 && running.size < MOST_AT_ONCE) {
      const job = queue.shift() as Waiting;
      running.set(job.message.id, job);
      writeFrame(present.socket, job.message);
    }
    if (idleTimer) clearTimeout(idleTimer);
    idleTimer = null;
    if (present?.socket && running.size === 0 && queue.length === 0) {
      idleTimer = setTimeout(endIdle, idleMs);
      idleTimer.unref();
    }
  }

  function endIdle(): void {
    const idle = present;
    present = null;
    if (idle) void host.processes.stop(idle.id);
  }

  function cancel(job: Waiting): void {
    const { id } = job.message;
    const at = queue.indexOf(job);
    if (at >= 0) queue.splice(at, 1);
    else if (running.has(id) && present?.socket)
      writeFrame(present.socket, { type: 'cancel', id } satisfies ToAnalysis);
    // It keeps its place among the running ones until the process says that it is over.
    job.reject(job.signal?.reason);
  }

  return {
    run: <Result>(job: string, input: unknown, options: JobOptions = {}) =>
      new Promise<{ result: Result; body: Buffer }>((resolve, reject) => {
        if (closed) throw new LatheError('LATHE_ENGINE_UNAVAILABLE');
        options.signal?.throwIfAborted();
        const onAbort = () => cancel(waiting);
        const settle = () => options.signal?.removeEventListener('abort', onAbort);
        const waiting: Waiting = {
          ...options,
          message: { type: 'run', id: ++jobs, job, input },
          resolve(done) {
            settle();
            resolve(done as { result: Result; body: Buffer });
          },
          reject(reason) {
            settle();
            reject(reason);
          },
        };
        options.signal?.addEventListener('abort', onAbort);
        queue.push(waiting);
        next();
      }),
    async close() {
      if (closed) return;
      closed = true;
      unlisten();
      const last = present;
      lost(new LatheError('LATHE_ENGINE_UNAVAILABLE'));
      if (last) await host.processes.stop(last.id);
      const server = await listening?.catch(() => null);
      server?.close();
    },
  };
}

const errorOf = (code: string | null, details: ErrorDetails, message: string): LatheError =>
  isErrorCode(code) ? new LatheError(code, details) : new LatheError('LATHE_INTERNAL', { reason: message });

/** Windows has no socket files; a pipe's name carries the folder's, which is unique. */
const socketPath = (runFolder: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\lathe${runFolder.replaceAll(/[^A-Za-z0-9]/g, '-')}-analysis`
    : join(runFolder, 'analysis.sock');

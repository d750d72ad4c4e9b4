/**
 * Gateway and runner as real, supervised child processes, with this process in the engine's place on the
 * real socket. For tests and benches.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShadowReport } from '../../contract/serving-route.ts';
import { systemClock } from '../../platform/clock.ts';
import { readFrames, writeFrame } from '../../platform/frames.ts';
import type {
  ArmCounters,
  DesiredState,
  EndpointSpec,
  EngineToGateway,
  GatewayStart,
  GatewayToEngine,
  ModelSpec,
  Prediction,
  RunnerStart,
} from '../../platform/link.ts';
import {
  type ChildHandle,
  createSupervisor,
  type ProcessSpec,
  type Supervisor,
} from '../../platform/supervisor.ts';
import { decodeBlocks, loggedPredictions, type TapBlock } from '../../platform/tap-block.ts';

export type Second = Extract<GatewayToEngine, { type: 'stats' }>;
export type TapMessage = Extract<GatewayToEngine, { type: 'tap' }>;
export type Status = Extract<GatewayToEngine, { type: 'status' }>;

export type Stack = {
  /** Folder of this stack's sockets, logs and models. */
  folder: string;
  supervisor: Supervisor;
  status(): Status | null;
  /** Distinct predictions by id, in the order they came. */
  predictions(): Prediction[];
  /** Every tap frame that arrived, repeats included. */
  taps(): { seq: number; rows: number; dropped: number }[];
  stats(): ArmCounters[];
  /** The gateway's whole seconds, in the order they came. */
  seconds(): Second[];
  /** What was told last of each endpoint's shadow. */
  shadows(): ReadonlyMap<string, ShadowReport>;
  /** What clients of the protocol asked to be remembered. */
  asked(): { model: string; loaded: boolean }[];
  setAcknowledging(on: boolean): void;
  /** How the engine answers feedback; null leaves it unanswered. */
  onFeedback(answer: (id: number, items: unknown[]) => EngineToGateway | null): void;
  /** The same for business metrics. */
  onMetrics(answer: (id: number, body: unknown) => EngineToGateway | null): void;
  apply(state: Partial<DesiredState>): void;
  /** Writes the bytes as a blob and returns the spec that serves it. */
  model(model: string, version: string, bytes: Uint8Array, part?: Partial<ModelSpec>): ModelSpec;
  /** Cuts the gateway off and refuses it, as if the engine had been killed; `up` lets it in again. */
  engineDown(): Promise<void>;
  engineUp(): Promise<void>;
  pid(id: 'gateway' | 'runner'): number;
  url(path: string): string;
  close(): Promise<void>;
};

export const LIMITS = {
  maxBatchRows: 64,
  maxQueueDelayUs: 0,
  requestTimeoutMs: 10_000,
  maxBodyBytes: 8 * 1024 * 1024,
};

export const endpoint = (
  name: string,
  versions: readonly string[],
  part: Partial<EndpointSpec> = {},
): EndpointSpec => ({
  name,
  model: name,
  salt: 'salt',
  revision: 1,
  logging: false,
  arms: versions.map((version, at) => ({
    key: String.fromCharCode(97 + at),
    version,
    weight: at === 0 ? 10_000 : 0,
  })),
  ...part,
});

/**
 * Starts both processes. `runner: false` leaves the runner out, for tests that play it; `built` takes the bundles
 * of out/, as they ship.
 */
export async function startStack(
  options: {
    runner?: boolean;
    built?: boolean;
    /** Takes each tap instead of its rows being kept here; it is acknowledged when this resolves. */
    onTap?: (tap: TapMessage, blocks: () => TapBlock[]) => Promise<void>;
  } = {},
): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-inf-'));
  const nonce = 'a-nonce-for-this-test';
  const engineSocket = join(folder, 'e.sock');
  const runnerSocket = join(folder, 'r.sock');
  const seen = new Map<string, Prediction>();
  const taps: { seq: number; rows: number; dropped: number }[] = [];
  let stats: ArmCounters[] = [];
  const seconds: Second[] = [];
  const shadows = new Map<string, ShadowReport>();
  const asked: { model: string; loaded: boolean }[] = [];
  let status: Status | null = null;
  let acknowledging = true;
  let answerFeedback: Parameters<Stack['onFeedback']>[0] = () => null;
  let answerMetrics: Parameters<Stack['onMetrics']>[0] = () => null;
  let gateway: Socket | null = null;
  let server: Server | null = null;
  let state: DesiredState = {
    revision: 1,
    listen: { host: '127.0.0.1', httpPort: 0, grpcPort: -1 },
    limits: LIMITS,
    models: [],
    endpoints: [],
  };

  const send = (message: EngineToGateway) => gateway && writeFrame(gateway, message);
  const hear = (message: GatewayToEngine, body: Buffer) => {
    if (message.type === 'hello' && message.nonce !== nonce) gateway?.destroy();
    if (message.type === 'status') status = message;
    if (message.type === 'stats') {
      seconds.push(message);
      stats = stats.concat(message.arms);
    }
    if (message.type === 'shadow')
      for (const { endpoint, report } of message.reports) shadows.set(endpoint, report);
    if (message.type === 'repository') asked.push({ model: message.model, loaded: message.loaded });
    if (message.type === 'feedback') {
      const answer = answerFeedback(message.id, message.items);
      if (answer) send(answer);
    }
    if (message.type === 'metrics') {
      const answer = answerMetrics(message.id, message.body);
      if (answer) send(answer);
    }
    if (message.type === 'tap' && options.onTap) {
      const { seq } = message;
      const taken = options.onTap(message, () => decodeBlocks(message.blocks, body));
      void taken.then(() => send({ type: 'tap-ack', seq }));
    } else if (message.type === 'tap') {
      const { seq, dropped } = message;
      const blocks = decodeBlocks(message.blocks, body);
      taps.push({ seq, rows: blocks.reduce((sum, { rows }) => sum + rows, 0), dropped });
      for (const block of blocks)
        for (const prediction of loggedPredictions(block))
          if (!seen.has(prediction.id)) seen.set(prediction.id, prediction);
      if (acknowledging) send({ type: 'tap-ack', seq });
    }
  };
  const engineUp = async () => {
    server = createServer((socket) => {
      gateway = socket;
      socket.on('error', () => {});
      readFrames<GatewayToEngine>(socket, ({ header, body }) => hear(header, body));
      send({ type: 'state', state });
    });
    await new Promise<void>((resolve) => server?.listen(engineSocket, resolve));
  };
  const engineDown = async () => {
    const closing = server;
    server = null;
    await new Promise<void>((resolve) => {
      closing?.close(() => resolve());
      gateway?.destroy();
      gateway = null;
    });
  };
  await engineUp();

  const supervisor = createSupervisor((spec) => forkEntry(spec, options.built ?? false), systemClock);
  const logFile = (name: string) => join(folder, 'logs', `${name}.log`);
  const gatewayStart: GatewayStart = {
    role: 'gateway',
    engineSocket,
    runnerSocket,
    nonce,
    logFile: logFile('gateway'),
  };
  const runnerStart: RunnerStart = {
    role: 'runner',
    gatewaySocket: runnerSocket,
    nonce,
    device: 'cpu-0',
    logFile: logFile('runner'),
  };
  supervisor.ensure({ id: 'gateway', entry: 'gateway', start: gatewayStart });
  if (options.runner !== false) supervisor.ensure({ id: 'runner', entry: 'runner', start: runnerStart });
  await until('both processes run', () => supervisor.list().every((child) => child.state === 'running'));

  return {
    folder,
    supervisor,
    status: () => status,
    predictions: () => [...seen.values()],
    taps: () => taps,
    stats: () => stats,
    seconds: () => seconds,
    shadows: () => shadows,
    asked: () => asked,
    setAcknowledging(on) {
      acknowledging = on;
    },
    onFeedback(answer) {
      answerFeedback = answer;
    },
    onMetrics(answer) {
      answerMetrics = answer;
    },
    apply(part) {
      state = { ...state, ...part, revision: state.revision + 1 };
      send({ type: 'state', state });
    },
    model(model, version, bytes, part = {}) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const path = join(folder, 'blobs', sha256);
      mkdirSync(join(folder, 'blobs'), { recursive: true });
      writeFileSync(path, bytes);
      const prediction = { label: null, score: null, threshold: 0.5 };
      const key = `${model}@${version}`;
      return { key, model, version, path, sha256, inputs: [], outputs: [], prediction, ...part };
    },
    engineUp,
    engineDown,
    pid: (id) => supervisor.list().find((child) => child.id === id)?.pid ?? -1,
    url: (path) => `http://127.0.0.1:${status?.listening.http}${path}`,
    async close() {
      await supervisor.stopAll();
      await engineDown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Polls until it holds; throws with its name after `ms`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const endMs = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All models loaded (or failed), and the port open. */
export const settled = (stack: Stack, ms?: number): Promise<void> =>
  until(
    'models settle and the port opens',
    () => {
      const status = stack.status();
      return (
        status !== null &&
        status.listening.http !== null &&
        status.models.length > 0 &&
        status.models.every((model) => model.state === 'ready' || model.state === 'failed')
      );
    },
    ms,
  );

export const sampleFile = (path: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)));

function forkEntry(spec: ProcessSpec, built: boolean): ChildHandle {
  const file = built ? `../../../out/inference/${spec.entry}.js` : `../${spec.entry}/main.ts`;
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(entry, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    pid: child.pid,
    postMessage: (message) => {
      if (child.connected) child.send(message as object);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.on('exit', listener),
    kill: (signal) => child.kill(signal),
  };
}

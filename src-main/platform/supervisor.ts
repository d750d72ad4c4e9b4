/**
 * Keeps child processes alive. The one place for it: the hosts differ only in how they fork
 * (Electron utilityProcess or child_process), which they pass in.
 *
 * A child that dies is started again at once, then after 250 ms, 1 s, 2 s, 5 s; a child that has lived
 * 30 s starts over from the shortest pause. Six deaths within 30 s are a failure that a person must see.
 */
import type { Clock } from './clock.ts';

export type ChildHandle = {
  readonly pid: number | undefined;
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number | null, signal: string | null) => void): void;
  kill(signal?: 'SIGTERM' | 'SIGKILL'): void;
};

export type ProcessSpec = {
  /** Unique name, e.g. "gateway" or "runner:cpu-0". */
  id: string;
  /** Bundle to run: "engine", "gateway", "runner", "probe", "analysis". */
  entry: string;
  /** First message the child gets. Never secrets in argv or env, where other processes can read them. */
  start: unknown;
  /** Folders in which the dynamic linker looks before its own. */
  libraries?: readonly string[];
  /** It has one thing to do: however it ends, it is not started again, and is forgotten. */
  once?: boolean;
};

export type ProcessState = {
  id: string;
  state: 'starting' | 'running' | 'restarting' | 'failed' | 'stopped';
  pid: number | null;
  restarts: number;
  /** See ProcessSpec. */
  once?: boolean;
  startedMs: number | null;
  lastExit: { code: number | null; signal: string | null; atMs: number } | null;
};

export type SupervisorEvent =
  | { type: 'state'; process: ProcessState }
  | { type: 'died'; process: ProcessState; code: number | null; signal: string | null }
  | { type: 'message'; id: string; message: unknown };

export type Supervisor = {
  /** Starts the process, or keeps the running one of that id (its start message stays what it was). */
  ensure(spec: ProcessSpec): void;
  stop(id: string): Promise<void>;
  stopAll(): Promise<void>;
  send(id: string, message: unknown, transfer?: readonly unknown[]): boolean;
  list(): ProcessState[];
  on(listener: (event: SupervisorEvent) => void): () => void;
};

const TIMING = {
  /** Pause before the first, second, … start after a death. */
  backoffMs: [0, 250, 1_000, 2_000, 5_000] as readonly number[],
  /** A child that lived this long starts over; deaths are counted within the same span. */
  stableMs: 30_000,
  /** How long a child may take to end in order before it is killed. */
  stopGraceMs: 4_000,
  /** How long its end may take to be told after that. */
  afterKillMs: 1_000,
};
const MAX_DEATHS = 6;

type Entry = {
  spec: ProcessSpec;
  child: ChildHandle | null;
  state: ProcessState;
  deaths: number[];
  stopping: boolean;
  timer: NodeJS.Timeout | null;
  exited: (() => void)[];
};

/** `timing` is shortened by tests only. */
export function createSupervisor(
  fork: (spec: ProcessSpec) => ChildHandle,
  clock: Clock,
  timing: Partial<typeof TIMING> = {},
): Supervisor {
  const { backoffMs, stableMs, stopGraceMs, afterKillMs } = { ...TIMING, ...timing };
  const entries = new Map<string, Entry>();
  const listeners = new Set<(event: SupervisorEvent) => void>();
  const emit = (event: SupervisorEvent) => {
    for (const listener of listeners) listener(event);
  };
  const change = (entry: Entry, part: Partial<ProcessState>) => {
    entry.state = { ...entry.state, ...part };
    emit({ type: 'state', process: entry.state });
  };

  function launch(entry: Entry): void {
    entry.timer = null;
    const child = fork(entry.spec);
    entry.child = child;
    change(entry, { state: 'starting', pid: child.pid ?? null, startedMs: clock.now() });
    child.onMessage((message) => {
      if (entry.child !== child) return;
      if (isReady(message)) change(entry, { state: 'running', pid: child.pid ?? null });
      emit({ type: 'message', id: entry.spec.id, message });
    });
    child.onExit((code, signal) => {
      if (entry.child !== child) return;
      entry.child = null;
      exited(entry, code, signal);
    });
    child.postMessage({ type: 'start', start: entry.spec.start });
  }

  function exited(entry: Entry, code: number | null, signal: string | null): void {
    const atMs = clock.now();
    for (const done of entry.exited.splice(0)) done();
    if (entry.spec.once) entries.delete(entry.spec.id);
    if (entry.stopping || entry.spec.once) {
      change(entry, { state: 'stopped', pid: null, lastExit: { code, signal, atMs } });
      return;
    }
    const livedMs = atMs - (entry.state.startedMs ?? atMs);
    entry.deaths =
      livedMs >= stableMs ? [atMs] : [...entry.deaths.filter((at) => at > atMs - stableMs), atMs];
    const failed = entry.deaths.length >= MAX_DEATHS;
    entry.state = {
      ...entry.state,
      state: failed ? 'failed' : 'restarting',
      pid: null,
      restarts: entry.state.restarts + (failed ? 0 : 1),
      lastExit: { code, signal, atMs },
    };
    emit({ type: 'died', process: entry.state, code, signal });
    emit({ type: 'state', process: entry.state });
    if (failed) return;
    const pause = backoffMs[Math.min(entry.deaths.length - 1, backoffMs.length - 1)] ?? 0;
    entry.timer = setTimeout(() => launch(entry), pause);
  }

  async function stop(id: string): Promise<void> {
    const entry = entries.get(id);
    if (!entry) return;
    const isTold = entry.stopping;
    entry.stopping = true;
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    const child = entry.child;
    if (!child) {
      change(entry, { state: 'stopped', pid: null });
      return;
    }
    await new Promise<void>((resolve) => {
      // Electron does not always tell that a utility process has ended; quitting must not wait for it for ever.
      const untold = () => {
        if (entry.child !== child) return;
        entry.child = null;
        exited(entry, null, 'SIGKILL');
      };
      const kill = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
      const giveUp = setTimeout(untold, stopGraceMs + afterKillMs);
      entry.exited.push(() => {
        clearTimeout(kill);
        clearTimeout(giveUp);
        resolve();
      });
      if (!isTold) child.postMessage({ type: 'shutdown' });
    });
  }

  return {
    ensure(spec) {
      const present = entries.get(spec.id);
      if (present && !present.stopping && present.state.state !== 'failed') return;
      const state: ProcessState = {
        id: spec.id,
        state: 'starting',
        pid: null,
        restarts: 0,
        ...(spec.once ? { once: true } : {}),
        startedMs: null,
        lastExit: null,
      };
      const entry: Entry = { spec, child: null, state, deaths: [], stopping: false, timer: null, exited: [] };
      entries.set(spec.id, entry);
      launch(entry);
    },
    stop,
    async stopAll() {
      await Promise.all([...entries.keys()].map(stop));
    },
    send(id, message, transfer) {
      const child = entries.get(id)?.child;
      if (!child) return false;
      child.postMessage(message, transfer);
      return true;
    },
    list: () => [...entries.values()].map((entry) => entry.state),
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const isReady = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && (message as { type?: unknown }).type === 'ready';

/**
 * For tests only: a real AreaContext on a folder of its own, with the production migrations in a real SQLite
 * file, real blobs and real reader threads. What is not real says so in its name.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger } from '../platform/log.ts';
import {
  createSupervisor,
  type ProcessSpec,
  type Supervisor,
  type SupervisorEvent,
} from '../platform/supervisor.ts';
import { createAnalysis } from './analysis/index.ts';
import type { AreaContext } from './context.ts';
import { createBlobs } from './data/blobs.ts';
import { createGroupCommit } from './data/group-commit.ts';
import { databaseFile } from './data/inspect.ts';
import { createReaders } from './data/readers.ts';
import { openWorkspace, type Workspace } from './data/workspace.ts';
import { createEvents } from './events.ts';
import { createStatus } from './status.ts';

/** A clock that stands still until it is moved. `monotonic` moves with it. */
export type ManualClock = Clock & { advance(ms: number): void; set(ms: number): void };

export function manualClock(startMs = Date.UTC(2026, 0, 5, 12)): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    advance: (ms) => {
      nowMs += ms;
    },
    set: (ms) => {
      nowMs = ms;
    },
  };
}

/** Starts nothing: it remembers what was asked, and says what the test tells it to. */
export type StubHost = HostPort & {
  ensured: ProcessSpec[];
  stopped: string[];
  /** Kept in memory. */
  secretsKept: Map<string, string>;
  notified: Parameters<HostPort['notify']>[0][];
  emit(event: SupervisorEvent): void;
};

export function stubHost(kind: 'desktop' | 'headless' = 'headless'): StubHost {
  const listeners = new Set<(event: SupervisorEvent) => void>();
  const ensured: ProcessSpec[] = [];
  const stopped: string[] = [];
  const secretsKept = new Map<string, string>();
  const notified: StubHost['notified'] = [];
  return {
    capabilities: {
      kind,
      platform: process.platform,
      dialogs: kind === 'desktop',
      workspaces: kind === 'desktop',
      secrets: 'file',
      tray: false,
    },
    ensured,
    stopped,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    processes: {
      ensure: (spec) => void ensured.push(spec),
      stop: async (id) => void stopped.push(id),
      list: () => [],
      on(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    chooseWorkspace: async () => false,
    secretsKept,
    secrets: {
      set: async (name, value) => void secretsKept.set(name, value),
      get: async (name) => secretsKept.get(name) ?? null,
      remove: async (name) => void secretsKept.delete(name),
    },
    notified,
    notify: (notice) => void notified.push(notice),
  };
}

/** Really forks the analysis process, from source. */
export function analysisProcesses(): Supervisor {
  const entry = fileURLToPath(new URL('./analysis/main.ts', import.meta.url));
  return createSupervisor(() => {
    const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    return {
      pid: child.pid,
      postMessage: (message) => void (child.connected && child.send(message as object, () => {})),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.on('exit', listener),
      kill: (signal) => void child.kill(signal),
    };
  }, systemClock);
}

export type TestContext = AreaContext & {
  clock: ManualClock;
  host: StubHost;
  /** Of the analysis process, which is real and is started when a test needs it. */
  processes: Supervisor;
  workspace: Workspace;
  /** Closes everything and removes the folder. */
  close(): Promise<void>;
};

/** For monitoring without a raw log: nothing is masked, and what was moved is gone. */
export const noRawLog = { masked: () => new Set<string>(), features: async () => new Map() };

const repository = fileURLToPath(new URL('../../', import.meta.url));

export async function openTestContext(
  options: { clock?: ManualClock; host?: StubHost } = {},
): Promise<TestContext> {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-test-'));
  const clock = options.clock ?? manualClock();
  const host = options.host ?? stubHost();
  const ids = createIds(clock);
  const events = createEvents(clock);
  const root = join(folder, 'workspace');
  const workspace = await openWorkspace({ path: root, create: true, name: 'test', clock, ids });
  const writes = createGroupCommit(workspace.db);
  const bundles = join(repository, 'out');
  const readers = createReaders({ file: databaseFile(root), bundles, size: 1 });
  const paths = {
    root,
    logs: join(root, 'logs'),
    uploads: join(root, 'blobs', 'tmp'),
    run: join(folder, 'run'),
    resources: join(repository, 'resources'),
    bundles,
  };
  mkdirSync(paths.run, { mode: 0o700 });
  const log = createLogger('test', null);
  const processes = analysisProcesses();
  const analysis = createAnalysis({ host: { processes }, log, paths });
  return {
    db: workspace.db,
    writes,
    readers,
    blobs: createBlobs(root, workspace.db, clock, writes),
    events,
    status: createStatus(events),
    clock,
    ids,
    log,
    host,
    paths,
    analysis,
    processes,
    workspace,
    async close() {
      await analysis.close();
      await readers.close();
      await workspace.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

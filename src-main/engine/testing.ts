/**
 * For tests only: a real AreaContext on a folder of its own, with the production migrations in a real SQLite
 * file, real blobs and real reader threads. What is not real says so in its name.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger } from '../platform/log.ts';
import type { ProcessSpec, SupervisorEvent } from '../platform/supervisor.ts';
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

export type TestContext = AreaContext & {
  clock: ManualClock;
  host: StubHost;
  workspace: Workspace;
  /** Closes everything and removes the folder. */
  close(): Promise<void>;
};

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
  return {
    db: workspace.db,
    writes,
    readers,
    blobs: createBlobs(root, workspace.db, clock, writes),
    events,
    status: createStatus(events),
    clock,
    ids,
    log: createLogger('test', null),
    host,
    paths,
    workspace,
    async close() {
      await readers.close();
      await workspace.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

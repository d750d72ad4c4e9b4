/**
 * Door of the engine: everything a host needs to run one. It opens the workspace, answers the contract at once,
 * and then brings up what takes longer; closing goes the other way round.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import type { WebSocket } from 'ws';
import { contract } from '../contract/index.ts';
import type { Settings } from '../contract/settings.ts';
import type { Hello, Urls } from '../contract/workspace.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import type { Ids } from '../platform/ids.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createAnalysis } from './analysis/index.ts';
import { composeAreas } from './compose.ts';
import type { AreaContext } from './context.ts';
import { createBlobs, temporaryFolder } from './data/blobs.ts';
import { checkDatabase } from './data/check.ts';
import { startCheckpointer } from './data/checkpointer.ts';
import { createGroupCommit } from './data/group-commit.ts';
import { databaseFile } from './data/inspect.ts';
import { createReaders } from './data/readers.ts';
import { openWorkspace, type Workspace } from './data/workspace.ts';
import { createEvents } from './events.ts';
import { startMlflow } from './http/mlflow-service.ts';
import { createRpc, type RpcPort } from './rpc/index.ts';
import { serveRpcSocket } from './rpc/socket.ts';
import { makeRunFolder } from './run-folder.ts';
import { createStatus } from './status.ts';

export type { RpcPort } from './rpc/index.ts';

export type StartEngineOptions = {
  /** The workspace folder. */
  workspace: string;
  /** Make it when the folder has none. */
  create: boolean;
  /** Display name of a new workspace. */
  name?: string | undefined;
  /** Put the sample in, once. */
  sample: boolean;
  host: HostPort;
  clock: Clock;
  ids: Ids;
  /** Of the program. */
  version: string;
  /** Folder of the read-only files that ship with the app. */
  resources: string;
  /** Folder of the built bundles. */
  bundles: string;
  /** Ports chosen on the command line, before what Settings say; 0 picks a free one. */
  ports?: Partial<Settings['ports']>;
  /** By default <workspace>/logs/engine.log. */
  logger?: Logger;
};

export type Engine = {
  hello(): Hello;
  upgradePort(port: RpcPort): void;
  upgradeWebSocket(ws: WebSocket): void;
  /** Resolved when every port listens or has said why not (see `services`); never rejected. */
  ready: Promise<{ urls: Urls }>;
  onUrlsChanged(listener: (urls: Urls) => void): () => void;
  /** The headless host says where it serves the UI. */
  setUiUrl(url: string): void;
  close(): Promise<void>;
};

/** Rejects with a LATHE_WORKSPACE_* error, and leaves the folder as it was, when the workspace cannot be used. */
export async function startEngine(options: StartEngineOptions): Promise<Engine> {
  const startedMs = options.clock.now();
  const { workspace: path, create, name, clock, ids } = options;
  const workspace = await openWorkspace({ path, create, name, clock, ids });
  try {
    return await runEngine(options, workspace, startedMs);
  } catch (thrown) {
    await workspace.close();
    throw thrown;
  }
}

async function runEngine(
  options: StartEngineOptions,
  workspace: Workspace,
  startedMs: number,
): Promise<Engine> {
  const { clock, host, version } = options;
  const runFolder = await makeRunFolder(workspace.lock.leftover?.run);
  const context = createContext(options, workspace, runFolder);
  const { log, status } = context;
  const checkpointer = startCheckpointer(workspace.db, {
    file: databaseFile(workspace.root),
    bundles: options.bundles,
    log,
  });
  const areas = composeAreas(context, {
    version,
    instanceId: options.ids.next(),
    startedMs,
    workspace,
    sample: options.sample,
    ports: options.ports ?? {},
  });
  const rpc = createRpc(implement(contract).router(areas.router), { root: workspace.root, log, clock });
  const socket = await serveRpcSocket(runFolder, rpc, log);
  // One after the other: of two at once the older could be the last to take the file's name.
  let told: Promise<void> = Promise.resolve();
  const tellHolder = () => {
    told = told
      .catch(() => {})
      .then(() =>
        workspace.lock.describe({
          pid: process.pid,
          sinceMs: startedMs,
          host: host.capabilities.kind,
          run: runFolder,
          urls: status.urls(),
        }),
      );
    return told;
  };
  await tellHolder();
  const unwatchUrls = status.onUrls(() => {
    tellHolder().catch((thrown: unknown) => log.warn({ err: thrown }, 'lock.json could not be written'));
  });
  log.info({ version, workspace: workspace.root, ms: clock.now() - startedMs }, 'engine answers');

  const mlflow = startMlflow(context, areas.ports().mlflow, areas.mlflow);
  const started = areas
    .start()
    .catch((thrown: unknown) => log.error({ err: thrown }, 'starting the areas failed'));
  if (workspace.unclean) void checkDatabase(context);

  let closing: Promise<void> | null = null;
  async function closeAll(): Promise<void> {
    await rpc.close();
    await socket.close();
    await mlflow.close();
    await areas.close();
    await context.analysis.close();
    await context.readers.close();
    await checkpointer.close();
    unwatchUrls();
    log.info('engine closes');
    log.flush();
    await workspace.close();
    await rm(runFolder, { recursive: true, force: true });
  }

  return {
    hello: areas.hello,
    upgradePort: rpc.upgradePort,
    upgradeWebSocket: rpc.upgradeWebSocket,
    ready: Promise.all([mlflow.settled, started]).then(() => ({ urls: status.urls() })),
    onUrlsChanged: status.onUrls,
    setUiUrl: (ui) => status.setUrls({ ui }),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function createContext(options: StartEngineOptions, workspace: Workspace, run: string): AreaContext {
  const { clock, ids, host, resources, bundles } = options;
  const { root, db } = workspace;
  const logs = join(root, 'logs');
  const events = createEvents(clock);
  const writes = createGroupCommit(db);
  const log = options.logger ?? createLogger('engine', join(logs, 'engine.log'));
  const paths = { root, logs, uploads: temporaryFolder(root), run, resources, bundles };
  return {
    db,
    writes,
    readers: createReaders({ file: databaseFile(root), bundles }),
    blobs: createBlobs(root, db, clock, writes),
    events,
    status: createStatus(events),
    clock,
    ids,
    log,
    host,
    paths,
    analysis: createAnalysis({ host, log, paths }),
  };
}

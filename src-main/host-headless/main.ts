/** The headless host: the engine in this process, the same UI for a browser on this machine. */
import { join } from 'node:path';
import { LatheError } from '../contract/errors.ts';
import type { Urls } from '../contract/workspace.ts';
import { type Engine, startEngine } from '../engine/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createSecretFile, PLAIN } from '../platform/secret-file.ts';
import { createSupervisor } from '../platform/supervisor.ts';
import { forkChild } from './processes.ts';
import { ensureToken } from './token.ts';
import { serveUi } from './ui-server.ts';

export type HeadlessOptions = {
  workspace: string;
  /** Make the workspace where there is none. */
  create: boolean;
  sample: boolean;
  version: string;
  /** Folder that holds `sample/`. */
  resources: string;
  /** The `out` folder with the built bundles. */
  bundles: string;
  /** 0 picks a free port. */
  uiPort: number;
  ports: { inferenceHttp?: number; inferenceGrpc?: number; mlflow?: number };
  /** Address to listen on; anything but loopback needs `proxyName`. */
  host: string;
  /** `name[:port]` under which a reverse proxy, which must do TLS, serves this UI. */
  proxyName: string | null;
};

export type HeadlessServer = {
  urls: Urls;
  token: string;
  workspace: string;
  close(): Promise<void>;
};

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Resolves when the UI and every port answers. Rejects with a LatheError, leaving nothing running. */
export async function serveHeadless(options: HeadlessOptions): Promise<HeadlessServer> {
  if (!LOOPBACK.has(options.host) && options.proxyName === null)
    throw new LatheError('LATHE_HOST_BIND_REFUSED', { host: options.host });
  let log: Logger | null = null;
  const supervisor = createSupervisor((spec) => {
    // Made with the first child, when the engine has found the folder to be a workspace; never before.
    log ??= createLogger('host', join(options.workspace, 'logs', 'host.log'));
    return forkChild(options.bundles, log, spec);
  }, systemClock);
  const engine = await startEngine({
    workspace: options.workspace,
    create: options.create,
    sample: options.sample,
    host: hostPort(supervisor, options.workspace),
    clock: systemClock,
    ids: createIds(systemClock),
    version: options.version,
    resources: options.resources,
    bundles: options.bundles,
    ports: options.ports,
  });
  const closeEngine = async () => {
    // The engine first, so that it can take what the gateway still has.
    await engine.close();
    await supervisor.stopAll();
  };
  try {
    return await withUi(options, engine, closeEngine);
  } catch (thrown) {
    await closeEngine();
    throw thrown;
  }
}

async function withUi(
  options: HeadlessOptions,
  engine: Engine,
  closeEngine: () => Promise<void>,
): Promise<HeadlessServer> {
  const { path: workspace } = engine.hello().workspace;
  const token = await ensureToken(workspace);
  const ui = await serveUi({
    root: join(options.bundles, 'renderer'),
    token,
    host: options.host,
    port: options.uiPort,
    proxyName: options.proxyName,
    onClient: engine.upgradeWebSocket,
  });
  engine.setUiUrl(ui.url);
  const { urls } = await engine.ready;
  return {
    urls: { ...urls, ui: ui.url },
    token,
    workspace,
    async close() {
      await Promise.all([ui.close(), closeEngine()]);
    },
  };
}

function hostPort(processes: HostPort['processes'], workspace: string): HostPort {
  return {
    capabilities: {
      kind: 'headless',
      platform: process.platform,
      dialogs: false,
      workspaces: false,
      secrets: 'file',
      tray: false,
    },
    processes,
    chooseWorkspace: () =>
      Promise.reject(
        new LatheError('LATHE_HOST_UNSUPPORTED', { reason: 'a browser tab has no folder dialog' }),
      ),
    secrets: createSecretFile(join(workspace, 'run', 'secrets.json'), PLAIN),
    // The page shows what the engine has to say; there is no desktop to show it on.
    notify: () => {},
  };
}

/** For tests only: a whole engine on a host that really starts gateway and runner, from source, supervised. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../contract/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import { createIds } from '../platform/ids.ts';
import { createSecretFile, PLAIN } from '../platform/secret-file.ts';
import { type ChildHandle, createSupervisor, type ProcessSpec } from '../platform/supervisor.ts';
import { type Engine, startEngine } from './index.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const inference = join(repository, 'src-main', 'inference');

type RealHost = HostPort & {
  pidOf(id: string): number;
  stopAll(): Promise<void>;
};

function forkFromSource(spec: ProcessSpec): ChildHandle {
  const folder = spec.entry === 'analysis' ? join(repository, 'src-main', 'engine') : inference;
  const child = fork(join(folder, spec.entry, 'main.ts'), { serialization: 'advanced', stdio: 'ignore' });
  return {
    pid: child.pid,
    postMessage: (message) => void (child.connected && child.send(message as object)),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: (signal) => void child.kill(signal),
  };
}

function realHost(workspace: string): RealHost {
  const supervisor = createSupervisor(forkFromSource, systemClock);
  return {
    capabilities: {
      kind: 'headless',
      platform: process.platform,
      dialogs: false,
      workspaces: false,
      secrets: 'file',
      tray: false,
    },
    processes: {
      ensure: supervisor.ensure,
      stop: supervisor.stop,
      list: supervisor.list,
      on: supervisor.on,
    },
    chooseWorkspace: async () => false,
    secrets: createSecretFile(join(workspace, 'run', 'secrets.json'), PLAIN),
    notify: () => {},
    pidOf(id) {
      const pid = supervisor.list().find((process) => process.id === id)?.pid;
      if (!pid) throw new Error(`${id} is not running`);
      return pid;
    },
    stopAll: supervisor.stopAll,
  };
}

export type TestEngine = {
  engine: Engine;
  host: RealHost;
  /** The contract over a real MessagePort, as the window has it. */
  api: ContractRouterClient<Contract>;
  close(): Promise<void>;
};

export async function openTestEngine(
  workspace: string,
  options: { sample?: boolean; ports?: Parameters<typeof startEngine>[0]['ports'] } = {},
): Promise<TestEngine> {
  const host = realHost(workspace);
  const engine = await startEngine({
    workspace,
    create: true,
    sample: options.sample ?? false,
    host,
    clock: systemClock,
    ids: createIds(systemClock),
    version: '0.0.0',
    resources: join(repository, 'resources'),
    bundles: join(repository, 'out'),
    ports: options.ports ?? {},
  });
  const { port1, port2 } = new MessageChannel();
  engine.upgradePort(port2);
  port1.start();
  return {
    engine,
    host,
    api: createORPCClient(new RPCLink({ port: port1 })),
    async close() {
      port1.close();
      await engine.close();
      await host.stopAll();
    },
  };
}

/** How long an empty Node process takes where nothing else runs, generously. */
const QUIET_START_MS = 80;

/**
 * How many times slower than a quiet machine this one is right now, at least 1: by the slowest of five
 * empty Node processes. A limit in seconds is about the program, not about what else its machine does.
 */
export async function slowness(): Promise<number> {
  let worstMs = QUIET_START_MS;
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
    worstMs = Math.max(worstMs, performance.now() - begin);
  }
  return worstMs / QUIET_START_MS;
}

/** Asks until the answer is good, at most `limitMs`. Returns how long it took, in ms. */
export async function until(
  what: string,
  good: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<number> {
  const begin = performance.now();
  for (;;) {
    if (await good()) return performance.now() - begin;
    if (performance.now() - begin > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

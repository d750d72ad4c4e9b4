/** For tests only: a host that really starts gateway and runner, from source, under the real supervisor. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../platform/clock.ts';
import type { HostPort } from '../../../platform/host-port.ts';
import { type ChildHandle, createSupervisor, type ProcessSpec } from '../../../platform/supervisor.ts';

const inference = fileURLToPath(new URL('../../../inference/', import.meta.url));

export type RealHost = HostPort & {
  pidOf(id: string): number;
  stopAll(): Promise<void>;
};

function forkFromSource(spec: ProcessSpec): ChildHandle {
  const child = fork(`${inference}${spec.entry}/main.ts`, { serialization: 'advanced', stdio: 'ignore' });
  return {
    pid: child.pid,
    postMessage: (message) => void (child.connected && child.send(message as object)),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: (signal) => void child.kill(signal),
  };
}

export function realHost(): RealHost {
  const supervisor = createSupervisor(forkFromSource, systemClock);
  return {
    capabilities: {
      kind: 'headless',
      platform: process.platform,
      dialogs: false,
      workspaces: false,
      secrets: 'none',
      tray: false,
    },
    processes: {
      ensure: supervisor.ensure,
      stop: supervisor.stop,
      list: supervisor.list,
      on: supervisor.on,
    },
    chooseWorkspace: async () => false,
    pidOf(id) {
      const pid = supervisor.list().find((process) => process.id === id)?.pid;
      if (!pid) throw new Error(`${id} is not running`);
      return pid;
    },
    stopAll: supervisor.stopAll,
  };
}

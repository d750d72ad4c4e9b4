/**
 * The engine on the desktop: runs in a utility process, makes the HostPort out of messages to main, and gives
 * each MessagePort that arrives to the engine as a client.
 */
import { enableCompileCache } from 'node:module';
import { LatheError, toErrorReport } from '../contract/errors.ts';
import { type Engine, type RpcPort, startEngine } from '../engine/index.ts';
import { connectParent } from '../platform/child.ts';
import { systemClock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import { createIds } from '../platform/ids.ts';
import type { ProcessState, SupervisorEvent } from '../platform/supervisor.ts';
import type { EngineStart, EngineToHost, HostToEngine, SecretAsk } from './engine-messages.ts';

const parent = connectParent();
const tell = (message: EngineToHost) => parent.postMessage(message);
const host = createHostPort();
let engine: Engine | null = null;
let isEnding = false;

parent.onMessage((raw, ports) => {
  const message = raw as HostToEngine;
  switch (message.type) {
    case 'start':
      void start(message.start);
      return;
    case 'client':
      connect(ports[0] as RpcPort | undefined);
      return;
    case 'shutdown':
      void end();
      return;
    default:
      host.heard(message);
  }
});
parent.onDisconnect(() => void end());
// Since Electron 37 an unhandled rejection in a utility process only warns; a broken engine must not go on.
process.on('unhandledRejection', (reason) => {
  throw reason;
});

async function start(given: EngineStart): Promise<void> {
  enableCompileCache();
  host.port.capabilities = given.capabilities;
  try {
    engine = await startEngine({
      workspace: given.workspace,
      create: given.create,
      sample: given.sample,
      host: host.port,
      clock: systemClock,
      ids: createIds(systemClock),
      version: given.version,
      resources: given.resources,
      bundles: given.bundles,
      ports: given.ports,
    });
  } catch (thrown) {
    tell({ type: 'startup-failed', report: toErrorReport(thrown) });
    return;
  }
  tell({ type: 'ready' });
}

function connect(port: RpcPort | undefined): void {
  if (engine && port) engine.upgradePort(port);
  else port?.close();
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await engine?.close();
  process.exit(0);
}

/** The host as the engine sees it, fed by main's messages. */
function createHostPort() {
  const listeners = new Set<(event: SupervisorEvent) => void>();
  const states = new Map<string, ProcessState>();
  const choices = new Map<number, (chosen: boolean) => void>();
  let lastChoice = 0;
  const asked = new Map<number, { resolve(value: string | null): void; reject(error: LatheError): void }>();
  let lastAsk = 0;
  const secret = (ask: SecretAsk): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const id = ++lastAsk;
      asked.set(id, { resolve, reject });
      tell({ type: 'secret', id, ask });
    });

  const port = {
    capabilities: {
      kind: 'desktop',
      platform: process.platform,
      dialogs: false,
      workspaces: false,
      secrets: 'none',
      tray: false,
    } as HostPort['capabilities'],
    processes: {
      ensure: (spec) => tell({ type: 'ensure', spec }),
      stop(id) {
        const present = states.get(id);
        if (!present || present.state === 'stopped') return Promise.resolve();
        return new Promise((resolve) => {
          const off = this.on((event) => {
            if (event.type !== 'state' || event.process.id !== id || event.process.state !== 'stopped')
              return;
            off();
            resolve();
          });
          tell({ type: 'stop', id });
        });
      },
      list: () => [...states.values()],
      on(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    chooseWorkspace(mode) {
      const id = ++lastChoice;
      return new Promise<boolean>((resolve) => {
        choices.set(id, resolve);
        tell({ type: 'choose', id, mode });
      });
    },
    secrets: {
      set: async (name, value) => void (await secret({ do: 'set', name, value })),
      get: (name) => secret({ do: 'get', name }),
      remove: async (name) => void (await secret({ do: 'remove', name })),
    },
    notify: (notice) => tell({ type: 'notify', notice }),
  } satisfies HostPort;

  return {
    port,
    heard(message: Exclude<HostToEngine, { type: 'start' | 'client' | 'shutdown' }>): void {
      if (message.type === 'processes') {
        for (const each of message.processes)
          states.set(each.id, each.id === 'engine' ? { ...each, state: 'running', pid: process.pid } : each);
      } else if (message.type === 'chosen') {
        choices.get(message.id)?.(message.chosen);
        choices.delete(message.id);
      } else if (message.type === 'secret-done') {
        const waiting = asked.get(message.id);
        asked.delete(message.id);
        if (message.error) waiting?.reject(new LatheError(message.error.code, message.error.details));
        else waiting?.resolve(message.value);
      } else {
        if (message.event.type !== 'message') {
          const { process: told } = message.event;
          if (told.once && told.state === 'stopped') states.delete(told.id);
          else states.set(told.id, told);
        }
        for (const listener of listeners) listener(message.event);
      }
    },
  };
}

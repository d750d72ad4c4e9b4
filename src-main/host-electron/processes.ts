/** Forks utility processes for the supervisor. The only place that starts a process on the desktop. */
import { join } from 'node:path';
import { MessageChannelMain, type MessagePortMain, utilityProcess } from 'electron';
import { hermeticEnvironment, withLibraries } from '../platform/environment.ts';
import type { Logger } from '../platform/log.ts';
import type { ChildHandle, ProcessSpec } from '../platform/supervisor.ts';

const BUNDLES: Readonly<Record<string, string>> = {
  engine: 'host-electron/engine.js',
  gateway: 'inference/gateway.js',
  runner: 'inference/runner.js',
  probe: 'inference/probe.js',
  analysis: 'engine/analysis.js',
};

/** `bundles` is the `out` folder; inside a packaged app it is in the archive. */
export function createFork(bundles: string, log: Logger): (spec: ProcessSpec) => ChildHandle {
  return (spec) => {
    const bundle = BUNDLES[spec.entry];
    if (!bundle) throw new Error(`no bundle named ${spec.entry}`);
    const child = utilityProcess.fork(join(bundles, bundle), [], {
      serviceName: `lathe-${spec.id}`,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withLibraries(hermeticEnvironment(process.env), spec.libraries),
    });
    // Electron 43 crashes, and all of Lathe with it, when postMessage() of a utility process is called after its pipe has
    // closed and before `exit` is told. A port of its own takes messages to nobody in silence, so that only this first one,
    // which waits until the process is up, goes the other way.
    const { port1, port2 } = new MessageChannelMain();
    child.postMessage(null, [port2]);
    // What a dying process says last is often the only reason there is.
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => log.warn({ process: spec.id }, chunk.toString().trimEnd()));
    return {
      get pid() {
        return child.pid;
      },
      postMessage: (message, transfer = []) => port1.postMessage(message, transfer as MessagePortMain[]),
      onMessage: (listener) => child.on('message', listener),
      onExit: (listener) =>
        child.on('exit', (code) => {
          port1.close();
          const signal = signalOf(code);
          listener(signal === null ? code : null, signal);
        }),
      kill: (signal) => {
        if (child.pid === undefined) return;
        try {
          process.kill(child.pid, signal ?? 'SIGTERM');
        } catch {
          // It ended by itself meanwhile.
        }
      },
    };
  };
}

const SIGNALS: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** Electron tells a signal as the exit code of its number, and none of our processes exits with these itself. */
const signalOf = (code: number): string | null =>
  process.platform === 'win32' ? null : (SIGNALS[code] ?? null);

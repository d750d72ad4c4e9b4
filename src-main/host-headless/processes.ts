/** Forks plain Node processes for the supervisor, with a clean environment and no debugger flags. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { hermeticEnvironment, withLibraries } from '../platform/environment.ts';
import type { Logger } from '../platform/log.ts';
import type { ChildHandle, ProcessSpec } from '../platform/supervisor.ts';

const BUNDLES: Readonly<Record<string, string>> = {
  gateway: 'inference/gateway.js',
  runner: 'inference/runner.js',
  probe: 'inference/probe.js',
  analysis: 'engine/analysis.js',
};

export function forkChild(bundles: string, log: Logger, spec: ProcessSpec): ChildHandle {
  const bundle = BUNDLES[spec.entry];
  if (!bundle) throw new Error(`no bundle named ${spec.entry}`);
  const child = fork(join(bundles, bundle), [], {
    execArgv: [],
    env: withLibraries(hermeticEnvironment(process.env), spec.libraries),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // What a dying process says last is often the only reason there is.
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => log.warn({ process: spec.id }, chunk.toString().trimEnd()));
  return {
    get pid() {
      return child.pid;
    },
    postMessage(message) {
      // A child that is ending has closed its channel; its exit is heard on its own.
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => child.on('message', listener),
    onExit(listener) {
      child.on('exit', listener);
      child.on('error', (error) => log.error({ process: spec.id, error: error.message }, 'a process failed'));
    },
    kill: (signal) => child.kill(signal),
  };
}

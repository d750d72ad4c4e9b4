/** The command itself: what it prints goes through and is kept, signals reach it, and its end is told. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutputLog } from './output-log.ts';

export type Ended = {
  /** As a shell tells it: 128 and the signal's number for one that a signal ended. */
  exitCode: number;
  signal: NodeJS.Signals | null;
};

export type Signals = {
  /** The last one that came for us. */
  received(): NodeJS.Signals | null;
  forwardTo(kill: (signal: NodeJS.Signals) => void): void;
  release(): void;
};

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** A grandchild that lives on may hold the pipes. */
const DRAIN_MS = 2_000;

/**
 * Takes the signals that would end us; what came before there was a child reaches it when there is one. At a terminal
 * Ctrl+C goes to the whole group, the child included: passing SIGINT on would be a second one.
 */
export function takeSignals(isTerminal = process.stdin.isTTY === true): Signals {
  let last: NodeJS.Signals | null = null;
  let kill: ((signal: NodeJS.Signals) => void) | null = null;
  const handlers = FORWARDED.map((signal) => {
    const handler = () => {
      last = signal;
      const delivered = isTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!delivered) kill?.(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    received: () => last,
    forwardTo(next) {
      kill = next;
      if (last) next(last);
    },
    release() {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}

/** Rejects when it cannot be started. */
export async function runChild(
  argv: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; log: OutputLog; signals: Signals },
): Promise<Ended> {
  const { cwd, env, log, signals } = options;
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env, stdio: ['inherit', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve([code, signal]));
  });
  passOn(child.stdout, process.stdout, log);
  passOn(child.stderr, process.stderr, log);
  signals.forwardTo((signal) => void child.kill(signal));
  const [code, signal] = await ended;
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0), signal };
}

/** As fast as the reader of our output takes it. One that is gone (`| head`) does not end the run. */
function passOn(source: Readable, target: Writable, log: OutputLog): void {
  let isGone = false;
  target.on('error', () => {
    isGone = true;
    source.resume();
  });
  source.on('data', (part: Buffer) => {
    log.write(part);
    if (isGone || target.write(part)) return;
    source.pause();
    target.once('drain', () => source.resume());
  });
}

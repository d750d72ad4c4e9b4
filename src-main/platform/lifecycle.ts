/** How gateway, runner and analysis live as children: started by a message, ended in order, never outliving the parent. */
import { connectParent } from './child.ts';
import { createLogger, type Logger } from './log.ts';

export type Running = { close(): Promise<void> };

/** Shorter than the supervisor's patience, so that an orderly end is never cut short by a SIGKILL. */
const CLOSE_LIMIT_MS = 3_000;

/** Runs `begin` on the start message and answers `ready` once it has returned. */
export function runAsChild<Start extends { role: string; logFile: string }>(
  role: Start['role'],
  begin: (start: Start, log: Logger) => Promise<Running>,
): void {
  const parent = connectParent();
  let log: Logger | null = null;
  let running: Promise<Running> | null = null;
  let ending = false;

  const exit = (code: number): never => {
    log?.flush();
    process.exit(code);
  };
  const die = (error: unknown) => {
    log?.fatal({ err: error }, 'uncaught');
    exit(1);
  };
  const end = (why: string) => {
    if (ending) return;
    ending = true;
    log?.info({ why }, 'ending');
    setTimeout(() => exit(0), CLOSE_LIMIT_MS).unref();
    Promise.resolve(running)
      .then((present) => present?.close())
      .then(() => exit(0), die);
  };
  const start = (message: Start) => {
    log = createLogger(role, message.logFile);
    running = begin(message, log);
    running.then(() => {
      log?.info({ role }, 'ready');
      parent.postMessage({ type: 'ready' });
    }, die);
  };

  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  process.on('SIGTERM', () => end('SIGTERM'));
  // Ctrl-C reaches the whole group; the parent decides when its children end.
  process.on('SIGINT', () => {});
  parent.onDisconnect(() => exit(0));
  parent.onMessage((message) => {
    if (isMessage(message, 'shutdown')) end('shutdown');
    else if (isMessage(message, 'start') && running === null) {
      const wanted = (message as { start?: Start }).start;
      if (wanted?.role === role) start(wanted);
    }
  });
}

const isMessage = (message: unknown, type: string): boolean =>
  typeof message === 'object' && message !== null && (message as { type?: unknown }).type === type;

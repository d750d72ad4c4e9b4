/** Keeps a service listening where the settings say, and says why when it cannot. */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { Logger } from '../../platform/log.ts';

export type OpenPort = { port: number; close(): Promise<void> };

export type ListeningPort = {
  /** Moves to another address; the same one again changes nothing. A negative port closes it. */
  set(host: string, port: number): void;
  /** The real port, also when 0 was asked for; null while not listening. */
  port(): number | null;
  error(): ErrorReport | null;
  close(): Promise<void>;
};

const RETRY_MS = 2_000;

/** `service` is what the user calls it, for the error. */
export function keepListening(
  service: string,
  open: (host: string, port: number) => Promise<OpenPort>,
  log: Logger,
  changed: () => void,
): ListeningPort {
  let wanted: { host: string; port: number } | null = null;
  let current: OpenPort | null = null;
  let error: ErrorReport | null = null;
  let timer: NodeJS.Timeout | null = null;
  /** One change at a time, in order. */
  let work: Promise<void> = Promise.resolve();

  const tryOpen = async (target: { host: string; port: number }) => {
    if (wanted !== target || current) return;
    try {
      current = await open(target.host, target.port);
      error = null;
      log.info({ service, host: target.host, port: current.port }, 'listening');
    } catch (thrown) {
      const next = listenError(service, target.port, thrown);
      if (error?.cause !== next.cause) log.warn({ service, cause: next.cause }, 'cannot listen');
      error = next;
      timer = setTimeout(() => enqueue(() => tryOpen(target)), RETRY_MS);
    }
    changed();
  };

  const shut = async () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const closing = current;
    current = null;
    await closing?.close();
  };

  const enqueue = (step: () => Promise<void>) => {
    work = work.then(step).catch((thrown: unknown) => log.error({ err: thrown, service }, 'listening'));
  };

  return {
    set(host, port) {
      if (wanted && wanted.host === host && wanted.port === port) return;
      const target = { host, port };
      wanted = target;
      enqueue(async () => {
        await shut();
        error = null;
        if (port >= 0) await tryOpen(target);
        else changed();
      });
    },
    port: () => current?.port ?? null,
    error: () => error,
    close() {
      wanted = null;
      enqueue(shut);
      return work;
    },
  };
}

function listenError(service: string, port: number, thrown: unknown): ErrorReport {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return new LatheError('LATHE_SERVING_PORT_IN_USE', { port, service }).report();
  const reason = `${service} cannot listen on port ${port} (${code ?? String(thrown)})`;
  return new LatheError('LATHE_INTERNAL', { reason }).report();
}

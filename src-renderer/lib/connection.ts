/**
 * Keeps one connection to the engine alive and gives calls a stable way over it. A call made while
 * there is none waits up to five seconds; one that was under way when the connection broke fails with
 * LATHE_ENGINE_UNAVAILABLE, because nobody can know whether it was carried out.
 */
import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { RpcError, reportOf, unavailable } from './errors.ts';
import type { Connection, Transport } from './transport.ts';

export type ConnectionState = 'connecting' | 'online' | 'reconnecting';
export type ConnectionStatus = {
  state: ConnectionState;
  /** Nothing answers yet, or something does and is asked what it is. */
  phase: 'opening' | 'greeting' | 'done';
  hello: Hello | null;
  /** Goes up with every new connection, so that subscriptions know to start again. */
  epoch: number;
  /** The engine answering now is not the process that answered before. */
  restarted: boolean;
  sinceMs: number;
};

export type ConnectionManager = ClientLink<ClientContext> & {
  status(): ConnectionStatus;
  subscribe(listener: () => void): () => void;
  /** Drops the present connection and tries again at once. */
  retry(): void;
  close(): void;
};

export type ConnectionOptions = {
  transport: Transport;
  /** How long a call made while offline waits for a connection. */
  patienceMs?: number;
  /** Waits between attempts; the last one repeats. */
  backoffMs?: readonly number[];
  now?: () => number;
};

const BACKOFF_MS = [50, 150, 300, 600, 1_000, 2_000] as const;

export function createConnection(options: ConnectionOptions): ConnectionManager {
  const { transport, patienceMs = 5_000, backoffMs = BACKOFF_MS, now = Date.now } = options;
  const listeners = new Set<() => void>();
  const waiting = new Set<() => void>();
  let status: ConnectionStatus = {
    state: 'connecting',
    phase: 'opening',
    hello: null,
    epoch: 0,
    restarted: false,
    sinceMs: now(),
  };
  let connection: Connection | null = null;
  let attempt = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let ended = false;

  const set = (patch: Partial<ConnectionStatus>) => {
    const changed = patch.state !== undefined && patch.state !== status.state;
    status = { ...status, ...patch, ...(changed ? { sinceMs: now() } : {}) };
    for (const listener of listeners) listener();
  };

  async function connect() {
    attempt = new AbortController();
    const mine = attempt;
    let opened: Connection | null = null;
    const lost = () => {
      if (ended || mine !== attempt) return;
      mine.abort();
      connection = null;
      set({ phase: 'opening', ...(status.state === 'online' ? { state: 'reconnecting' } : {}) });
      clearTimeout(timer);
      timer = setTimeout(connect, backoffMs[Math.min(failures++, backoffMs.length - 1)]);
    };
    try {
      opened = await transport(lost, mine.signal);
      set({ phase: 'greeting' });
      // A link that cannot say hello is no connection yet.
      const hello = (await opened.link.call(['workspace', 'hello'], undefined, {
        context: {},
        signal: AbortSignal.any([mine.signal, AbortSignal.timeout(patienceMs)]),
      })) as Hello;
      if (ended || mine !== attempt || mine.signal.aborted) return opened.close();
      connection = opened;
      failures = 0;
      const restarted = status.hello !== null && status.hello.instanceId !== hello.instanceId;
      set({ state: 'online', phase: 'done', hello, epoch: status.epoch + 1, restarted });
      for (const go of waiting) go();
    } catch {
      opened?.close();
      lost();
    }
  }

  /** Resolves with a live connection, or rejects once patience or the caller's signal ends. */
  function live(signal: AbortSignal | undefined): Promise<Connection> {
    if (connection) return Promise.resolve(connection);
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(limit);
        waiting.delete(go);
        signal?.removeEventListener('abort', abort);
      };
      const fail = (reason: unknown) => {
        done();
        reject(reason);
      };
      const go = () => {
        if (!connection) return;
        done();
        resolve(connection);
      };
      const abort = () => fail(signal?.reason);
      const limit = setTimeout(() => fail(new RpcError(unavailable())), patienceMs);
      waiting.add(go);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  void connect();
  return {
    async call(path: readonly string[], input: unknown, callOptions: ClientOptions<ClientContext>) {
      const used = await live(callOptions.signal);
      try {
        return await used.link.call(path, input, callOptions);
      } catch (error) {
        if (callOptions.signal?.aborted) throw callOptions.signal.reason;
        throw new RpcError(connection === used ? reportOf(error) : unavailable());
      }
    },
    status: () => status,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry() {
      clearTimeout(timer);
      failures = 0;
      const old = connection;
      connection = null;
      attempt.abort();
      if (status.state === 'online') set({ state: 'reconnecting' });
      void connect();
      old?.close();
    },
    close() {
      ended = true;
      clearTimeout(timer);
      attempt.abort();
      connection?.close();
      connection = null;
    },
  };
}

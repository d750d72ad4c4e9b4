/** Live subscriptions: event iterators of the contract, started again whenever the connection is new. */
import { useEffect, useRef, useState } from 'react';
import { type Rpc, rpc, useConnection } from './rpc.ts';

type Open<T> = (rpc: Rpc, signal: AbortSignal) => Promise<AsyncIterable<T>>;

/**
 * Calls `onValue` for each event for as long as the component lives.
 * `key` names the subscription: another key is another subscription, null is none.
 */
export function useLive<T>(key: string | null, open: Open<T>, onValue: (value: T) => void): void {
  const { epoch, state } = useConnection();
  const latest = useRef({ open, onValue });
  latest.current = { open, onValue };
  const online = state === 'online';

  // biome-ignore lint/correctness/useExhaustiveDependencies: epoch changes with each new connection.
  useEffect(() => {
    if (key === null || !online) return;
    const abort = new AbortController();
    listen(abort.signal, latest.current.open, (value) => latest.current.onValue(value));
    return () => abort.abort();
  }, [key, online, epoch]);
}

/** Keeps the newest `limit` events, oldest first; a new key empties it. */
export function useLiveBuffer<T>(
  key: string | null,
  open: Open<T>,
  limit: number,
  seed: readonly T[] = [],
): T[] {
  const [buffer, setBuffer] = useState<{ key: string | null; values: T[] }>({ key, values: [] });
  useLive(key, open, (value) =>
    setBuffer((old) => ({ key, values: [...(old.key === key ? old.values : []), value].slice(-limit) })),
  );
  const values = buffer.key === key ? buffer.values : [];
  return [...seed, ...values].slice(-limit);
}

const AGAIN_MS = 1_000;

async function listen<T>(signal: AbortSignal, open: Open<T>, onValue: (value: T) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const value of await open(rpc, signal)) {
        if (signal.aborted) return;
        onValue(value);
      }
    } catch {
      // The connection's own state tells the user; here it only means to try again.
    }
    if (!signal.aborted) await pause(AGAIN_MS, signal);
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

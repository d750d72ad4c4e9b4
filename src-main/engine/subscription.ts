/** A listener as an async iterator, for live routes: it ends, and lets go of its source, when the client leaves. */

/**
 * Listens at once, not at the first `next`, so nothing falls between the answer and the first read. A client
 * that reads slower than events come loses the oldest beyond `limit`.
 */
export function subscription<T>(
  listen: (push: (value: T) => void) => () => void,
  signal: AbortSignal | undefined,
  limit = 256,
): AsyncIteratorObject<T, void, unknown> {
  const buffer: T[] = [];
  let waiting: ((result: IteratorResult<T, void>) => void) | null = null;
  let ended = false;

  const unlisten = listen((value) => {
    if (ended) return;
    if (waiting) {
      waiting({ done: false, value });
      waiting = null;
      return;
    }
    buffer.push(value);
    if (buffer.length > limit) buffer.shift();
  });
  const end = () => {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', end);
    unlisten();
    buffer.length = 0;
    waiting?.({ done: true, value: undefined });
    waiting = null;
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });

  return {
    next() {
      const value = buffer.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    return() {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(reason) {
      end();
      return Promise.reject(reason);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      end();
    },
  };
}

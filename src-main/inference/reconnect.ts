/** A client connection to a local socket that is made again, for ever, with a short back-off. */
import { connect, type Socket } from 'node:net';

export type Reconnecting = {
  /** The present connection, or null while there is none. */
  socket(): Socket | null;
  close(): void;
};

const PAUSES_MS = [25, 50, 100, 200, 400] as const;

export function keepConnected(
  path: string,
  on: { up(socket: Socket): void; down(error: Error | null): void },
): Reconnecting {
  let socket: Socket | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let failures = 0;

  const open = () => {
    timer = null;
    const next = connect(path);
    let lastError: Error | null = null;
    let up = false;
    next.on('connect', () => {
      up = true;
      failures = 0;
      socket = next;
      on.up(next);
    });
    next.on('error', (error) => {
      lastError = error;
    });
    next.on('close', () => {
      if (socket === next) socket = null;
      if (up) on.down(lastError);
      if (closed) return;
      const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 400;
      failures += 1;
      timer = setTimeout(open, pause);
    });
  };
  open();

  return {
    socket: () => socket,
    close() {
      closed = true;
      if (timer) clearTimeout(timer);
      socket?.end();
      socket?.destroySoon();
    },
  };
}
